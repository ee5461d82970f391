code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of store'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 11 ->
    {ok, 'whole state up of store'(State)};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 11 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of store'({down, _},
                            {state, Array, Dict, Orddict, Tree, Ordered, Set, NewSet, Queue, Map,
                             Tuple}, _Extra) ->
    {ok,
     {state, 'inside array 1 down of store'(Array), 'inside dict 2 down of store'(Dict),
      'inside orddict 3 down of store'(Orddict), 'inside tree 5 down of store'(Tree),
      'inside ordered 6 down of store'(Ordered), 'inside set 7 down of store'(Set),
      'inside set 7 down of store'(NewSet), 'inside queue 8 down of store'(Queue),
      'inside map 9 down of store'(Map), 'inside tuple 11 down of store'(Tuple)}};
'code_change down of store'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 11 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of store'(_OldVsn, State, _Extra) ->
    {ok, State}.

'whole state up of store'({state, Array, Dict, Orddict, Tree, Ordered, Set, NewSet, Queue, Map,
                           Tuple}) ->
    #state{
        array = 'inside array 1 up of store'(Array),
        dict = 'inside dict 2 up of store'(Dict),
        orddict = 'inside orddict 3 up of store'(Orddict),
        tree = 'inside tree 5 up of store'(Tree),
        ordered = 'inside ordered 6 up of store'(Ordered),
        set = 'inside set 7 up of store'(Set),
        new_set = 'inside set 7 up of store'(NewSet),
        queue = 'inside queue 8 up of store'(Queue),
        map = 'inside map 9 up of store'(Map),
        tuple = 'inside tuple 11 up of store'(Tuple)
    }.

'inside array 1 up of store'(Value)
  when is_record(Value, array, 5);
       is_record(Value, array, 9), tuple_size(element(6, Value)) =:= 16,
       element(9, Value) rem 4 =:= 0, element(9, Value) >= 0, element(9, Value) < 1024,
       element(3, Value) >= 0, element(2, Value) + element(3, Value) =< 16 bsl element(9, Value) ->
    try
        case [{Default, 'item up of store'(Default)} || Default <- [array:default(Value)]] of [{Same, Same}] -> array:sparse_map(fun (_, Old) -> 'item up of store'(Old) end, Value); [{_, New}] -> array:sparse_foldl(fun (At, Old, All) -> array:set(At, 'item up of store'(Old), All) end, array:new([{size, array:size(Value)}, {fixed, array:is_fix(Value)}, {default, New}]), Value) end
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun (Array) -> array:sparse_foldl(fun array:set/3, array:new([{size, array:size(Array)}, {default, array:default(Array)}]), array:sparse_map(fun (_, Old) -> Old end, Array)) end, Class, Reason, Stack)
    end;
'inside array 1 up of store'(Value) ->
    Value.

'inside dict 2 up of store'(Value)
  when is_record(Value, dict, 9) ->
    try
        dict:map(fun (_, Old) -> 'item up of store'(Old) end, Value)
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun dict:to_list/1, Class, Reason, Stack)
    end;
'inside dict 2 up of store'(Value) ->
    Value.

'inside orddict 3 up of store'([Head | Tail]) ->
    ['inside orddict 4 up of store'(Head) | 'inside orddict 3 up of store'(Tail)];
'inside orddict 3 up of store'(Tail) ->
    Tail.

'inside orddict 4 up of store'({Element1, Element2}) ->
    {Element1, 'item up of store'(Element2)};
'inside orddict 4 up of store'(Value) ->
    Value.

'inside tree 5 up of store'({One, Other} = Value)
  when is_integer(One), tuple_size(Other) =:= 4 ->
    try
        gb_trees:map(fun (_, Old) -> 'item up of store'(Old) end, Value)
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun gb_trees:to_list/1, Class, Reason, Stack)
    end;
'inside tree 5 up of store'(Value) ->
    Value.

'inside ordered 6 up of store'({One, Other} = Value)
  when is_integer(One), tuple_size(Other) =:= 3 ->
    try
        All = gb_sets:to_list(Value),
        case ['item up of store'(Old) || Old <- All] of
            All -> Value;
            New -> gb_sets:from_list(New)
        end
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun gb_sets:to_list/1, Class, Reason, Stack)
    end;
'inside ordered 6 up of store'(Value) ->
    Value.

'inside set 7 up of store'(Value)
  when is_map(Value) ->
    maps:from_list([{'item up of store'(Key), Old} || {Key, Old} <- maps:to_list(Value)]);
'inside set 7 up of store'(Value)
  when is_record(Value, set, 9) ->
    try
        All = sets:to_list(Value),
        case ['item up of store'(Old) || Old <- All] of
            All -> Value;
            New -> sets:from_list(New, [{version, 1}])
        end
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun sets:to_list/1, Class, Reason, Stack)
    end;
'inside set 7 up of store'(Value) ->
    Value.

'inside queue 8 up of store'({One, Other} = Value)
  when is_list(One), is_list(Other) ->
    try
        All = queue:to_list(Value),
        case ['item up of store'(Old) || Old <- All] of
            All -> Value;
            New -> queue:from_list(New)
        end
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun queue:to_list/1, Class, Reason, Stack)
    end;
'inside queue 8 up of store'(Value) ->
    Value.

'inside map 9 up of store'(Value)
  when is_map(Value) ->
    maps:from_list([{'item up of store'(Key), 'inside map 10 up of store'(Old)} || {Key, Old} <- maps:to_list(Value)]);
'inside map 9 up of store'(Value) ->
    Value.

'inside map 10 up of store'([Head | Tail]) ->
    ['item up of store'(Head) | 'inside map 10 up of store'(Tail)];
'inside map 10 up of store'(Tail) ->
    Tail.

'inside tuple 11 up of store'({Element1, Element2}) ->
    {'item up of store'(Element1), 'inside map 10 up of store'(Element2)};
'inside tuple 11 up of store'(Value) ->
    Value.

'inside array 1 down of store'(Value)
  when is_record(Value, array, 5);
       is_record(Value, array, 9), tuple_size(element(6, Value)) =:= 16,
       element(9, Value) rem 4 =:= 0, element(9, Value) >= 0, element(9, Value) < 1024,
       element(3, Value) >= 0, element(2, Value) + element(3, Value) =< 16 bsl element(9, Value) ->
    try
        case [{Default, 'item down of store'(Default)} || Default <- [array:default(Value)]] of [{Same, Same}] -> array:sparse_map(fun (_, Old) -> 'item down of store'(Old) end, Value); [{_, New}] -> array:sparse_foldl(fun (At, Old, All) -> array:set(At, 'item down of store'(Old), All) end, array:new([{size, array:size(Value)}, {fixed, array:is_fix(Value)}, {default, New}]), Value) end
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun (Array) -> array:sparse_foldl(fun array:set/3, array:new([{size, array:size(Array)}, {default, array:default(Array)}]), array:sparse_map(fun (_, Old) -> Old end, Array)) end, Class, Reason, Stack)
    end;
'inside array 1 down of store'(Value) ->
    Value.

'inside dict 2 down of store'(Value)
  when is_record(Value, dict, 9) ->
    try
        dict:map(fun (_, Old) -> 'item down of store'(Old) end, Value)
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun dict:to_list/1, Class, Reason, Stack)
    end;
'inside dict 2 down of store'(Value) ->
    Value.

'inside orddict 3 down of store'([Head | Tail]) ->
    ['inside orddict 4 down of store'(Head) | 'inside orddict 3 down of store'(Tail)];
'inside orddict 3 down of store'(Tail) ->
    Tail.

'inside orddict 4 down of store'({Element1, Element2}) ->
    {Element1, 'item down of store'(Element2)};
'inside orddict 4 down of store'(Value) ->
    Value.

'inside tree 5 down of store'({One, Other} = Value)
  when is_integer(One), tuple_size(Other) =:= 4 ->
    try
        gb_trees:map(fun (_, Old) -> 'item down of store'(Old) end, Value)
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun gb_trees:to_list/1, Class, Reason, Stack)
    end;
'inside tree 5 down of store'(Value) ->
    Value.

'inside ordered 6 down of store'({One, Other} = Value)
  when is_integer(One), tuple_size(Other) =:= 3 ->
    try
        All = gb_sets:to_list(Value),
        case ['item down of store'(Old) || Old <- All] of
            All -> Value;
            New -> gb_sets:from_list(New)
        end
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun gb_sets:to_list/1, Class, Reason, Stack)
    end;
'inside ordered 6 down of store'(Value) ->
    Value.

'inside set 7 down of store'(Value)
  when is_map(Value) ->
    maps:from_list([{'item down of store'(Key), Old} || {Key, Old} <- maps:to_list(Value)]);
'inside set 7 down of store'(Value)
  when is_record(Value, set, 9) ->
    try
        All = sets:to_list(Value),
        case ['item down of store'(Old) || Old <- All] of
            All -> Value;
            New -> sets:from_list(New, [{version, 1}])
        end
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun sets:to_list/1, Class, Reason, Stack)
    end;
'inside set 7 down of store'(Value) ->
    Value.

'inside queue 8 down of store'({One, Other} = Value)
  when is_list(One), is_list(Other) ->
    try
        All = queue:to_list(Value),
        case ['item down of store'(Old) || Old <- All] of
            All -> Value;
            New -> queue:from_list(New)
        end
    catch
        Class:Reason:Stack ->
            'broken container of store'(Value, fun queue:to_list/1, Class, Reason, Stack)
    end;
'inside queue 8 down of store'(Value) ->
    Value.

'inside map 9 down of store'(Value)
  when is_map(Value) ->
    maps:from_list([{'item down of store'(Key), 'inside map 10 down of store'(Old)} || {Key, Old} <- maps:to_list(Value)]);
'inside map 9 down of store'(Value) ->
    Value.

'inside map 10 down of store'([Head | Tail]) ->
    ['item down of store'(Head) | 'inside map 10 down of store'(Tail)];
'inside map 10 down of store'(Tail) ->
    Tail.

'inside tuple 11 down of store'({Element1, Element2}) ->
    {'item down of store'(Element1), 'inside map 10 down of store'(Element2)};
'inside tuple 11 down of store'(Value) ->
    Value.

'broken container of store'(Value, Read, Class, Reason, Stack) ->
    try Read(Value) of
        _ -> erlang:raise(Class, Reason, Stack)
    catch
        _:_ -> Value
    end.

'item up of store'({item, Name}) ->
    #item{
        name = Name
        %% pieces: its default, 1
    };
'item up of store'(Value) ->
    Value.

'item down of store'({item, Name, _Pieces}) ->
    {item, Name};
'item down of store'(Value) ->
    Value.
