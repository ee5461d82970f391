%% The texts of a survey's row as forms: each on a line of its own, so that an error of `erl_lint` tells which it is.
-module(survey_text).
-export([pieces/2, kind/2, without/2, unknown/2, field/4, init/4, given/1, defaults/3, mentions/2, said/1]).

%% Pieces by line, `{Line, {Side, default | type, Number}, Form}` and `{Line, {init, Clause, Field}, Form}`, and the texts
%% that could not be read.
pieces(Module, Sides) ->
    Texts = lists:append([texts(Side, Each) || {Side, Each} <- Sides]),
    Numbered = lists:zip(lists:seq(100, 99 + length(Texts)), Texts),
    Read = [{Line, Key, read(Key, Module, Text, Line)} || {Line, {Key, Text}} <- Numbered],
    {
        [{Line, Key, Form} || {Line, Key, {ok, Form}} <- Read],
        [{Line, unicode:characters_to_binary(io_lib:format("~tp ~ts", [Key, Why]))} || {Line, Key, {error, Why}} <- Read]
    }.

texts(Side, {_, Fields, Constructions}) ->
    Numbered = lists:zip(lists:seq(1, length(Fields)), Fields),
    [{{Side, default, N}, Text} || {N, {_, Text, _}} <- Numbered, Text =/= none] ++
        [{{Side, type, N}, Text} || {N, {_, _, Text}} <- Numbered, Text =/= none] ++
        [{{init, {Side, N}, Field}, Text} || {N, Given} <- clauses(Constructions), {Field, Text} <- Given].

clauses(unknown) -> [];
clauses(Constructions) -> lists:zip(lists:seq(1, length(Constructions)), Constructions).

read(Key, Module, Text, Line) ->
    Type = element(2, Key) =:= type,
    Before = case Type of true -> "-type t() :: "; false -> "" end,
    try
        {ok, Tokens, _} = erl_scan:string(Before ++ unicode:characters_to_list(Text) ++ " .", Line),
        Plain = macros(Tokens, Module, lists:any(fun(T) -> is_sum(T) end, Tokens) andalso not Type),
        parsed(Type, Plain, Line)
    catch
        error:_ when element(1, Key) =:= init -> {ok, {var, Line, 'Unread'}};
        error:_ -> {error, Text}
    end.

parsed(true, Tokens, Line) ->
    {ok, {attribute, _, type, {t, Type, []}}} = erl_parse:parse_form(Tokens),
    {ok, erl_parse:map_anno(fun(_) -> Line end, Type)};
parsed(false, Tokens, Line) ->
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    [Expression | _] = lists:reverse(Expressions),
    {ok, erl_parse:map_anno(fun(_) -> Line end, Expression)}.

is_sum({Operator, _}) -> lists:member(Operator, ['*', '+', 'div', 'rem', 'bsl', 'bsr']);
is_sum(_) -> false.

%% What a macro stands for is not known, but for those that everyone calls the same.
macros([{'?', _}, {'?', L} | Tokens], Module, Sum) -> macros([{'?', L} | Tokens], Module, Sum);
macros([{'?', _}, {_, L, Name}, {'{', _} | Tokens], Module, Sum) ->
    % A record by another name.
    [{'#', L}, {atom, L, Name}, {'{', L} | macros(Tokens, Module, Sum)];
macros([{'?', _}, {_, L, Name} | Tokens], Module, Sum) -> macro(Name, L, Module, Sum) ++ macros(Tokens, Module, Sum);
macros([Token | Tokens], Module, Sum) -> [Token | macros(Tokens, Module, Sum)];
macros([], _, _) -> [].

macro('MODULE', L, Module, _) -> [{atom, L, Module}];
macro('SERVER', L, Module, _) -> [{atom, L, Module}];
macro(Name, L, _, _) when Name =:= undef; Name =:= undefined; Name =:= 'UNDEFINED' -> [{atom, L, undefined}];
macro('DICT', L, _, _) -> [{atom, L, dict}];
macro(_, L, _, true) -> [{integer, L, 1}];
macro(Name, L, _, _) -> [{atom, L, list_to_atom([$? | atom_to_list(Name)])}].

kind(Line, Pieces) ->
    case lists:keyfind(Line, 1, Pieces) of
        {_, {init, _, _}, _} -> init;
        {_, Key, _} -> Key;
        false -> none
    end.

without(Line, Pieces) -> lists:keydelete(Line, 1, Pieces).

%% An expression of init's that does not compile stands for one of which nothing is known.
unknown(Line, Pieces) ->
    {_, Key, _} = lists:keyfind(Line, 1, Pieces),
    lists:keystore(Line, 1, Pieces, {Line, Key, {var, Line, 'Unread'}}).

%% A field's declaration, with the default and the type that are left.
field(Side, Number, Name, Pieces) ->
    Field =
        case lists:keyfind({Side, default, Number}, 2, Pieces) of
            {_, _, Default} -> {record_field, 1, {atom, 1, Name}, Default};
            false -> {record_field, 1, {atom, 1, Name}}
        end,
    case lists:keyfind({Side, type, Number}, 2, Pieces) of
        {_, _, Type} -> {typed_record_field, Field, Type};
        false -> Field
    end.

%% init/1: a clause for each way in which the data says that it builds the record.
init(Side, Behaviour, Record, #{pieces := Pieces} = Env) ->
    Clauses = lists:usort([N || {_, {init, {S, N}, _}, _} <- Pieces, S =:= Side]),
    Bodies = [
        built(Record, [{F, Value} || {_, {init, {S, N}, F}, Value} <- Pieces, S =:= Side, N =:= Clause])
     || Clause <- Clauses
    ],
    [init_function(Behaviour, case Bodies of [] -> [bare(Side, Record, Env)]; _ -> Bodies end, Env)].

%% Where the data knows of no construction there is none to read.
bare(new, Record, #{unbuilt := _}) when Record =/= none -> built(none, []);
bare(_, Record, _) -> built(Record, []).

built(none, _) -> {call, 1, {remote, 1, {atom, 1, survey_elsewhere}, {atom, 1, state}}, []};
built(Record, Given) ->
    {record, 1, Record, [{record_field, 1, {atom, 1, Field}, Value} || {Field, Value} <- Given]}.

init_function(Behaviour, Bodies, #{variables := Variables}) ->
    Numbered = lists:zip(lists:seq(1, length(Bodies)), Bodies),
    {function, 1, init, 1, [
        {clause, 1, [{tuple, 1, [{integer, 1, N} | [{var, 1, V} || V <- Variables]]}], [], [answer(Behaviour, Body)]}
     || {N, Body} <- Numbered
    ]}.

answer(Behaviour, Body) when Behaviour =:= gen_statem; Behaviour =:= gen_fsm ->
    {tuple, 1, [{atom, 1, ok}, {atom, 1, ready}, Body]};
answer(_, Body) ->
    {tuple, 1, [{atom, 1, ok}, Body]}.

%% What the first clause of the new init gives, by field.
given(Pieces) -> [{Field, Value} || {_, {init, {new, 1}, Field}, Value} <- Pieces].

%% The defaults of a side's fields.
defaults(Side, Fields, Pieces) ->
    Numbered = lists:zip(lists:seq(1, length(Fields)), Fields),
    [{Field, Default} || {N, {Field, _, _}} <- Numbered, {_, Key, Default} <- Pieces, Key =:= {Side, default, N}].

mentions(Variables, {var, _, Name}) -> lists:member(Name, Variables);
mentions(Variables, Form) when is_tuple(Form) -> mentions(Variables, tuple_to_list(Form));
mentions(Variables, [Form | Forms]) -> mentions(Variables, Form) orelse mentions(Variables, Forms);
mentions(_, _) -> false.

%% A decision, or a function that one names.
said(Text) ->
    {ok, Tokens, _} = erl_scan:string(string:trim(unicode:characters_to_list(Text), trailing, ".") ++ "."),
    case erl_parse:parse_term(Tokens) of
        {ok, Term} -> {attribute, 1, state_migration, Term};
        {error, _} ->
            {ok, Function} = erl_parse:parse_form(Tokens),
            erl_parse:map_anno(fun(_) -> 1 end, Function)
    end.
