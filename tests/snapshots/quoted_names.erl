code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of weather'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {'Weather Station', AirTemperature, Wind, _End}, _Extra) ->
    {ok,
     #'Weather Station'{
         'air.temperature' = AirTemperature,
         'Wind: speed' = Wind   % was 'Wind'
         %% wind_speed: its default, none
         %% 'when': its default, <<"später"/utf8>>
         %% 'it\'s': its default, 'don\'t know'
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= 'Weather Station', tuple_size(State) =/= 4, tuple_size(State) =/= 6 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of weather'({down, _},
                              {'Weather Station', AirTemperature, WindSpeed, _WindSpeed2, _When,
                               _ItS}, _Extra) ->
    {ok, {'Weather Station', AirTemperature, WindSpeed, 'not yet'}};
'code_change down of weather'(_OldVsn, State, _Extra)
  when element(1, State) =:= 'Weather Station', tuple_size(State) =/= 4, tuple_size(State) =/= 6 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of weather'(_OldVsn, State, _Extra) ->
    {ok, State}.
