code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of lobby'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Active, Waiting, Last, Count}, _Extra) ->
    {ok,
     #state{
         active = 'inside active 1 up of lobby'(Active),
         waiting = 'inside waiting 2 up of lobby'(Waiting),
         last = 'session up of lobby'(Last),
         count = Count
         %% limit: its default, 100
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 5, tuple_size(State) =/= 6 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of lobby'({down, _}, {state, Active, Waiting, Last, Count, _Limit}, _Extra) ->
    {ok,
     {state, 'inside active 1 down of lobby'(Active), 'inside waiting 2 down of lobby'(Waiting),
      'session down of lobby'(Last), Count}};
'code_change down of lobby'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 5, tuple_size(State) =/= 6 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of lobby'(_OldVsn, State, _Extra) ->
    {ok, State}.

'inside active 1 up of lobby'(Value)
  when is_map(Value) ->
    maps:map(fun (_, Old) -> 'session up of lobby'(Old) end, Value);
'inside active 1 up of lobby'(Value) ->
    Value.

'inside waiting 2 up of lobby'({One, Other} = Value)
  when is_list(One), is_list(Other) ->
    try
        All = queue:to_list(Value),
        case ['session up of lobby'(Old) || Old <- All] of
            All -> Value;
            New -> queue:from_list(New)
        end
    catch
        Class:Reason:Stack ->
            'broken container of lobby'(Value, fun queue:to_list/1, Class, Reason, Stack)
    end;
'inside waiting 2 up of lobby'(Value) ->
    Value.

'inside active 1 down of lobby'(Value)
  when is_map(Value) ->
    maps:map(fun (_, Old) -> 'session down of lobby'(Old) end, Value);
'inside active 1 down of lobby'(Value) ->
    Value.

'inside waiting 2 down of lobby'({One, Other} = Value)
  when is_list(One), is_list(Other) ->
    try
        All = queue:to_list(Value),
        case ['session down of lobby'(Old) || Old <- All] of
            All -> Value;
            New -> queue:from_list(New)
        end
    catch
        Class:Reason:Stack ->
            'broken container of lobby'(Value, fun queue:to_list/1, Class, Reason, Stack)
    end;
'inside waiting 2 down of lobby'(Value) ->
    Value.

'broken container of lobby'(Value, Read, Class, Reason, Stack) ->
    try Read(Value) of
        _ -> erlang:raise(Class, Reason, Stack)
    catch
        _:_ -> Value
    end.

'session up of lobby'({session, User, Address}) ->
    #session{
        owner = User,   % was user
        address = Address
        %% retries: its default, 0
    };
'session up of lobby'(Value) ->
    Value.

'session down of lobby'({session, Owner, Address, _Retries}) ->
    {session, Owner, Address};
'session down of lobby'(Value) ->
    Value.
