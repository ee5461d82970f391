code_change({down, _} = OldVsn, StateName, State, Extra) ->
    'code_change down of light'(OldVsn, StateName, State, Extra);
%% from "1.0.0"
code_change(OldVsn, StateName, {data, Changes} = Old, Extra) ->
    New = #data{
              changes = Changes
              %% since: its default, undefined
              %% last_green: its default, 0
          },
    'code_change of light'(OldVsn, StateName, New, 'extra with old_state of light'(Extra, Old));
code_change(_OldVsn, _StateName, State, _Extra)
  when element(1, State) =:= data, tuple_size(State) =/= 2, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, StateName, State, Extra) ->
    'code_change of light'(OldVsn, StateName, State, Extra).

%% to "1.0.0"
'code_change down of light'({down, _} = OldVsn, StateName,
                            {data, Changes, _Since, _LastGreen} = New, Extra) ->
    Old = {data, Changes},
    'code_change of light'(OldVsn, StateName, Old, 'extra with old_state of light'(Extra, New));
'code_change down of light'(_OldVsn, _StateName, State, _Extra)
  when element(1, State) =:= data, tuple_size(State) =/= 2, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of light'(OldVsn, StateName, State, Extra) ->
    'code_change of light'(OldVsn, StateName, State, Extra).

'extra with old_state of light'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of light'(Extra, Old) ->
    [Extra, {old_state, Old}].
