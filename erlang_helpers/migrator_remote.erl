%% An expression of one module as another module would write it: each function called, or made a fun of, by its module.
-module(migrator_remote).

-export([qualify/3]).

%% The expression has no records and imports any more; Functions are those of its module Own. What is none of them
%% is `erlang`'s.
-spec qualify(term(), module(), #{{atom(), arity()} => true}) -> term().
qualify({call, Anno, {atom, At, Name}, Args}, Own, Functions) ->
    Module = home(Name, length(Args), Own, Functions),
    {call, Anno, {remote, At, {atom, At, Module}, {atom, At, Name}}, qualify(Args, Own, Functions)};
qualify({'fun', Anno, {function, Name, Arity}}, Own, Functions) ->
    Module = home(Name, Arity, Own, Functions),
    {'fun', Anno, {function, {atom, Anno, Module}, {atom, Anno, Name}, {integer, Anno, Arity}}};
qualify({string, _, _} = Literal, _, _) ->
    Literal;
qualify(Node, Own, Functions) when is_tuple(Node), tuple_size(Node) > 1 ->
    [Tag, Second | Parts] = tuple_to_list(Node),
    %% Save for {clauses, _} the second element is an annotation, which may be a list of pairs.
    NewSecond = case Tag of
        clauses -> qualify(Second, Own, Functions);
        _ -> Second
    end,
    list_to_tuple([Tag, NewSecond | qualify(Parts, Own, Functions)]);
qualify([Node | Nodes], Own, Functions) ->
    [qualify(Node, Own, Functions) | qualify(Nodes, Own, Functions)];
qualify(Other, _, _) ->
    Other.

home(Name, Arity, Own, Functions) when is_map_key({Name, Arity}, Functions) -> Own;
home(_, _, _, _) -> erlang.
