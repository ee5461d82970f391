code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of press'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(OldVsn, {state, Status} = Old, Extra) ->
    New = #state{
              status = Status
              %% force: its default, 100
          },
    'code_change of press'(OldVsn, New, 'extra with old_state of press'(Extra, Old));
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of press'(OldVsn, State, Extra).

%% to "1.0.0"
'code_change down of press'({down, _} = OldVsn, {state, Status, _Force} = New, Extra) ->
    Old = {state, Status},
    'code_change of press'(OldVsn, Old, 'extra with old_state of press'(Extra, New));
'code_change down of press'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of press'(OldVsn, State, Extra) ->
    'code_change of press'(OldVsn, State, Extra).

'extra with old_state of press'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of press'(Extra, Old) ->
    [Extra, {old_state, Old}].
