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
    %% Rather the expanded records too: what the linter passes by, the compiler would meet.
    try
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

-spec damaged(iodata()) -> no_return().
damaged(Why) ->
    throw({damaged, ["this beam is damaged: ", Why]}).
