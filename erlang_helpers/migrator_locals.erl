%% The variables of one clause of a function: what each is bound to, and an expression with them put in.
-module(migrator_locals).

-export([bound_to/2, put_in/2, origins/2]).

%% How far a variable is followed to another.
-define(FURTHEST, 8).

%% The expression that a variable is bound to by `X = Expr`, where nothing else in the clause could bind it.
-spec bound_to(atom(), term()) -> none | term().
bound_to(Name, Clause) ->
    case [Variable || Variable <- in_patterns(Clause), Variable =:= Name] of
        [Name] -> matched(Name, Clause);
        _ -> none
    end.

matched(Name, Clause) ->
    migrator_expr:fold(fun({match, _, {var, _, Found}, Expr}, _) when Found =:= Name -> Expr;
                          (_, Acc) -> Acc
                       end, none, Clause).

%% Every occurrence of a variable in a pattern.
in_patterns(Clause) ->
    migrator_expr:variables(patterns(Clause)).

patterns(Clause) ->
    migrator_expr:fold(fun({clause, _, Head, _, _}, Acc) -> [Head | Acc];
                          ({Match, _, Pattern, _}, Acc) when Match =:= match; Match =:= maybe_match -> [Pattern | Acc];
                          (Node, Acc) ->
                              case migrator_expr:generator(Node) of
                                  none -> Acc;
                                  {Pattern, _} -> [Pattern | Acc]
                              end
                       end, [], Clause).

%% The expression with the variables replaced that stand for something of their own: another variable, a literal
%% (IsLiteral says which are), or what nothing else in the clause uses.
-spec put_in(term(), {term(), fun((term()) -> boolean())}) -> term().
put_in(Expr, Where) ->
    put_in(Expr, Where, ?FURTHEST).

put_in(Expr, _, 0) ->
    Expr;
put_in(Expr, {Clause, IsLiteral} = Where, Left) ->
    {Free, _} = migrator_expr:free(Expr),
    All = migrator_expr:variables(Clause),
    Found = [{Name, Value} || Name <- Free, Value <- [bound_to(Name, Clause)], Value =/= none,
                              element(1, Value) =:= var orelse IsLiteral(Value)
                                  orelse length([V || V <- All, V =:= Name]) =:= 2],
    case Found of
        [] -> Expr;
        _ -> put_in(replace(Expr, maps:from_list(Found)), Where, Left - 1)
    end.

%% A variable that is free in the expression has that meaning in all of it, save where a fun's head hides it.
replace({var, _, Name} = Variable, Values) -> maps:get(Name, Values, Variable);
replace({clause, Anno, Head, Guards, Body}, Values) ->
    Inside = maps:without(migrator_expr:pattern_variables(Head), Values),
    {clause, Anno, Head, replace(Guards, Inside), replace(Body, Inside)};
replace(Node, Values) when is_tuple(Node), tuple_size(Node) > 1 ->
    [Tag, Second | Parts] = tuple_to_list(Node),
    NewSecond = case Tag of
        clauses -> replace(Second, Values);
        _ -> Second
    end,
    list_to_tuple([Tag, NewSecond | replace(Parts, Values)]);
replace([Node | Nodes], Values) -> [replace(Node, Values) | replace(Nodes, Values)];
replace(Other, _) -> Other.

%% {Name, argument | local, Line}: where these variables come from.
-spec origins([atom()], term()) -> [{atom(), argument | local, erl_anno:line()}].
origins(Names, {clause, Anno, Head, _, _} = Clause) ->
    Arguments = migrator_expr:variables(Head),
    Patterns = lists:reverse(patterns(Clause)),
    [case lists:member(Name, Arguments) of
         true -> {Name, argument, migrator_text:line(Anno)};
         false -> {Name, local, first(Name, Patterns, migrator_text:line(Anno))}
     end || Name <- Names].

first(Name, Patterns, Otherwise) ->
    Lines = migrator_expr:fold(fun({var, Anno, Found}, Acc) when Found =:= Name -> [migrator_text:line(Anno) | Acc];
                                  (_, Acc) -> Acc
                               end, [], Patterns),
    case Lines of
        [] -> Otherwise;
        _ -> lists:min(Lines)
    end.
