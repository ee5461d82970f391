code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of alarms'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(OldVsn, {state, Seen} = Old, Extra) ->
    New = #state{
              alarms = Seen   % was seen
              %% kept: its default, 100
              %% count: its default, 0
          },
    'code_change of alarms'(OldVsn, New, 'extra with old_state of alarms'(Extra, Old));
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of alarms'(OldVsn, State, Extra).

%% to "1.0.0"
'code_change down of alarms'({down, _} = OldVsn, {state, Alarms, _Kept, _Count} = New, Extra) ->
    Old = {state, Alarms},
    'code_change of alarms'(OldVsn, Old, 'extra with old_state of alarms'(Extra, New));
'code_change down of alarms'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of alarms'(OldVsn, State, Extra) ->
    'code_change of alarms'(OldVsn, State, Extra).

'extra with old_state of alarms'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of alarms'(Extra, Old) ->
    [Extra, {old_state, Old}].
