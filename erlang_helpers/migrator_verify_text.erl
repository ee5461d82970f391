%% Terms as text that a person reads, and the texts of a plan as what they mean.
-module(migrator_verify_text).

-export([term/1, characters/1, expression/2, evaluate/2]).

-export_type([expression/0]).

%% An expression is evaluated once, where nothing in it can come out otherwise.
-type expression() :: {constant, term()} | {expressions, [term()]}.

%% Longer ones are cut: the state itself goes along in full as bytes.
-define(LONGEST, 4000).

-spec term(term()) -> binary().
term(Term) ->
    Text = migrator_relup:text([io_lib:format("~tp", [Term])]),
    case string:length(Text) > ?LONGEST of
        true -> <<(string:slice(Text, 0, ?LONGEST))/binary, " …"/utf8>>;
        false -> Text
    end.

-spec characters(binary()) -> string().
characters(Text) ->
    case unicode:characters_to_list(Text) of
        Characters when is_list(Characters) -> Characters;
        _ -> binary_to_list(Text)
    end.

%% Source as the module that is tried understands it: with its records, and its functions.
-spec expression(binary(), map()) -> expression().
expression(Text, Facts) ->
    Expressions = parsed(erl_scan:string(characters(Text) ++ "\n."), Text),
    try
        [Expression] = Expressions,
        {constant, erl_parse:normalise(Expression)}
    catch
        error:_ -> {expressions, calls(expanded(by_module(Expressions, maps:get(natives, Facts, #{})), maps:get(records, Facts, [])), Facts)}
    end.

parsed({ok, Tokens, _}, Text) ->
    case erl_parse:parse_exprs(Tokens) of
        {ok, Expressions} -> Expressions;
        {error, _} -> none(Text)
    end;
parsed(_, Text) ->
    none(Text).

-spec none(binary()) -> no_return().
none(Text) ->
    throw({request, ["this is no expression: ", Text]}).

%% Without record syntax, which erl_eval does not know.
expanded(Expressions, Records) ->
    Function = {function, 0, expression, 0, [{clause, 0, [], [], Expressions}]},
    Forms = erl_expand_records:module([{attribute, 0, module, expression} | Records] ++ [Function], []),
    [Body] = [Body || {function, _, expression, 0, [{clause, _, _, _, Body}]} <- Forms],
    Body.

%% Native records with the names of their modules, by which erl_eval makes and reads them.
by_module(Expressions, Natives) when Natives =:= #{} -> Expressions;
by_module({record, At, Name, Fields}, Natives) when is_map_key(Name, Natives) ->
    {record, At, {maps:get(Name, Natives), Name}, by_module(Fields, Natives)};
by_module({Kind, At, Value, Name, Fields}, Natives) when is_map_key(Name, Natives), Kind =:= record orelse Kind =:= record_field ->
    {Kind, At, by_module(Value, Natives), {maps:get(Name, Natives), Name}, by_module(Fields, Natives)};
by_module(Node, Natives) when is_tuple(Node) -> list_to_tuple(by_module(tuple_to_list(Node), Natives));
by_module([First | Rest], Natives) -> [by_module(First, Natives) | by_module(Rest, Natives)];
by_module(Other, _) -> Other.

%% Functions of the module by the name under which it is tried, and imported ones by theirs.
calls({remote, Position, {atom, At, Own}, Name}, #{own_name := Own, module := Module} = Facts) ->
    {remote, Position, {atom, At, Module}, calls(Name, Facts)};
calls({call, Position, {atom, At, Name}, Arguments}, Facts) ->
    Given = calls(Arguments, Facts),
    case home({Name, length(Arguments)}, Facts) of
        none -> {call, Position, {atom, At, Name}, Given};
        Module -> {call, Position, {remote, Position, {atom, At, Module}, {atom, At, Name}}, Given}
    end;
calls({'fun', Position, {function, Name, Arity}} = Fun, Facts) when is_atom(Name) ->
    case home({Name, Arity}, Facts) of
        none -> Fun;
        Module -> {'fun', Position, {function, {atom, Position, Module}, {atom, Position, Name}, {integer, Position, Arity}}}
    end;
calls(Tuple, Facts) when is_tuple(Tuple) -> list_to_tuple(calls(tuple_to_list(Tuple), Facts));
calls([First | Rest], Facts) -> [calls(First, Facts) | calls(Rest, Facts)];
calls(Other, _) -> Other.

home(Function, #{module := Module, defined := Defined}) when is_map_key(Function, Defined) -> Module;
home(Function, #{imports := Imports}) -> maps:get(Function, Imports, none);
home(_, _) -> none.

-spec evaluate(expression(), [{atom(), term()}]) -> term().
evaluate({constant, Value}, _) ->
    Value;
evaluate({expressions, Expressions}, Variables) ->
    Bindings = lists:foldl(fun({Name, Value}, All) -> erl_eval:add_binding(Name, Value, All) end, erl_eval:new_bindings(), Variables),
    {value, Value, _} = erl_eval:exprs(Expressions, Bindings),
    Value.
