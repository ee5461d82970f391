%% Follows a walk through a value, to the records in it. What a walk means is said in walks.py; a value of another shape than the walk describes is passed on.
-module(migrator_verify_walk).

-export([value/3]).

%% What stands for the records on the way: whether a value is one by that name, and what becomes of it then.
-type steps() :: {Is :: fun((atom(), term()) -> boolean()), Converted :: fun((atom(), term()) -> term())}.

-spec value(migrator_verify_plan:way(), term(), steps()) -> term().
value({Walk, Named}, Value, {Is, Converted}) ->
    walk(Walk, Value, {Named, Is, Converted}).

walk(stay, Value, _) -> Value;
walk({only, _}, Value, _) -> Value;
walk({again, Name}, Value, {Named, _, _} = With) -> walk(maps:get(Name, Named), Value, With);
walk({anywhere, Names}, Value, {_, Is, Converted}) -> anywhere(Value, Names, {Is, Converted});
walk({list, Element, Tail} = Walk, [First | Rest], With) -> [walk(Element, First, With) | rest(Walk, Tail, Rest, With)];
walk({any_of, Members}, Value, With) ->
    Fitting = [Member || Member <- lists:sort(fun(A, B) -> vagueness(A) =< vagueness(B) end, Members), fits(Member, Value, With)],
    case Fitting of
        [Member] -> walk(Member, Value, With);
        [_ | _] -> walk(likeliest(Fitting, Value, With), Value, With);
        [] -> Value
    end;
walk(Walk, Value, With) ->
    case fits(Walk, Value, With) of
        true -> inside(Walk, Value, With);
        false -> Value
    end.

%% A tuple may look like a record or a gb_tree beside it: it is taken for a tuple where something in it is to be converted.
likeliest(Fitting, Value, With) ->
    Tuples = [Member || {tuple, _} = Member <- Fitting],
    case [Tuple || {tuple, Walks} = Tuple <- Tuples, lists:any(fun({Walk, Element}) -> fits(Walk, Element, With) end,
                                                               lists:zip(Walks, tuple_to_list(Value)))] ++ (Fitting -- Tuples) of
        [Member | _] -> Member;
        [] -> hd(Tuples)
    end.

rest(Walk, _, [_ | _] = Rest, With) -> walk(Walk, Rest, With);
rest(_, Tail, Rest, With) -> walk(Tail, Rest, With).

inside({record, Name}, Tuple, {_, _, Converted}) ->
    Converted(Name, Tuple);
inside({tuple, Walks}, Tuple, With) ->
    list_to_tuple([walk(Walk, Element, With) || {Walk, Element} <- lists:zip(Walks, tuple_to_list(Tuple))]);
inside({map, Known, Key, Value}, Map, With) ->
    Inner = fun(Name, Old) -> walk(proplists:get_value(Name, Known, Value), Old, With) end,
    case Key of
        stay -> maps:map(Inner, Map);
        _ -> maps:from_list([{case lists:keymember(Name, 1, Known) of true -> Name; false -> walk(Key, Name, With) end, Inner(Name, Old)}
                             || {Name, Old} <- maps:to_list(Map)])
    end;
inside({Kind, Key, Value}, Container, With) ->
    try
        container(Kind, Container, Key, fun(Old) -> walk(Key, Old, With) end, fun(Old) -> walk(Value, Old, With) end)
    catch
        Class:Reason:Stack ->
            %% What only begins like a container passes; what fails in a whole one is a function of the user's own.
            Same = fun(Old) -> Old end,
            try container(Kind, Container, Key, Same, Same) of
                _ -> erlang:raise(Class, Reason, Stack)
            catch
                _:_ -> Container
            end
    end.

%% Rebuilt by the functions of its own module, so that it is what that module would have made; where nothing in it changes it stays the very one.
container(dict, Dict, stay, _, New) -> dict:map(fun(_, Old) -> New(Old) end, Dict);
container(dict, Dict, _, Name, New) -> anew(Dict, dict:to_list(Dict), pair(Name, New), fun dict:from_list/1);
container(gb_tree, Tree, stay, _, New) -> gb_trees:map(fun(_, Old) -> New(Old) end, Tree);
container(gb_tree, Tree, _, Name, New) ->
    anew(Tree, gb_trees:to_list(Tree), pair(Name, New), fun(Pairs) -> gb_trees:from_orddict(lists:ukeysort(1, Pairs)) end);
container(gb_set, Set, _, _, New) -> anew(Set, gb_sets:to_list(Set), New, fun gb_sets:from_list/1);
container(set, Set, _, _, New) -> anew(Set, sets:to_list(Set), New, fun(Elements) -> sets:from_list(Elements, [{version, 1}]) end);
container(queue, Queue, _, _, New) -> anew(Queue, queue:to_list(Queue), New, fun queue:from_list/1);
container(array, Array, _, _, New) ->
    Default = array:default(Array),
    case New(Default) of
        Default ->
            array:sparse_map(fun(_, Old) -> New(Old) end, Array);
        Other ->
            Empty = array:new([{size, array:size(Array)}, {fixed, array:is_fix(Array)}, {default, Other}]),
            array:sparse_foldl(fun(At, Old, All) -> array:set(At, New(Old), All) end, Empty, Array)
    end.

pair(Name, New) ->
    fun({Key, Old}) -> {Name(Key), New(Old)} end.

anew(Container, Elements, New, Make) ->
    case [New(Element) || Element <- Elements] of
        Elements -> Container;
        Changed -> Make(Changed)
    end.

%% --- whether a value has the shape that a walk describes ---

fits({record, Name}, Value, {_, Is, _}) -> Is(Name, Value);
fits({list, _, _}, Value, _) -> is_list(Value) andalso Value =/= [];
fits({tuple, Walks}, Tuple, _) ->
    is_tuple(Tuple) andalso tuple_size(Tuple) =:= length(Walks)
        andalso lists:all(fun({{only, Term}, Element}) -> Term =:= Element; (_) -> true end, lists:zip(Walks, tuple_to_list(Tuple)));
fits({map, Known, stay, stay}, Map, _) -> is_map(Map) andalso lists:any(fun({Key, _}) -> is_map_key(Key, Map) end, Known);
fits({map, _, _, _}, Map, _) -> is_map(Map);
fits({again, Name}, Value, {Named, _, _} = With) -> fits(maps:get(Name, Named), Value, With);
fits({any_of, Members}, Value, With) -> lists:any(fun(Member) -> fits(Member, Value, With) end, Members);
fits({anywhere, _}, _, _) -> true;
fits({dict, _, _}, Value, _) -> is_record(Value, dict, 9);
fits({array, _, _}, Value, _) -> is_record(Value, array, 5) orelse is_record(Value, array, 9);
fits({gb_tree, _, _}, {Size, Tree}, _) -> is_integer(Size) andalso tuple_size_is(Tree, 4);
fits({gb_set, _, _}, {Size, Tree}, _) -> is_integer(Size) andalso tuple_size_is(Tree, 3);
fits({set, _, _}, Value, _) -> is_record(Value, set, 9);
fits({queue, _, _}, {Rear, Front}, _) -> is_list(Rear) andalso is_list(Front);
fits(_, _, _) -> false.

tuple_size_is(Tuple, Size) -> is_tuple(Tuple) andalso tuple_size(Tuple) =:= Size.

%% What tells its values best comes first: a record is a tuple, and a gb_tree is a pair.
vagueness({tuple, [{only, _} | _]}) -> 0;
vagueness({record, _}) -> 1;
vagueness({tuple, Walks}) -> case lists:keymember(only, 1, [Each || Each <- Walks, is_tuple(Each)]) of true -> 2; false -> 4 end;
vagueness({map, _, _, _}) -> 2;
vagueness({Kind, _, _}) when Kind =/= list -> 3;
vagueness(_) -> 2.

%% --- everywhere ---

anywhere(Tuple, Names, {Is, Converted} = Steps) when is_tuple(Tuple) ->
    case [Name || Name <- Names, Is(Name, Tuple)] of
        [Name | _] -> Converted(Name, Tuple);
        [] -> list_to_tuple([anywhere(Element, Names, Steps) || Element <- tuple_to_list(Tuple)])
    end;
anywhere([First | Rest], Names, Steps) ->
    [anywhere(First, Names, Steps) | anywhere(Rest, Names, Steps)];
anywhere(Map, Names, Steps) when is_map(Map) ->
    maps:from_list([{anywhere(Key, Names, Steps), anywhere(Value, Names, Steps)} || {Key, Value} <- maps:to_list(Map)]);
anywhere(Other, Names, {Is, Converted} = Steps) ->
    case migrator_verify_record:is_native(Other) of
        true ->
            case [Name || Name <- Names, Is(Name, Other)] of
                [Name | _] -> Converted(Name, Other);
                [] ->
                    Values = [anywhere(Value, Names, Steps) || Value <- migrator_verify_record:values(Other)],
                    migrator_verify_record:made(migrator_verify_record:definition(Other), Values)
            end;
        false -> Other
    end.
