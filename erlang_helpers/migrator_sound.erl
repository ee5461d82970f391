%% Whether a beam is what a compiler writes, asked where the work on it came to an exception: then it is looked for whose
%% fault that was. OTP's own linter and loader judge; nothing of the beam is loaded or run.
-module(migrator_sound).

-export([check/1]).

%% Throws what is wrong with the file; whatever else stands in the place of a beam is not judged.
-spec check(binary()) -> ok.
check(<<First:4/binary, _/binary>> = Beam) when First =:= <<"FOR1">>; binary_part(First, 0, 2) =:= <<31, 139>> ->
    #{module := Module, plain := Plain} = Opened = migrator_beam:chunks_only(Beam),
    case migrator_beam:chunk(<<"Dbgi">>, Opened) of
        none -> ok;
        _ -> forms(try migrator_beam:open(Beam) catch throw:{no_debug_info, _} -> #{} end)
    end,
    case erlang:prepare_loading(Module, Plain) of
        {error, Why} -> damaged(io_lib:format("Erlang would not load it (~tp)", [Why]));
        _ -> ok
    end;
check(_) ->
    ok.

forms(#{forms := Forms, options := Options, compile_info := Info, attr := Attributes}) ->
    proper(Options) andalso proper(Info) andalso proper(Attributes) orelse damaged("its options or attributes are no list of terms"),
    [damaged("its debug info holds what is no form") || not proper(Forms) orelse not lists:all(fun is_tuple/1, Forms)],
    [damaged(io_lib:format("its ~w is no text", [Key])) || {Key, Value} <- Info, Key =:= version orelse Key =:= source, not text(Value)],
    [damaged("its debug info names a file that is no text") || {attribute, _, file, File} <- Forms, not place(File)],
    named(Forms) orelse damaged("its debug info holds a name that is no atom"),
    %% What the linter passes by, the compiler would meet.
    try
        _ = [erl_parse:map_anno(fun(Anno) -> true = erl_anno:is_anno(Anno), Anno end, Form) || Form <- Forms],
        %% The printer accepts no atom that is none, as the linter does.
        _ = [iolist_size(unicode:characters_to_binary(erl_pp:form(Form))) || Form <- Forms],
        _ = erl_expand_records:module(Forms, []),
        erl_lint:module(Forms)
    of
        {error, _, _} -> damaged("its debug info is no module that compiles");
        _ -> ok
    catch
        throw:Thrown -> throw(Thrown);
        _:_ -> damaged("its debug info holds what is no form")
    end;
forms(_) ->
    ok.

proper(List) ->
    try length(List) of _ -> true catch error:badarg -> false end.

%% Whether what stands where a form has a name is one: neither the linter nor the printer asks.
named({Kind, _, Name}) when Kind =:= atom; Kind =:= var -> is_atom(Name);
named({attribute, _, record, Record}) ->
    case Record of
        {Name, Fields} -> is_atom(Name) andalso proper(Fields) andalso named(Fields);
        _ -> false
    end;
named({attribute, _, Name, Value}) -> is_atom(Name) andalso named(Value);
named({Kind, _, Name, Types}) when Kind =:= type; Kind =:= user_type -> is_atom(Name) andalso named(Types);
named({typed_record_field, Field, Type}) -> is_tuple(Field) andalso named(Field) andalso named(Type);
named({record_field, _, Field}) -> named_field(Field);
named({record_field, _, Field, Value}) -> named_field(Field) andalso named(Value);
named(Tuple) when is_tuple(Tuple) -> named(tuple_to_list(Tuple));
named([Head | Tail]) -> named(Head) andalso named(Tail);
named(_) -> true.

named_field({Kind, _, Name}) when Kind =:= atom; Kind =:= var -> is_atom(Name);
named_field(_) -> false.

place({File, Line}) -> text(File) andalso is_integer(Line);
place(_) -> false.

text(Value) ->
    try is_binary(unicode:characters_to_binary(Value)) catch error:_ -> false end.

-spec damaged(iodata()) -> no_return().
damaged(Why) ->
    throw({damaged, ["this beam is damaged: ", Why]}).
