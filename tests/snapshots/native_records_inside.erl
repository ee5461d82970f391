code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of lobby'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 4 ->
    {ok, 'whole state up of lobby'(State)};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of lobby'({down, _}, {state, Active, Waiting, Last}, _Extra) ->
    {ok,
     {state, 'inside active 1 down of lobby'(Active), 'inside waiting 2 down of lobby'(Waiting),
      'seat down of lobby'(Last)}};
'code_change down of lobby'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of lobby'(_OldVsn, State, _Extra) ->
    {ok, State}.

'whole state up of lobby'({state, Active, Waiting, Last}) ->
    #state{
        active = 'inside active 1 up of lobby'(Active),
        waiting = 'inside waiting 2 up of lobby'(Waiting),
        last = 'seat up of lobby'(Last)
    }.

'inside active 1 up of lobby'(Value)
  when is_map(Value) ->
    maps:map(fun (_, Old) -> 'session up of lobby'(Old) end, Value);
'inside active 1 up of lobby'(Value) ->
    Value.

'inside waiting 2 up of lobby'([Head | Tail]) ->
    ['session up of lobby'(Head) | 'inside waiting 2 up of lobby'(Tail)];
'inside waiting 2 up of lobby'(Tail) ->
    Tail.

'inside active 1 down of lobby'(Value)
  when is_map(Value) ->
    maps:map(fun (_, Old) -> 'session down of lobby'(Old) end, Value);
'inside active 1 down of lobby'(Value) ->
    Value.

'inside waiting 2 down of lobby'([Head | Tail]) ->
    ['session down of lobby'(Head) | 'inside waiting 2 down of lobby'(Tail)];
'inside waiting 2 down of lobby'(Tail) ->
    Tail.

'seat up of lobby'({seat, Number, Session}) ->
    #seat{number = Number, session = 'session up of lobby'(Session)};
'seat up of lobby'(Value) ->
    Value.

'seat down of lobby'({seat, Number, Session}) ->
    {seat, Number, 'session down of lobby'(Session)};
'seat down of lobby'(Value) ->
    Value.

'session up of lobby'(Value) ->
    'session up of lobby'(Value, 'definition of lobby'(Value)).

'session up of lobby'(#_{user = User, address = Address}, {lobby, session, false, [user, address]}) ->
    #session{
        owner = User,   % was user
        address = Address
        %% retries: its default, 0
    };
'session up of lobby'(Value, _) ->
    Value.

'session down of lobby'(Value) ->
    'session down of lobby'(Value, 'definition of lobby'(Value)).

'session down of lobby'(#_{owner = Owner, address = Address},
                        {lobby, session, false, [owner, address, retries]}) ->
    records:create(lobby, session, [{user, Owner}, {address, Address}], #{is_exported => false});
'session down of lobby'(Value, _) ->
    Value.

'definition of lobby'(#_{} = Value) ->
    {records:get_module(Value), records:get_name(Value), records:is_exported(Value), records:get_field_names(Value)};
'definition of lobby'(_) ->
    none.
