%% Where a module builds or updates a record, and what each field is given there.
-module(migrator_constructions).

-export([constructions/3]).

%% Of the records Names, function by function in the order of the module.
-spec constructions([atom()], [term()], migrator_records:definitions()) -> binary().
constructions(Names, Forms, #{module := Module, functions := Functions} = Definitions) ->
    Clauses = migrator_flow:functions(Forms),
    Defaults = migrator_records:defaults(Definitions),
    Scope = #{module => Module, functions => Functions, clauses => Clauses, imports => migrator_expr:imports(Forms),
              wanted => maps:with(Names, Defaults), defaults => Defaults},
    FromInit = migrator_init:clauses(Module, Clauses),
    migrator_json:encode([construction(Found, {Clause, Locals}, Function, is_map_key({Function, Number}, FromInit), Scope)
     || {function, _, F, A, All} <- Forms, Function <- [{F, A}],
        {Number, Clause} <- lists:zip(lists:seq(1, length(All)), All),
        {Found, Locals} <- found(Clause, is_map_key({Function, Number}, FromInit), Scope)]).

%% {Kind, Anno, Name, Fields}. What is updated at once, and used for nothing else, is one construction with its update.
found(Clause, FromInit, #{wanted := Wanted}) ->
    Locals = migrator_locals:locals(Clause),
    Nodes = lists:reverse(migrator_expr:fold_values(fun(Node, Acc) ->
        case built_or_set(Node, FromInit, Locals, Wanted) of
            none -> Acc;
            Built -> [{Node, Built} | Acc]
        end
    end, [], Clause)),
    Merged = [{Node, merged(Built, Locals, Wanted, [])} || {Node, Built} <- Nodes],
    Used = lists:append([Bases || {_, {_, Bases}} <- Merged]),
    [{Built, Locals} || Built <- unused(Merged, Used)].

%% Each of those that are used stands there once, even where a line has two that look the same.
unused([{Node, {Built, _}} | Merged], Used) ->
    case lists:member(Node, Used) of
        true -> unused(Merged, lists:delete(Node, Used));
        false -> [Built | unused(Merged, Used)]
    end;
unused([], _) ->
    [].

%% A variable may stand for the position of an element, and a number is one of a record that is built in sight.
built_or_set({call, Anno, Called, [{var, _, Variable}, Of, Value]} = Call, FromInit, Locals, Wanted) ->
    case migrator_locals:bound_to(Variable, Locals) of
        {Position, _, _} = At when Position =:= integer -> built_or_set({call, Anno, Called, [At, Of, Value]}, FromInit, Locals, Wanted);
        {record_index, _, _, _} = At -> built({call, Anno, Called, [At, Of, Value]}, FromInit, Wanted);
        _ -> built(Call, FromInit, Wanted)
    end;
built_or_set({call, Anno, Called, [{integer, _, At}, Of, Value]} = Call, FromInit, Locals, Wanted) ->
    case made(Of, Locals, Wanted, 0) of
        {_, _, Name, _, _} ->
            Fields = maps:get(Name, Wanted),
            case At > 1 andalso At =< length(Fields) + 1 of
                true ->
                    {Field, _} = lists:nth(At - 1, Fields),
                    built({call, Anno, Called, [{record_index, Anno, Name, {atom, Anno, Field}}, Of, Value]}, FromInit, Wanted);
                false -> none
            end;
        none -> built(Call, FromInit, Wanted)
    end;
built_or_set(Node, FromInit, _, Wanted) ->
    built(Node, FromInit, Wanted).

%% What the expression builds, itself or by a variable.
made(_, _, _, Followed) when Followed > 20 -> none;
made({var, _, Variable}, Locals, Wanted, Followed) -> made(migrator_locals:bound_to(Variable, Locals), Locals, Wanted, Followed + 1);
made(none, _, _, _) -> none;
made(Expr, _, Wanted, _) -> built(Expr, false, Wanted).

built({record, Anno, Name, Fields}, _, Wanted) when is_map_key(Name, Wanted) ->
    {new, Anno, Name, none, Fields};
built({record, Anno, Of, Name, Fields}, _, Wanted) when is_map_key(Name, Wanted) ->
    {update, Anno, Name, Of, Fields};
built({call, Anno, {atom, _, setelement}, Args}, FromInit, Wanted) ->
    set(Anno, Args, FromInit, Wanted);
built({call, Anno, {remote, _, {atom, _, erlang}, {atom, _, setelement}}, Args}, FromInit, Wanted) ->
    set(Anno, Args, FromInit, Wanted);
%% Code that builds a state may do so without its record's name.
built({call, Anno, {atom, _, list_to_tuple}, [List]}, true, Wanted) -> listed(Anno, List, Wanted);
built({call, Anno, {remote, _, {atom, _, erlang}, {atom, _, list_to_tuple}}, [List]}, true, Wanted) -> listed(Anno, List, Wanted);
built({tuple, Anno, [{atom, _, Name} | Elements]}, true, Wanted) ->
    case Wanted of
        #{Name := Fields} when length(Fields) =:= length(Elements), Elements =/= [] ->
            {new, Anno, Name, none, [{record_field, Anno, {atom, Anno, Field}, Value} || {{Field, _}, Value} <- lists:zip(Fields, Elements)]};
        #{} -> none
    end;
built(_, _, _) ->
    none.

%% A list whose end is not in sight gives something to every field.
listed(Anno, {cons, _, {atom, _, Name} = Tag, Tail}, Wanted) when is_map_key(Name, Wanted) ->
    case elements(Tail) of
        none -> {new, Anno, Name, none, [{record_field, Anno, {var, Anno, '_'}, Tail}]};
        Elements -> built({tuple, Anno, [Tag | Elements]}, true, Wanted)
    end;
listed(_, _, _) -> none.

elements({nil, _}) -> [];
elements({cons, _, Head, Tail}) ->
    case elements(Tail) of
        none -> none;
        Elements -> [Head | Elements]
    end;
elements(_) -> none.

set(Anno, [{record_index, _, Name, Field}, Of, Value], _, Wanted) when is_map_key(Name, Wanted) ->
    {update, Anno, Name, Of, [{record_field, Anno, Field, Value}]};
set(_, _, _, _) ->
    none.

%% {Built, Bases}: with the fields of what it updates, where that is built for this alone, and what that was.
merged({update, Anno, Name, Of, Fields}, Locals, Wanted, Bases) ->
    case base(Of, Locals, Wanted, length(Bases)) of
        {Node, Base} ->
            {{Kind, _, _, Given}, All} = merged(Base, Locals, Wanted, [Node | Bases]),
            {{Kind, Anno, Name, over(Fields, Given)}, All};
        none ->
            {{update, Anno, Name, Fields}, Bases}
    end;
merged({new, Anno, Name, none, Fields}, _, _, Bases) ->
    {{new, Anno, Name, Fields}, Bases}.

base(_, _, _, Followed) when Followed > 20 -> none;
base({var, _, Variable}, Locals, Wanted, _) ->
    case migrator_locals:once(Variable, Locals) of
        false -> none;
        true -> base(migrator_locals:bound_to(Variable, Locals), Wanted)
    end;
base(Expr, _, Wanted, _) ->
    base(Expr, Wanted).

base(Expr, Wanted) ->
    case built(Expr, false, Wanted) of
        none -> none;
        Built -> {Expr, Built}
    end.

%% `_ = Value` comes last: it stands for the fields that nothing else gives.
over(Fields, Given) ->
    Names = [Name || {record_field, _, {_, _, Name}, _} <- Fields],
    [setelement(1, Field, updated) || Field <- Fields] ++ [Each || {_, _, {_, _, Name}, _} = Each <- Given, not lists:member(Name, Names)].

construction({Kind, Anno, Name, Fields}, Where, Function, FromInit, Scope) ->
    {Kind, Function, migrator_text:line(Anno), FromInit, Name,
     [{field(Field), of_update(From, value(Value, Where, Scope))} || {From, _, Field, Value} <- Fields]}.

%% What an update gives is not what the construction gives, so that it is taken only when asked for.
of_update(updated, {constant, Text, Yields}) -> {closed, Text, [], Yields};
of_update(_, Value) -> Value.

%% `_ = Value` stands for all other fields; a field may well be called '_'.
field({var, _, '_'}) -> all_others;
field({atom, _, Name}) -> {field, Name}.

value(Written, {Clause, Locals}, #{defaults := Defaults} = Scope) ->
    Literal = fun(Expr) -> migrator_expr:constant(Expr, Defaults) end,
    Expr = migrator_locals:put_in(Written, Locals, Literal),
    Text = migrator_text:expr(Expr),
    Yields = migrator_yields:yields(Expr, Locals, Scope),
    case Literal(Expr) of
        true ->
            {constant, Text, Yields};
        false ->
            case free(Expr, Clause) of
                [] -> {closed, Text, migrator_effects:effects(Expr, Scope), Yields};
                Free -> {open, Text, [{migrator_text:text(Name), Where, Line}
                                      || {Name, Where, Line} <- migrator_locals:origins(Free, Clause)], Yields}
            end
    end.

%% `X = f()` binds X, unless X was bound before or is used behind: a variable that also occurs elsewhere in
%% the clause does not belong to the expression alone.
free(Expr, Clause) ->
    case migrator_expr:free(Expr) of
        {Free, []} ->
            Free;
        {Free, Bound} ->
            Elsewhere = migrator_expr:variables(Clause) -- migrator_expr:variables(Expr),
            ordsets:union(Free, ordsets:from_list([Name || Name <- Bound, lists:member(Name, Elsewhere)]))
    end.
