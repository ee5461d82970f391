code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of presence'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(OldVsn, {state, Seen, _Sweeper} = Old, Extra) ->
    New = #state{seen = Seen},
    'code_change of presence'(OldVsn, New, 'extra with old_state of presence'(Extra, Old));
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of presence'(OldVsn, State, Extra).

%% to "1.0.0"
'code_change down of presence'({down, _} = OldVsn, {state, Seen} = New, Extra) ->
    Old = {state, Seen, undefined},
    'code_change of presence'(OldVsn, Old, 'extra with old_state of presence'(Extra, New));
'code_change down of presence'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of presence'(OldVsn, State, Extra) ->
    'code_change of presence'(OldVsn, State, Extra).

'extra with old_state of presence'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of presence'(Extra, Old) ->
    [Extra, {old_state, Old}].
