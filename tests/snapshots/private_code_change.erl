code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of thermostat'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(OldVsn, {state, Celsius} = Old, Extra) ->
    New = #state{
              celsius = Celsius
              %% limit: its default, 25
          },
    'code_change of thermostat'(OldVsn, New, 'extra with old_state of thermostat'(Extra, Old));
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of thermostat'(OldVsn, State, Extra).

'code_change down of thermostat'({down, _}, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 2 ->
    {ok, State};
'code_change down of thermostat'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of thermostat'(OldVsn, State, Extra) ->
    try 'code_change of thermostat'(OldVsn, State, Extra) of
        Result ->
            'code_change down result of thermostat'(OldVsn, Result)
    catch
        throw:{ok, _} = Result ->
            throw('code_change down result of thermostat'(OldVsn, Result))
    end.

%% to "1.0.0"
'code_change down result of thermostat'({down, _}, {ok, {state, Celsius, _Limit}}) ->
    {ok, {state, Celsius}};
'code_change down result of thermostat'(_OldVsn, {ok, State})
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down result of thermostat'(_OldVsn, Result) ->
    Result.

'extra with old_state of thermostat'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of thermostat'(Extra, Old) ->
    [Extra, {old_state, Old}].
