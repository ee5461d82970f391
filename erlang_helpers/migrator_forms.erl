%% Our edits on a module's forms, and how they are taken out again.
%%
%% What an edited module looks like; all else in it is as it was, but for the renamed functions:
%%
%%     -module(m).
%%     -export([...]).                 % only where something is exported
%%     -state_migrated([...]).
%%     ... the module's own forms ...
%%     -file("our file", 1).           % only where there are functions of ours
%%     ... our functions ...
-module(migrator_forms).

-export([eject/1, migrated/1, edit/2, ours/1, uses/1]).

-export_type([migrated/0]).

-type name() :: {atom(), arity()}.
-type migrated() :: none | #{term := term(), renamed := [{name(), atom()}], exported := [name()], file := string() | none}.

%% The forms without our migration.
-spec eject([term()]) -> [term()].
eject(Forms) ->
    case migrated(Forms) of
        none ->
            Forms;
        #{exported := Exported, renamed := Renamed, file := File} ->
            Own = without_functions(File, without_attributes(Exported, Forms)),
            rename(Own, [{{New, Arity}, Name} || {{Name, Arity}, New} <- Renamed])
    end.

%% What the attribute says of what we did to these forms.
-spec migrated([term()]) -> migrated().
migrated(Forms) ->
    case [Term || {attribute, _, state_migrated, Term} <- Forms] of
        [] -> none;
        [Term] -> parts(Term);
        _ -> not_ours("it stands in the module more than once")
    end.

parts(Term) ->
    is_proper(Term) orelse not_ours("it is no list"),
    Part = fun(Key, Default) -> proplists:get_value(Key, [Pair || {_, _} = Pair <- Term], Default) end,
    Renamed = Part(renamed, []),
    Exported = Part(exported, []),
    all(fun({{Name, Arity}, New}) -> is_atom(Name) andalso is_integer(Arity) andalso is_atom(New); (_) -> false end, Renamed)
        orelse not_ours("what it calls renamed is no list of functions and names"),
    all(fun({Name, Arity}) -> is_atom(Name) andalso is_integer(Arity); (_) -> false end, Exported)
        orelse not_ours("what it calls exported is no list of functions"),
    #{term => Term, renamed => Renamed, exported => Exported, file => file_name(Part(file, none))}.

all(Holds, List) ->
    is_proper(List) andalso lists:all(Holds, List).

is_proper(List) ->
    try length(List) of _ -> true catch error:badarg -> false end.

file_name(none) ->
    none;
file_name(Text) ->
    try unicode:characters_to_list(Text) of
        Name when is_list(Name) -> Name;
        _ -> not_ours("its file is no text")
    catch
        error:_ -> not_ours("its file is no text")
    end.

without_attributes(Exported, [{attribute, _, state_migrated, _} | Rest]) ->
    Exported =:= [] orelse not_ours("the export that it speaks of is not before it"),
    Rest;
without_attributes([_ | _] = Exported, [{attribute, _, export, Exported}, {attribute, _, state_migrated, _} | Rest]) ->
    Rest;
without_attributes(Exported, [Form | Rest]) ->
    [Form | without_attributes(Exported, Rest)].

without_functions(none, Forms) ->
    Forms;
without_functions(File, Forms) ->
    case split_at_ours(File, Forms) of
        {_, [], _} -> not_ours("the functions that it speaks of are not there");
        {Own, _, End} -> Own ++ End
    end.

%% What stands before our functions, they, and the end. (A parse transform may have put functions behind the eof.)
split_at_ours(File, Forms) ->
    {Rest, End} = lists:splitwith(fun not_eof/1, Forms),
    {Own, Ours} = lists:splitwith(fun({attribute, _, file, {Name, 1}}) -> Name =/= File; (_) -> true end, Rest),
    Expected = fun({attribute, _, file, {Name, 1}}) -> Name =:= File;
                  (Form) -> element(1, Form) =:= function
               end,
    lists:all(Expected, Ours) orelse not_ours("something else stands among the functions that it speaks of"),
    {Own, Ours, End}.

not_eof(Form) ->
    element(1, Form) =/= eof.

-spec not_ours(string()) -> no_return().
not_ours(Why) ->
    throw({migrated, unicode:characters_to_binary(["the attribute state_migrated is not one that we wrote: ", Why])}).

%% Names of the functions of ours, in edited forms.
-spec ours([term()]) -> [name()].
ours(Forms) ->
    case migrated(Forms) of
        #{file := File} when File =/= none ->
            {_, Ours, _} = split_at_ours(File, Forms),
            [{Name, Arity} || {function, _, Name, Arity, _} <- Ours];
        _ ->
            []
    end.

%% The forms with all edits applied. That taking them out gives the forms back is asserted, on every run.
-spec edit([term()], [term()]) -> [term()].
edit(Forms, []) ->
    Forms;
edit(Forms, Edits) ->
    Head = attributes(module_position(Forms), Edits),
    Functions = [Form || {functions, File, Text} <- Edits, Form <- functions(File, Text)],
    Renames = [{Name, New} || {rename, Name, New} <- Edits],
    [request("it has no function ~tw/~w to rename", [Name, Arity])
     || {{Name, Arity}, _} <- Renames, not lists:any(fun(Form) -> defines(Form, Name, Arity) end, Forms)],
    Edited = insert(rename(Forms, Renames), Head, Functions),
    case eject(Edited) of
        Forms -> Edited;
        _ -> throw({crash, <<"these edits cannot be taken out again: the attribute state_migrated does not say all that they do">>})
    end.

defines({function, _, Name, Arity, _}, Name, Arity) -> true;
defines(_, _, _) -> false.

module_position(Forms) ->
    case lists:keyfind(module, 3, [Form || {attribute, _, _, _} = Form <- Forms]) of
        {attribute, Position, module, _} -> Position;
        false -> request("it has no -module", [])
    end.

%% -export([...]).
%% -state_migrated([...]).
attributes(Position, Edits) ->
    Exported = lists:append([Names || {export, Names} <- Edits]),
    case [Term || {migrated, Term} <- Edits] of
        [Term] ->
            [{attribute, Position, export, Exported} || Exported =/= []] ++ [{attribute, Position, state_migrated, Term}];
        _ ->
            request("edits need the attribute state_migrated, once", [])
    end.

insert([{attribute, _, module, _} = Module | Rest], Head, Functions) ->
    {Own, End} = lists:splitwith(fun not_eof/1, Rest),
    [Module | Head] ++ Own ++ Functions ++ End;
insert([Form | Rest], Head, Functions) ->
    [Form | insert(Rest, Head, Functions)].

-spec request(string(), [term()]) -> no_return().
request(Format, Arguments) ->
    throw({request, unicode:characters_to_binary(io_lib:format(Format, Arguments))}).

%% --- the source text of our functions ---

%% -file(File, 1).
%% ... the functions in Text ...
functions(File, Text) ->
    Name = unicode:characters_to_list(File),
    migrator_otp:either(fun(Options) ->
        case erl_scan:string(unicode:characters_to_list(Text), {1, 1}, Options) of
            {ok, Tokens, _} ->
                [{attribute, {1, 1}, file, {Name, 1}} | [parse(Name, Form) || Form <- split_at_dots(Tokens, [])]];
            {error, {Position, Module, Reason}, _} ->
                unparsable(Name, Position, Module, Reason)
        end
    end).

split_at_dots([], []) -> [];
split_at_dots([], Rest) -> [lists:reverse(Rest)];
split_at_dots([{dot, _} = Dot | Rest], Seen) -> [lists:reverse(Seen, [Dot]) | split_at_dots(Rest, [])];
split_at_dots([Token | Rest], Seen) -> split_at_dots(Rest, [Token | Seen]).

parse(File, Tokens) ->
    case erl_parse:parse_form(Tokens) of
        {ok, {function, _, _, _, _} = Function} -> Function;
        {ok, Other} -> unparsable(File, element(2, Other), erl_parse, "this is no function");
        {error, {Position, Module, Reason}} -> unparsable(File, Position, Module, Reason)
    end.

-spec unparsable(string(), term(), module(), term()) -> no_return().
unparsable(File, Position, Module, Reason) ->
    throw({functions, migrator_compile:message(File, {Position, Module, Reason})}).

%% --- renaming ---

%% Only what names a function of the module in an expression is renamed: not specs, nor exports, nor remote
%% calls (they meet what is exported under the old name).
rename(Forms, []) ->
    Forms;
rename(Forms, Renames) ->
    Map = maps:from_list(Renames),
    [rename_form(Form, Map) || Form <- Forms].

rename_form({function, Position, Name, Arity, Clauses}, Map) ->
    {function, Position, maps:get({Name, Arity}, Map, Name), Arity, expression(Clauses, Map)};
rename_form({attribute, Position, record, {Name, Fields}}, Map) ->
    {attribute, Position, record, {Name, [field(Field, Map) || Field <- Fields]}};
rename_form(Form, _) ->
    Form.

field({typed_record_field, Field, Type}, Map) -> {typed_record_field, field(Field, Map), Type};
field({record_field, Position, Name, Default}, Map) -> {record_field, Position, Name, expression(Default, Map)};
field(Field, _) -> Field.

%% Every list and tuple in an expression is gone through: a call or a fun is nowhere else than where one is meant.
%% Heads and guards are left alone, since in a guard the name is that of a built-in function.
expression({call, Position, {atom, At, Name}, Arguments}, Map) ->
    {call, Position, {atom, At, maps:get({Name, length(Arguments)}, Map, Name)}, expression(Arguments, Map)};
expression({'fun', Position, {function, Name, Arity}}, Map) when is_atom(Name) ->
    {'fun', Position, {function, maps:get({Name, Arity}, Map, Name), Arity}};
expression({clause, Position, Head, Guards, Body}, Map) ->
    {clause, Position, Head, Guards, expression(Body, Map)};
expression({Literal, _, _} = Expression, _) when Literal =:= atom; Literal =:= string; Literal =:= var; Literal =:= integer ->
    Expression;
expression(Tuple, Map) when is_tuple(Tuple) ->
    list_to_tuple(expression(tuple_to_list(Tuple), Map));
expression([First | Rest], Map) ->
    [expression(First, Map) | expression(Rest, Map)];
expression(Other, _) ->
    Other.

%% Names of the functions of the module that expressions name, in whatever they stand.
-spec uses(term()) -> [name()].
uses(Form) ->
    lists:usort(uses(Form, [])).

uses({call, _, {atom, _, Name}, Arguments}, Seen) ->
    uses(Arguments, [{Name, length(Arguments)} | Seen]);
uses({'fun', _, {function, Name, Arity}}, Seen) when is_atom(Name) ->
    [{Name, Arity} | Seen];
uses(Tuple, Seen) when is_tuple(Tuple) ->
    uses(tuple_to_list(Tuple), Seen);
uses([First | Rest], Seen) ->
    uses(Rest, uses(First, Seen));
uses(_, Seen) ->
    Seen.
