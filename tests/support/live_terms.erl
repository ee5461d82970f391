%% Terms for the property test of the converter, out of the process's random numbers: states as the samples show them,
%% changed at random places, and all that is no state.
-module(live_terms).
-export([state/2, any/1, extra/0, one_of/1]).

%% A term out of the old states, the new ones and anything else. `Kind` is `up` or `down`: what there is more of.
state(Kind, #{olds := Olds, news := News} = Corpus) ->
    {Many, Few} = case Kind of up -> {Olds, News}; down -> {News, Olds} end,
    case rand:uniform(20) of
        N when N =< 8 -> changed(one_of(Many), Corpus);
        N when N =< 12 -> changed(one_of(Few), Corpus);
        N when N =< 14 -> resized(one_of(Olds ++ News), Corpus);
        15 -> retagged(one_of(Olds ++ News), Corpus);
        16 -> wrapped(changed(one_of(Olds ++ News), Corpus), Corpus);
        17 -> #{any(Corpus) => any(Corpus), one_of([kept, last, unit]) => any(Corpus)};
        _ -> any(Corpus)
    end.

one_of(List) -> lists:nth(rand:uniform(length(List)), List).

%% Up to three places of a state replaced, in its fields or anywhere in them.
changed(State, Corpus) ->
    lists:foldl(fun(_, Now) -> replaced(Now, Corpus) end, State, lists:seq(1, rand:uniform(4) - 1)).

replaced(State, Corpus) when is_tuple(State), tuple_size(State) > 1 ->
    At = 1 + rand:uniform(tuple_size(State) - 1),
    setelement(At, State, inside(element(At, State), Corpus));
replaced(State, Corpus) -> inside(State, Corpus).

inside(Value, Corpus) ->
    case rand:uniform(3) of
        1 -> any(Corpus);
        _ -> step(Value, Corpus)
    end.

%% The insides of OTP's containers are theirs: they are replaced whole.
step(Value, Corpus) when is_tuple(Value) ->
    case lists:member(element_or(Value), [dict, array, set]) orelse balanced(Value) orelse tuple_size(Value) =:= 0 of
        true -> any(Corpus);
        false when is_atom(element(1, Value)) ->
            case rand:uniform(6) of
                1 -> resized(Value, Corpus);
                _ -> replaced_at(rand:uniform(tuple_size(Value)), Value, Corpus)
            end;
        false -> replaced_at(rand:uniform(tuple_size(Value)), Value, Corpus)
    end;
step([Head | Tail], Corpus) ->
    case rand:uniform(4) of
        1 -> [any(Corpus), Head | Tail];
        2 -> [inside(Head, Corpus) | Tail];
        3 -> [Head | inside(Tail, Corpus)];
        4 -> Tail
    end;
step(Value, Corpus) when map_size(Value) > 0 ->
    Key = one_of(maps:keys(Value)),
    case rand:uniform(3) of
        1 -> maps:remove(Key, Value);
        _ -> Value#{Key := inside(map_get(Key, Value), Corpus)}
    end;
step(_, Corpus) -> any(Corpus).

replaced_at(1, Value, _) when is_atom(element(1, Value)) -> Value;
replaced_at(At, Value, Corpus) -> setelement(At, Value, inside(element(At, Value), Corpus)).

element_or({}) -> none;
element_or(Value) -> element(1, Value).

balanced({N, nil}) when is_integer(N) -> true;
balanced({N, Tree}) when is_integer(N), is_tuple(Tree) -> true;
balanced(_) -> false.

resized(State, Corpus) when is_tuple(State), tuple_size(State) > 0 ->
    [Tag | Fields] = tuple_to_list(State),
    case rand:uniform(3) of
        1 -> list_to_tuple([Tag | Fields] ++ [any(Corpus) || _ <- lists:seq(1, rand:uniform(4))]);
        2 -> list_to_tuple([Tag | lists:sublist(Fields, rand:uniform(length(Fields) + 1) - 1)]);
        3 -> list_to_tuple([Tag | [any(Corpus) || _ <- lists:seq(1, rand:uniform(12) - 1)]])
    end;
resized(State, Corpus) -> changed(State, Corpus).

retagged(State, Corpus) ->
    Tag = one_of([other, undefined, "state", <<"state">>, 0, State]),
    case changed(State, Corpus) of
        Tuple when is_tuple(Tuple), Tuple =/= {} -> setelement(1, Tuple, Tag);
        Changed -> {Tag, Changed}
    end.

wrapped(State, Corpus) ->
    one_of([{State}, [State], #{state => State}, {State, any(Corpus), any(Corpus)}, [State | State], {other, State},
        fun() -> State end, {any(Corpus), State}, #{State => State}]).

%% Any term at all: what tells little, what breaks things, and what looks like a state or a part of one.
any(Corpus) -> any(Corpus, 3).

any(_, 0) -> leaf();
any(#{parts := Parts} = Corpus, Depth) ->
    case rand:uniform(14) of
        1 -> [any(Corpus, Depth - 1) || _ <- lists:seq(1, rand:uniform(4))];
        2 -> [any(Corpus, Depth - 1) | any(Corpus, Depth - 1)];
        3 -> list_to_tuple([any(Corpus, Depth - 1) || _ <- lists:seq(1, rand:uniform(5))]);
        4 -> #{any(Corpus, Depth - 1) => any(Corpus, Depth - 1)};
        5 -> #{any(Corpus, Depth - 1) => any(Corpus, Depth - 1), any(Corpus, Depth - 1) => leaf()};
        N when N < 9, Parts =/= [] -> one_of(Parts);
        _ -> leaf()
    end.

leaf() ->
    case rand:uniform(30) of
        1 -> self();
        2 -> make_ref();
        3 -> fun(X) -> X end;
        4 -> fun erlang:self/0;
        5 -> rand:uniform(1000) - 500;
        6 -> rand:uniform();
        7 -> 1 bsl rand:uniform(200);
        8 -> <<(rand:uniform(255)):(rand:uniform(20))>>;
        9 -> hd(erlang:ports());
        10 -> lists:seq(1, rand:uniform(40));
        N -> element(N - 10, {undefined, [], {}, #{}, 0, -1, 0.0, -0.0, <<>>, "text", <<"text">>, true, state, item,
            old_state, ok, error, '', {ok, 1}, {error, why}})
    end.

%% What comes as Extra: mostly lists, and all that is none.
extra() ->
    case rand:uniform(8) of
        1 -> [];
        2 -> [{kept, 1}];
        3 -> [a | b];
        4 -> no_list;
        5 -> #{};
        6 -> [{old_state, mine}];
        7 -> lists:seq(1, rand:uniform(50));
        8 -> {old_state, mine}
    end.
