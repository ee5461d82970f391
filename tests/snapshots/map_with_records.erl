code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of desk'(OldVsn, State, Extra);
code_change(_OldVsn, State, _Extra)
  when is_map(State), is_map_key(last, State), element(1, map_get(last, State)) =:= session,
       tuple_size(map_get(last, State)) =/= 3, tuple_size(map_get(last, State)) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, map_get(last, State)), tuple_size(map_get(last, State))}}};
%% from "1.0.0"
code_change(_OldVsn, State, _Extra) ->
    {ok, 'inside desk 1 up of desk'(State)}.

'code_change down of desk'(_OldVsn, State, _Extra)
  when is_map(State), is_map_key(last, State), element(1, map_get(last, State)) =:= session,
       tuple_size(map_get(last, State)) =/= 3, tuple_size(map_get(last, State)) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, map_get(last, State)), tuple_size(map_get(last, State))}}};
%% to "1.0.0"
'code_change down of desk'({down, _}, State, _Extra) ->
    {ok, 'inside desk 1 down of desk'(State)};
'code_change down of desk'(_OldVsn, State, _Extra) ->
    {ok, State}.

'inside desk 1 up of desk'(Value)
  when is_map(Value) ->
    'inside desk 4 up of desk'('inside desk 2 up of desk'(Value));
'inside desk 1 up of desk'(Value) ->
    Value.

'inside desk 2 up of desk'(#{sessions := Old} = Value) ->
    Value#{sessions := 'inside desk 3 up of desk'(Old)};
'inside desk 2 up of desk'(Value) ->
    Value.

'inside desk 3 up of desk'([Head | Tail]) ->
    ['session up of desk'(Head) | 'inside desk 3 up of desk'(Tail)];
'inside desk 3 up of desk'(Tail) ->
    Tail.

'inside desk 4 up of desk'(#{last := Old} = Value) ->
    Value#{last := 'session up of desk'(Old)};
'inside desk 4 up of desk'(Value) ->
    Value.

'inside desk 1 down of desk'(Value)
  when is_map(Value) ->
    'inside desk 4 down of desk'('inside desk 2 down of desk'(Value));
'inside desk 1 down of desk'(Value) ->
    Value.

'inside desk 2 down of desk'(#{sessions := Old} = Value) ->
    Value#{sessions := 'inside desk 3 down of desk'(Old)};
'inside desk 2 down of desk'(Value) ->
    Value.

'inside desk 3 down of desk'([Head | Tail]) ->
    ['session down of desk'(Head) | 'inside desk 3 down of desk'(Tail)];
'inside desk 3 down of desk'(Tail) ->
    Tail.

'inside desk 4 down of desk'(#{last := Old} = Value) ->
    Value#{last := 'session down of desk'(Old)};
'inside desk 4 down of desk'(Value) ->
    Value.

'session up of desk'({session, User, Address}) ->
    #session{
        user = User,
        address = Address
        %% retries: its default, 0
    };
'session up of desk'(Value) ->
    Value.

'session down of desk'({session, User, Address, _Retries}) ->
    {session, User, Address};
'session down of desk'(Value) ->
    Value.
