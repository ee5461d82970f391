%% Where a module builds or updates a record, and what each field is given there.
-module(migrator_constructions).

-export([constructions/3]).

%% Of the records Names, function by function in the order of the module.
-spec constructions([atom()], [term()], migrator_records:definitions()) -> [tuple()].
constructions(Names, Forms, #{module := Module, functions := Functions} = Definitions) ->
    Wanted = maps:from_list([{Name, true} || Name <- Names]),
    Scope = #{module => Module, functions => Functions, imports => migrator_expr:imports(Forms),
              defaults => migrator_records:defaults(Definitions)},
    FromInit = from_init(Module, migrator_flow:functions(Forms)),
    [construction(Found, Clause, {F, A}, is_map_key({F, A}, FromInit), Scope)
     || {function, _, F, A, Clauses} <- Forms, Clause <- Clauses, Found <- found(Clause, Wanted)].

found(Clause, Wanted) ->
    lists:reverse(migrator_expr:fold_values(
        fun({record, Anno, Name, Fields}, Acc) when is_map_key(Name, Wanted) -> [{new, Anno, Name, Fields} | Acc];
           ({record, Anno, _, Name, Fields}, Acc) when is_map_key(Name, Wanted) -> [{update, Anno, Name, Fields} | Acc];
           (_, Acc) -> Acc
        end, [], Clause)).

construction({Kind, Anno, Name, Fields}, Clause, Function, FromInit, Scope) ->
    {Kind, Function, migrator_text:line(Anno), FromInit, Name,
     [{field(Name), value(Value, Clause, Scope)} || {record_field, _, Name, Value} <- Fields]}.

%% `_ = Value` stands for all other fields; a field may well be called '_'.
field({var, _, '_'}) -> all_others;
field({atom, _, Name}) -> {field, Name}.

value(Expr, Clause, #{defaults := Defaults} = Scope) ->
    Text = migrator_text:expr(Expr),
    case migrator_expr:constant(Expr, Defaults) of
        true ->
            {constant, Text};
        false ->
            case free(Expr, Clause) of
                [] -> {closed, Text, migrator_expr:effects(Expr, Scope)};
                Free -> {open, Text, [migrator_text:text(Name) || Name <- Free]}
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

%% init/1 and all that it calls in the module, at any distance.
from_init(Module, Functions) ->
    called([{init, 1} || is_map_key({init, 1}, Functions)], #{}, Module, Functions).

called([Name | Names], Seen, Module, Functions) when is_map_key(Name, Seen) ->
    called(Names, Seen, Module, Functions);
called([Name | Names], Seen, Module, Functions) ->
    Next = migrator_expr:calls(maps:get(Name, Functions), Module, Functions),
    called(Next ++ Names, Seen#{Name => true}, Module, Functions);
called([], Seen, _, _) ->
    Seen.
