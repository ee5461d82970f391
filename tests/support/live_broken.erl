%% Containers of old records, whole ones and broken ones, through the code_change of a loaded module: what goes wrong.
-module(live_broken).
-export([whole/2, broken/4, failing/1]).

-define(JUNK, [undefined, nil, [], {}, 0, -1, 1 bsl 70, [a | b], [[] | {}], #{}, {other, 7}, {item}, {{}, {}}, "x", 1.5]).

%% Every container of Module's state, with records in it, comes out as the same one made of new records, and back.
whole(Module, Fields) ->
    [{Kind, Values}
     || {Number, Kind} <- lists:enumerate(Fields),
        Size <- [0, 1, 2, 5, 40],
        Values <- [[made(Kind, Size, fun old/1), made(Kind, Size, fun new/1)]],
        [Old, New] <- [[state(Number, Value, Fields) || Value <- Values]],
        {Vsn, Given, Expected} <- [{"1", Old, New}, {"1", New, New}, {{down, "1"}, New, Old}, {{down, "1"}, Old, Old}],
        {ok, told(Expected)} =/= told(Module:code_change(Vsn, Given, []))]
        ++ [{Kind, again, Value}
            || {Number, Kind} <- lists:enumerate(Fields),
               {Vsn, Value} <- [{"1", grown(Kind, fun new/1)}, {{down, "1"}, grown(Kind, fun old/1)}],
               State <- [state(Number, Value, Fields)],
               Answer <- [Module:code_change(Vsn, State, [])],
               {ok, State} =/= Answer,
               %% OTP 29 lays an array out anew whenever it maps it.
               Kind =/= sparse orelse {ok, told(State)} =/= told(Answer)].

%% One that came about little by little, so that it is laid out otherwise than one that is made of a list.
grown(Kind, Item) ->
    Keys = [Key * 7 rem 61 || Key <- lists:seq(1, 60)],
    Items = [Item(Key) || Key <- Keys],
    Fold = fun(Add, Empty) -> lists:foldl(Add, Empty, Items) end,
    case Kind of
        keyed_dict -> Fold(fun(Each, All) -> dict:store(Each, Each, All) end, dict:new());
        keyed_tree -> Fold(fun(Each, All) -> gb_trees:insert(Each, Each, All) end, gb_trees:empty());
        gb_set -> Fold(fun gb_sets:add_element/2, gb_sets:new());
        set -> Fold(fun sets:add_element/2, sets:new([{version, 1}]));
        queue -> Fold(fun queue:in/2, queue:new());
        _ -> made(Kind, 40, Item)
    end.

%% What is in a dict or an array, of which the layout tells how it came about.
told({ok, State}) -> {ok, told(State)};
told(State) -> list_to_tuple([content(Each) || Each <- tuple_to_list(State)]).

content(Dict) when is_record(Dict, dict, 9) -> {dict, lists:sort(dict:to_list(Dict))};
content(Array) when element(1, Array) =:= array ->
    try
        true = finite(Array),
        {array, array:size(Array), array:is_fix(Array), array:default(Array), array:sparse_to_orddict(Array)}
    catch
        error:_ -> Array
    end;
content(Other) -> Other.

%% Count containers spoiled at random: none raises, none loses a record, twice is once.
broken(Module, Fields, Seed, Count) ->
    _ = rand:seed(exsss, Seed),
    [Wrong || Each <- lists:seq(1, Count), Wrong <- tried(Module, Fields, Each)].

tried(Module, Fields, Each) ->
    Number = 1 + Each rem length(Fields),
    Real = made(lists:nth(Number, Fields), rand:uniform(6) - 1, fun old/1),
    Value = lists:foldl(fun(_, Term) -> spoiled(Term) end, Real, lists:seq(1, rand:uniform(2))),
    State = state(Number, Value, Fields),
    try
        {ok, Up} = Module:code_change("1", State, []),
        same({ok, Up}, Module:code_change("1", Up, [])),
        {ok, Down} = Module:code_change({down, "1"}, Up, []),
        same({ok, Down}, Module:code_change({down, "1"}, Down, [])),
        [{lost, Value, Up} || seen(lists:nth(Number, Fields), Value) -- items(Up) =/= []]
    catch
        Class:Reason -> [{Class, Reason, Value}]
    end.

same(One, One) -> true;
same(One, Other) ->
    %% OTP 29 lays an array out anew whenever it maps it.
    true = tuple_size(array:new()) =:= 9,
    true = told(One) =:= told(Other).

state(Number, Value, Fields) ->
    setelement(Number + 1, list_to_tuple([state | [none || _ <- Fields]]), Value).

%% A whole container with a record in it whose number is none.
failing(Kind) -> made(Kind, 3, fun(2) -> {item, two}; (Number) -> {item, Number} end).

old(Number) -> {item, Number}.
new(Number) -> {item, Number, new}.

made(Kind, Size, Item) ->
    Keys = lists:seq(1, Size),
    Items = [Item(Key) || Key <- Keys],
    Pairs = lists:zip(Keys, Items),
    case Kind of
        array -> array:from_list(Items);
        sparse -> array:set(Size * 100, Item(0), array:new([{default, Item(1)}]));
        dict -> dict:from_list(Pairs);
        keyed_dict -> dict:from_list([{Each, Each} || Each <- Items]);
        tree -> gb_trees:from_orddict(Pairs);
        keyed_tree -> gb_trees:from_orddict([{Each, Each} || Each <- Items]);
        gb_set -> gb_sets:from_list(Items);
        set -> sets:from_list(Items, [{version, 1}]);
        new_set -> sets:from_list(Items, [{version, 2}]);
        queue -> queue:from_list(Items);
        orddict -> Pairs;
        ordset -> Items;
        map -> maps:from_list([{Each, [Each]} || Each <- Items]);
        improper -> Items ++ Item(0);
        list_of_sets -> [sets:from_list([Each], [{version, 1}]) || Each <- Items]
    end.

%% The numbers of the records in a container that its own module finds there; of all in what is none.
seen(Kind, Value) ->
    try
        items(case Kind of
                  array -> true = finite(Value), array:sparse_to_list(Value);
                  sparse -> true = finite(Value), array:sparse_to_list(Value);
                  dict -> dict:to_list(Value);
                  keyed_dict -> dict:fetch_keys(Value);
                  tree -> gb_trees:to_list(Value);
                  keyed_tree -> gb_trees:keys(Value);
                  gb_set -> gb_sets:to_list(Value);
                  set -> sets:to_list(Value);
                  new_set -> sets:to_list(Value);
                  queue -> queue:to_list(Value);
                  _ -> Value
              end)
    catch
        _:_ -> items(Value)
    end.

%% In a broken array of OTP 29 its own module may never come to an end: where its levels do not go down to 0 in steps of
%% four bits, or have no place for as many elements.
finite({array, Size, Zero, _, _, _, _, _, Bits}) ->
    lists:all(fun is_integer/1, [Size, Zero, Bits]) andalso Zero >= 0 andalso lists:member(Bits, lists:seq(0, 1020, 4))
        andalso Size + Zero =< 1 bsl (Bits + 4);
finite(_) ->
    true.

%% The numbers of all records in a term, old and new.
items(Term) -> lists:usort(found(Term)).

found({item, Number}) when is_integer(Number) -> [Number];
found({item, Number, _}) when is_integer(Number) -> [Number];
found(Tuple) when is_tuple(Tuple) -> found(tuple_to_list(Tuple));
found(Map) when is_map(Map) -> found(maps:to_list(Map));
found([Head | Tail]) -> found(Head) ++ found(Tail);
found(_) -> [].

%% The term with something in it replaced, taken out or added.
spoiled(Tuple) when is_tuple(Tuple), tuple_size(Tuple) > 0 ->
    At = rand:uniform(tuple_size(Tuple)),
    case rand:uniform(8) of
        1 -> erlang:delete_element(At, Tuple);
        2 -> erlang:insert_element(At, Tuple, junk());
        3 -> junk();
        4 -> setelement(At, Tuple, element(rand:uniform(tuple_size(Tuple)), Tuple));
        _ -> setelement(At, Tuple, spoiled(element(At, Tuple)))
    end;
spoiled([Head | Tail]) ->
    case rand:uniform(6) of
        1 -> Tail;
        2 -> [Head | junk()];
        3 -> [Head, Head | Tail];
        4 -> [Head | spoiled(Tail)];
        _ -> [spoiled(Head) | Tail]
    end;
spoiled(Map) when map_size(Map) > 0 ->
    [Key | _] = maps:keys(Map),
    case rand:uniform(3) of
        1 -> Map#{Key := junk()};
        2 -> Map#{junk() => junk()};
        _ -> (maps:remove(Key, Map))#{spoiled(Key) => maps:get(Key, Map)}
    end;
spoiled(Integer) when is_integer(Integer) ->
    lists:nth(rand:uniform(4), [Integer + 1, Integer - 1, -Integer, junk()]);
spoiled(_) ->
    junk().

junk() -> lists:nth(rand:uniform(length(?JUNK)), ?JUNK).
