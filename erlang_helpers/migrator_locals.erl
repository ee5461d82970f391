%% The variables of one clause of a function: what each is bound to, and an expression with them put in.
-module(migrator_locals).

-export([locals/1, bound_to/2, once/2, put_in/3, origins/2]).

-export_type([locals/0]).

%% The expression that each variable is bound to by `X = Expr`, where nothing else in the clause could bind it, and how
%% often the variable occurs.
-type locals() :: #{atom() => {term(), pos_integer()}}.

%% How far a variable is followed to another.
-define(FURTHEST, 8).

-spec locals(term()) -> locals().
locals(Clause) ->
    Matched = migrator_expr:fold(fun({match, _, {var, _, Name}, Expr}, Acc) -> Acc#{Name => Expr};
                                    (_, Acc) -> Acc
                                 end, #{}, Clause),
    case map_size(Matched) of
        0 -> #{};
        _ ->
            Bound = counted(migrator_expr:variables(patterns(Clause))),
            All = counted(migrator_expr:variables(Clause)),
            maps:from_list([{Name, {Expr, maps:get(Name, All)}} || {Name, Expr} <- maps:to_list(Matched), maps:get(Name, Bound, 0) =:= 1])
    end.

counted(Names) ->
    lists:foldl(fun(Name, Acc) -> Acc#{Name => maps:get(Name, Acc, 0) + 1} end, #{}, Names).

-spec bound_to(atom(), locals()) -> none | term().
bound_to(Name, Locals) ->
    case Locals of
        #{Name := {Expr, _}} -> Expr;
        #{} -> none
    end.

%% Whether the variable is bound, and used once.
-spec once(atom(), locals()) -> boolean().
once(Name, Locals) ->
    case Locals of
        #{Name := {_, 2}} -> true;
        #{} -> false
    end.

%% Every pattern in the clause.
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
-spec put_in(term(), locals(), fun((term()) -> boolean())) -> term().
put_in(Expr, Locals, _) when map_size(Locals) =:= 0 ->
    Expr;
put_in(Expr, Locals, IsLiteral) ->
    put_in(Expr, Locals, IsLiteral, ?FURTHEST).

put_in(Expr, _, _, 0) ->
    Expr;
put_in(Expr, Locals, IsLiteral, Left) ->
    {Free, _} = migrator_expr:free(Expr),
    Found = [{Name, Value} || Name <- Free, Value <- [bound_to(Name, Locals)], Value =/= none,
                              element(1, Value) =:= var orelse IsLiteral(Value) orelse once(Name, Locals)],
    case Found of
        [] -> Expr;
        _ -> put_in(replace(Expr, maps:from_list(Found)), Locals, IsLiteral, Left - 1)
    end.

%% What occurs in another pattern too, so that it could mean something else there, is none of the locals.
replace({var, _, Name} = Variable, Values) -> maps:get(Name, Values, Variable);
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
