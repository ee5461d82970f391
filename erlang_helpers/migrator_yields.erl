%% What an expression yields, as far as its form tells: the outermost of its value, and the funs in it.
-module(migrator_yields).

-export([yields/3]).

-type scope() :: #{module := module(), clauses := #{}, imports := #{}, _ => _}.

%% Deeper than this through variables and functions nothing is followed.
-define(DEEPEST, 3).
-define(MOST_CLAUSES, 6).

%% {Heads, Funs}. A head is a text: `map`, `nil`, `list`, `string`, `binary`, `integer`, `float`, `tuple`, `record`,
%% `fun`, `atom NAME`, `M:F/A` for what a function of another module gives, or `unknown`; a fun is
%% {local, Text}, {anonymous, Text} or {external, Text}. Locals are those of the clause that it stands in.
-spec yields(term(), migrator_locals:locals(), scope()) -> {[binary()], [{atom(), binary()}]}.
yields(Expr, Locals, Scope) ->
    Leaves = leaves(Expr, {Locals, Scope}, ?DEEPEST),
    {lists:usort([head(Leaf, Scope) || {Leaf, _} <- Leaves]),
     lists:usort(lists:append([funs(Leaf, Where, ?DEEPEST) || {Leaf, Where} <- Leaves]))}.

%% The expressions whose value it may be, each with where it stands: the ends of all branches.
leaves(Expr, Where, 0) -> [{Expr, Where}];
leaves({match, _, _, Expr}, Where, Left) -> leaves(Expr, Where, Left);
leaves({block, _, Body}, Where, Left) -> last(Body, Where, Left);
leaves({'catch', _, Expr}, {Locals, _} = Where, Left) -> [{unknown, {Locals, none}} | leaves(Expr, Where, Left)];
leaves({'if', _, Clauses}, Where, Left) -> ends(Clauses, Where, Left);
leaves({'case', _, _, Clauses}, Where, Left) -> ends(Clauses, Where, Left);
leaves({'try', _, Body, [], Catches, _}, Where, Left) -> last(Body, Where, Left) ++ ends(Catches, Where, Left);
leaves({'try', _, _, Clauses, Catches, _}, Where, Left) -> ends(Clauses ++ Catches, Where, Left);
leaves({var, _, Name} = Variable, {Locals, _} = Where, Left) ->
    case migrator_locals:bound_to(Name, Locals) of
        none -> [{Variable, Where}];
        Expr -> leaves(Expr, Where, Left - 1)
    end;
leaves({call, _, {atom, _, Name}, Args} = Call, {_, #{clauses := Functions} = Scope} = Where, Left) ->
    Called = {Name, length(Args)},
    case Functions of
        #{Called := Clauses} when length(Clauses) =< ?MOST_CLAUSES ->
            lists:append([last(Body, {migrator_locals:locals(Clause), Scope}, Left - 1) || {clause, _, _, _, Body} = Clause <- Clauses]);
        #{} -> ended(Call, Where)
    end;
leaves(Expr, Where, _) -> ended(Expr, Where).

ends(Clauses, Where, Left) ->
    lists:append([last(Body, Where, Left) || {clause, _, _, _, Body} <- Clauses]).

last(Body, Where, Left) ->
    leaves(lists:last(Body), Where, Left).

%% A branch that raises yields nothing.
ended({call, _, {atom, _, Name}, _}, _) when Name =:= error; Name =:= exit; Name =:= throw -> [];
ended({call, _, {remote, _, {atom, _, erlang}, {atom, _, Name}}, _}, _)
    when Name =:= error; Name =:= exit; Name =:= throw; Name =:= raise -> [];
ended(Expr, Where) -> [{Expr, Where}].

head({nil, _}, _) -> <<"nil">>;
head({cons, _, _, _}, _) -> <<"list">>;
head({lc, _, _, _}, _) -> <<"list">>;
head({op, _, Op, _, _}, _) when Op =:= '++'; Op =:= '--' -> <<"list">>;
head({string, _, []}, _) -> <<"nil">>;
head({string, _, _}, _) -> <<"string">>;
head({bin, _, _}, _) -> <<"binary">>;
head({bc, _, _, _}, _) -> <<"binary">>;
head({map, _, _}, _) -> <<"map">>;
head({map, _, _, _}, _) -> <<"map">>;
head({mc, _, _, _}, _) -> <<"map">>;
head({tuple, _, _}, _) -> <<"tuple">>;
head({record, _, _, _}, _) -> <<"record">>;
head({record, _, _, _, _}, _) -> <<"record">>;
head({'fun', _, _}, _) -> <<"fun">>;
head({named_fun, _, _, _}, _) -> <<"fun">>;
head({integer, _, _}, _) -> <<"integer">>;
head({char, _, _}, _) -> <<"integer">>;
head({float, _, _}, _) -> <<"float">>;
head({atom, _, Atom}, _) -> <<"atom ", (migrator_text:text(Atom))/binary>>;
head({op, _, '/', _, _}, _) -> <<"float">>;
head({op, _, Op, _, _}, _) when Op =:= 'div'; Op =:= 'rem'; Op =:= 'band'; Op =:= 'bor'; Op =:= 'bxor'; Op =:= 'bsl'; Op =:= 'bsr' ->
    <<"integer">>;
head({op, _, Op, One, Other}, Scope) when Op =:= '+'; Op =:= '-'; Op =:= '*' ->
    case {head(One, Scope), head(Other, Scope)} of
        {Same, Same} when Same =:= <<"integer">>; Same =:= <<"float">> -> Same;
        _ -> <<"unknown">>
    end;
head({op, _, '-', Of}, Scope) -> head(Of, Scope);
head({call, _, {remote, _, {atom, _, Module}, {atom, _, Name}}, Args}, _) -> called(Module, Name, Args);
head({call, _, {atom, _, Name}, Args}, #{imports := Imports, clauses := Functions}) ->
    Called = {Name, length(Args)},
    case is_map_key(Called, Functions) of
        true -> <<"unknown">>;
        false -> called(maps:get(Called, Imports, erlang), Name, Args)
    end;
head(_, _) -> <<"unknown">>.

called(Module, Name, Args) ->
    migrator_text:text(io_lib:format("~tw:~tw/~w", [Module, Name, length(Args)])).

%% The funs that lie in the value, as itself or inside a tuple, list, map or record that the expression builds.
funs({'fun', _, {clauses, _}} = Fun, _, _) -> [{anonymous, migrator_text:expr(Fun)}];
funs({named_fun, _, _, _} = Fun, _, _) -> [{anonymous, migrator_text:expr(Fun)}];
funs({'fun', _, {function, Name, Arity}}, {_, #{clauses := Functions, imports := Imports}}, _) ->
    Function = {Name, Arity},
    case Imports of
        #{Function := Module} when not is_map_key(Function, Functions) ->
            [{external, migrator_text:text(io_lib:format("~tw:~tw/~w", [Module, Name, Arity]))}];
        #{} -> [{local, migrator_text:text(io_lib:format("~tw/~w", [Name, Arity]))}]
    end;
funs({'fun', _, {function, _, _, _}} = Fun, _, _) -> [{external, migrator_text:expr(Fun)}];
funs(_, _, 0) -> [];
funs({tuple, _, Elements}, Where, Left) -> within(Elements, Where, Left);
funs({cons, _, Head, Tail}, Where, Left) -> within([Head], Where, Left) ++ funs(Tail, Where, Left);
funs({lc, _, Body, _}, Where, Left) -> within([Body], Where, Left);
funs({map, _, Fields}, Where, Left) -> within([Value || {_, _, _, Value} <- Fields], Where, Left);
funs({map, _, Of, Fields}, Where, Left) -> within([Of | [Value || {_, _, _, Value} <- Fields]], Where, Left);
funs({record, _, _, Fields}, Where, Left) -> within([Value || {record_field, _, _, Value} <- Fields], Where, Left);
funs({record, _, Of, _, Fields}, Where, Left) -> within([Of | [Value || {record_field, _, _, Value} <- Fields]], Where, Left);
funs(_, _, _) -> [].

within(Exprs, Where, Left) ->
    lists:append([funs(Leaf, Inside, Left - 1) || Expr <- Exprs, {Leaf, Inside} <- leaves(Expr, Where, Left - 1)]).
