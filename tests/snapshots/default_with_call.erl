code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of car_park'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Cars}, _Extra) ->
    {ok,
     #state{
         cars = Cars
         %% free: its default, [ {Row, Place} || Row <- rows(), Place <- lists:seq(1, 2) ]
         %% price: its default, fun() -> {Old, New} = prices(), max(Old, New) end()
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of car_park'({down, _}, {state, Cars, _Free, _Price}, _Extra) ->
    {ok, {state, Cars}};
'code_change down of car_park'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of car_park'(_OldVsn, State, _Extra) ->
    {ok, State}.
