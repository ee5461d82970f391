system_code_change(State, Module, {down, _} = OldVsn, Extra) ->
    'system_code_change down of ticker'(State, Module, OldVsn, Extra);
%% from "1.0.0"
system_code_change({state, Interval, Count}, _Module, _OldVsn, _Extra) ->
    {ok,
     #state{
         %% asked: its default, 0
         interval = Interval,
         ticks = Count   % was count
     }};
system_code_change(State, _Module, _OldVsn, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
system_code_change(State, _Module, _OldVsn, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'system_code_change down of ticker'({state, _Asked, Interval, Ticks}, _Module, {down, _}, _Extra) ->
    {ok, {state, Interval, Ticks}};
'system_code_change down of ticker'(State, _Module, _OldVsn, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'system_code_change down of ticker'(State, _Module, _OldVsn, _Extra) ->
    {ok, State}.
