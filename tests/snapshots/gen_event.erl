code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of alarms'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Seen}, _Extra) ->
    {ok,
     #state{
         alarms = Seen,   % was seen
         %% kept: its default, 100
         count = counted(#{seen => Seen})
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of alarms'({down, _}, {state, Alarms, _Kept, _Count}, _Extra) ->
    {ok, {state, Alarms}};
'code_change down of alarms'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of alarms'(_OldVsn, State, _Extra) ->
    {ok, State}.
