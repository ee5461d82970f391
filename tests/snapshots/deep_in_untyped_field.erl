code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of orders'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 4 ->
    {ok, 'whole state up of orders'(State)};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of orders'({down, _}, {state, Kept, Queue, Count}, _Extra) ->
    {ok,
     {state, 'inside kept 1 down of orders'(Kept), 'inside kept 1 down of orders'(Queue), Count}};
'code_change down of orders'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of orders'(_OldVsn, State, _Extra) ->
    {ok, State}.

'whole state up of orders'({state, Kept, Queue, Count}) ->
    #state{
        kept = 'inside kept 1 up of orders'(Kept),
        queue = 'inside kept 1 up of orders'(Queue),
        count = Count
    }.

'inside kept 1 up of orders'(Value) ->
    case 'anywhere 1 up of orders'(Value) of
        {} -> Value;
        {New} -> New
    end.

'anywhere 1 up of orders'(Value)
  when tuple_size(Value) =:= 3, element(1, Value) =:= item ->
    {'item up of orders'(Value)};
'anywhere 1 up of orders'(Value)
  when tuple_size(Value) =:= 3, element(1, Value) =:= order ->
    {'order up of orders'(Value)};
'anywhere 1 up of orders'([Head | Tail]) ->
    case {'anywhere 1 up of orders'(Head), 'anywhere 1 up of orders'(Tail)} of
        {{}, {}} -> {};
        {{}, {New}} -> {[Head | New]};
        {{New}, {}} -> {[New | Tail]};
        {{New}, {Rest}} -> {[New | Rest]}
    end;
'anywhere 1 up of orders'(Value)
  when is_tuple(Value) ->
    case 'anywhere 1 up of orders'(tuple_to_list(Value)) of
        {} -> {};
        {New} -> {list_to_tuple(New)}
    end;
'anywhere 1 up of orders'(Value)
  when is_map(Value) ->
    case 'anywhere 1 up of orders'([[Key | Old] || {Key, Old} <- maps:to_list(Value)]) of
        {} -> {};
        {New} -> {maps:from_list([{Key, Old} || [Key | Old] <- New])}
    end;
'anywhere 1 up of orders'(_) ->
    {}.

'inside kept 1 down of orders'(Value) ->
    case 'anywhere 1 down of orders'(Value) of
        {} -> Value;
        {New} -> New
    end.

'anywhere 1 down of orders'(Value)
  when tuple_size(Value) =:= 4, element(1, Value) =:= item ->
    {'item down of orders'(Value)};
'anywhere 1 down of orders'(Value)
  when tuple_size(Value) =:= 4, element(1, Value) =:= order ->
    {'order down of orders'(Value)};
'anywhere 1 down of orders'([Head | Tail]) ->
    case {'anywhere 1 down of orders'(Head), 'anywhere 1 down of orders'(Tail)} of
        {{}, {}} -> {};
        {{}, {New}} -> {[Head | New]};
        {{New}, {}} -> {[New | Tail]};
        {{New}, {Rest}} -> {[New | Rest]}
    end;
'anywhere 1 down of orders'(Value)
  when is_tuple(Value) ->
    case 'anywhere 1 down of orders'(tuple_to_list(Value)) of
        {} -> {};
        {New} -> {list_to_tuple(New)}
    end;
'anywhere 1 down of orders'(Value)
  when is_map(Value) ->
    case 'anywhere 1 down of orders'([[Key | Old] || {Key, Old} <- maps:to_list(Value)]) of
        {} -> {};
        {New} -> {maps:from_list([{Key, Old} || [Key | Old] <- New])}
    end;
'anywhere 1 down of orders'(_) ->
    {}.

'item up of orders'({item, Name, Parts}) ->
    #item{
        name = 'inside kept 1 up of orders'(Name),
        parts = 'inside kept 1 up of orders'(Parts)
        %% price: its default, 0
    };
'item up of orders'(Value) ->
    Value.

'item down of orders'({item, Name, Parts, _Price}) ->
    {item, 'inside kept 1 down of orders'(Name), 'inside kept 1 down of orders'(Parts)};
'item down of orders'(Value) ->
    Value.

'order up of orders'({order, Id, Item}) ->
    #order{
        number = 'inside kept 1 up of orders'(Id),
        item = 'inside kept 1 up of orders'(Item)
        %% paid: its default, false
    };
'order up of orders'(Value) ->
    Value.

'order down of orders'({order, Number, Item, _Paid}) ->
    {order, 'inside kept 1 down of orders'(Number), 'inside kept 1 down of orders'(Item)};
'order down of orders'(Value) ->
    Value.
