%% An entry of a lock file, read as if it were the beam that it was made of: forms with the records and types that it tells,
%% and, laid over what these give, the facts that need the module's code. Its text is parsed, and nothing of it is evaluated.
-module(migrator_locked).

-export([is_entry/1, open/1, facts/2]).

-define(MARK, "%% migrator lock ").

%% The first line of what stands in the place of a beam: ?MARK, then {Line, File, Path, Folder}. as a term, Line that of the
%% entry's first line, Folder the place of the modules beside it.
-spec is_entry(binary()) -> boolean().
is_entry(<<?MARK, _/binary>>) -> true;
is_entry(_) -> false.

%% As migrator_beam:open/1, as far as reading needs it. Throws {locked, Text} where the entry does not say what one says.
-spec open(binary()) -> map().
open(<<?MARK, Content/binary>>) ->
    ok = migrator_bounds:text(<<"text">>, Content),
    [First, Text] = binary:split(Content, <<"\n">>),
    [{_, {Line, File, Path, Folder}}] = terms(characters(First, "", 1), 1, ""),
    All = terms(characters(Text, File, Line), Line, File),
    %% What the modules beside it declare is read in the place of their beams.
    Terms = lists:takewhile(fun({_, {neighbour, _, _}}) -> false; (_) -> true end, All),
    {Module, Vsn} = case Terms of
        [{_, {module, Name, Version}} | _] when is_atom(Name) -> {Name, Version};
        _ -> wrong(File, Line, "an entry begins with {module, NAME, VSN}")
    end,
    Empty = #{file => File, record => none, records => [], others => [], defaults => #{}, carried => #{}, beside => []},
    Read = lists:foldl(fun(Term, Acc) -> term(Term, Acc) end, Empty, tl(Terms)),
    #{records := Records, others := Others} = Read,
    Forms = [{attribute, 1, file, {File, 1}}, {attribute, Line, module, Module}]
        ++ lists:reverse(Others)
        ++ [Form || Record <- lists:reverse(Records), Form <- declared(Record)],
    maps:merge(Read, #{forms => Forms, options => [], attr => [], compile_info => [], md5 => erlang:md5(Text), vsn => Vsn, path => Path, folder => Folder}).

declared({At, Record, Fields}) -> [{attribute, At, record, {Record, lists:reverse(Fields)}}];
declared({At, Record, Fields, private}) -> [{attribute, At, native_record, {Record, lists:reverse(Fields)}}];
declared({At, Record, Fields, exported}) -> declared({At, Record, Fields, private}) ++ [{attribute, At, export_record, [Record]}].

%% The pairs that `read` made of the forms, with what the entry says itself.
-spec facts([{atom(), term()}], map()) -> [{atom(), term()}].
facts(Pairs, #{vsn := Vsn, path := Path, folder := Folder, carried := Carried, defaults := Defaults, beside := Beside} = Read) ->
    {records, Records} = lists:keyfind(records, 1, Pairs),
    Told = [{Name, File, Line, [field(Name, Field, Defaults, Read) || Field <- Fields]} || {Name, File, Line, Fields} <- Records],
    Whole = maps:merge(maps:map(fun carried/2, Carried), #{vsn => Vsn, records => Told}),
    [{path, migrator_text:text(Path)}, {folder, migrator_text:text(Folder)}, {beside, lists:usort(Beside)}
     | maps:to_list(maps:merge(maps:from_list(Pairs), Whole))].

carried(_, {each, Elements}) -> lists:reverse(Elements);
carried(_, {fact, Value}) -> Value.

field(_, {_, _, none, _} = Field, _, _) ->
    Field;
field(Record, {Name, Line, Default, Type}, Defaults, #{file := File}) ->
    [Text, _, _, _, _ | More] = tuple_to_list(Default),
    Extra = maps:get({Record, Name}, Defaults),
    Expanded = case Extra of
        #{expanded := Chars} -> migrator_text:text(Chars);
        #{} -> Text
    end,
    Plain = expression(unicode:characters_to_list(Expanded), Line, File),
    Missing = migrator_otp:missing(migrator_expr:remote_calls(Plain)),
    Facts = [Text, Expanded, migrator_expr:constant(Plain, #{}), maps:get(calls, Extra, []), Missing | maps:get(more, Extra, More)],
    {Name, Line, list_to_tuple(Facts), Type}.

%% --- the terms of an entry ---

term({Line, {Key, Value}}, #{others := Others} = Read)
        when Key =:= behaviour; Key =:= state_record; Key =:= state_type; Key =:= state_callback ->
    Read#{others => [{attribute, Line, Key, Value} | Others]};
term({_, {checksum, _}}, Read) ->
    Read;
term({Line, {record, Name}}, #{records := Records} = Read) when is_atom(Name) ->
    Read#{records => [{Line, Name, []} | Records]};
term({Line, {native_record, Name, Access}}, #{records := Records} = Read) when is_atom(Name), Access =:= private orelse Access =:= exported ->
    Read#{records => [{Line, Name, [], Access} | Records]};
term({Line, {field, Text}}, Read) ->
    term({Line, {field, Text, []}}, Read);
term({Line, {field, Text, Extra}}, #{records := [Declared | Records], defaults := Defaults, file := File} = Read)
        when is_list(Extra) ->
    Record = element(2, Declared),
    case form(["-record(r, {", Text, "})."], Line, File) of
        {attribute, _, record, {r, [Field]}} ->
            Read#{records => [setelement(3, Declared, [Field | element(3, Declared)]) | Records],
                  defaults => Defaults#{{Record, field_name(Field)} => extra(Extra, Line, Read)}};
        _ ->
            wrong(File, Line, "this is not one field")
    end;
term({Line, {type, Text}}, #{others := Others, file := File} = Read) ->
    case form(["-type ", Text, "."], Line, File) of
        {attribute, _, type, {Name, Type, Parameters}} ->
            Read#{others => [{attribute, Line, type, {Name, Type, Parameters}} | Others]};
        _ ->
            wrong(File, Line, "this is not one type")
    end;
term({Line, {beside, Modules}}, #{beside := Beside} = Read) ->
    [unknown(Line, {beside, Modules}, Read) || not is_list(Modules) orelse not lists:all(fun erlang:is_atom/1, Modules)],
    Read#{beside => Modules ++ Beside};
term({_, {each, Key, Element}}, #{carried := Carried} = Read) when is_atom(Key) ->
    {each, Elements} = maps:get(Key, Carried, {each, []}),
    Read#{carried => Carried#{Key => {each, [Element | Elements]}}};
term({_, {fact, Key, Value}}, #{carried := Carried} = Read) when is_atom(Key) ->
    Read#{carried => Carried#{Key => {fact, Value}}};
term({Line, Term}, Read) ->
    unknown(Line, Term, Read).

extra([{expanded, Text} | Rest], Line, Read) -> (extra(Rest, Line, Read))#{expanded => Text};
extra([{calls, Calls} | Rest], Line, Read) when is_list(Calls) -> (extra(Rest, Line, Read))#{calls => Calls};
extra([{more, More} | Rest], Line, Read) when is_list(More) -> (extra(Rest, Line, Read))#{more => More};
extra([], _, _) -> #{};
extra(Other, Line, Read) -> unknown(Line, Other, Read).

field_name({typed_record_field, Field, _}) -> field_name(Field);
field_name({record_field, _, {atom, _, Name}}) -> Name;
field_name({record_field, _, {atom, _, Name}, _}) -> Name.

-spec unknown(pos_integer(), term(), map()) -> no_return().
unknown(Line, Term, #{file := File}) ->
    wrong(File, Line, io_lib:format("nothing is known of ~tP", [Term, 6])).

%% --- text ---

characters(Text, File, Line) ->
    case unicode:characters_to_list(Text) of
        Characters when is_list(Characters) -> Characters;
        _ -> wrong(File, Line, "this is not UTF-8")
    end.

%% Each with the line on which it begins.
terms(Characters, Line, File) ->
    [{erl_scan:line(hd(Tokens)), parsed(erl_parse:parse_term(Tokens), File)} || Tokens <- sentences(scanned(Characters, Line, File, []))].

sentences([]) ->
    [];
sentences(Tokens) ->
    case lists:splitwith(fun(Token) -> element(1, Token) =/= dot end, Tokens) of
        {Sentence, [Dot | Rest]} -> [Sentence ++ [Dot] | sentences(Rest)];
        {Unfinished, []} -> [Unfinished]
    end.

form(Text, Line, File) ->
    Characters = text([Text, $\n], File, Line),
    migrator_otp:either(fun(Options) -> parsed(erl_parse:parse_form(scanned(Characters, Line, File, Options)), File) end).

expression(Characters, Line, File) ->
    case migrator_otp:either(fun(Options) -> parsed(erl_parse:parse_exprs(scanned(Characters ++ ".\n", Line, File, Options)), File) end) of
        [Expr] -> Expr;
        _ -> wrong(File, Line, "this is not one expression")
    end.

%% What should be text may be anything.
text(Chars, File, Line) ->
    try unicode:characters_to_list(Chars) of
        Characters when is_list(Characters) -> Characters;
        _ -> wrong(File, Line, "this is not text")
    catch
        error:_ -> wrong(File, Line, "this is not text")
    end.

%% A string of several lines stands in one line of the lock.
scanned(Characters, Line, File, Options) ->
    case erl_scan:string(Characters, Line, Options) of
        {ok, Tokens, _} -> Tokens;
        {error, {At, _, What}, _} -> wrong(File, At, erl_scan:format_error(What))
    end.

parsed({ok, Parsed}, _) -> Parsed;
parsed({error, {Line, _, What}}, File) -> wrong(File, Line, erl_parse:format_error(What)).

-spec wrong(string(), erl_anno:line(), iodata()) -> no_return().
wrong(File, Line, What) ->
    throw({locked, io_lib:format("~ts:~w: ~ts", [File, Line, What])}).
