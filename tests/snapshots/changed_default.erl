code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of poller'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Device, Interval}, _Extra) ->
    {ok,
     #state{
         device = Device,
         interval = Interval
         %% attempts: its default, 3
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of poller'({down, _}, {state, Device, Interval, _Attempts}, _Extra) ->
    {ok, {state, Device, Interval}};
'code_change down of poller'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of poller'(_OldVsn, State, _Extra) ->
    {ok, State}.
