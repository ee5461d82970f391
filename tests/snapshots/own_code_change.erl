code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of ledger'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(OldVsn, {state, Balance} = Old, Extra) ->
    New = #state{
              balance = Balance
              %% journal: its default, []
          },
    'code_change of ledger'(OldVsn, New, 'extra with old_state of ledger'(Extra, Old));
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of ledger'(OldVsn, State, Extra).

%% to "1.0.0"
'code_change down of ledger'({down, _} = OldVsn, {state, Balance, _Journal} = New, Extra) ->
    Old = {state, Balance},
    'code_change of ledger'(OldVsn, Old, 'extra with old_state of ledger'(Extra, New));
'code_change down of ledger'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of ledger'(OldVsn, State, Extra) ->
    'code_change of ledger'(OldVsn, State, Extra).

'extra with old_state of ledger'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of ledger'(Extra, Old) ->
    [Extra, {old_state, Old}].
