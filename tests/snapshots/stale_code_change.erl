code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of lender'(OldVsn, State, Extra);
%% from "2.0.0"
code_change(OldVsn, {state, Free, Lent} = Old, Extra) ->
    New = #state{
              free = Free,
              lent = Lent
              %% most: its default, 100
          },
    'code_change of lender'(OldVsn, New, 'extra with old_state of lender'(Extra, Old));
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of lender'(OldVsn, State, Extra).

%% to "2.0.0"
'code_change down of lender'({down, _} = OldVsn, {state, Free, Lent, _Most} = New, Extra) ->
    Old = {state, Free, Lent},
    'code_change of lender'(OldVsn, Old, 'extra with old_state of lender'(Extra, New));
'code_change down of lender'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of lender'(OldVsn, State, Extra) ->
    'code_change of lender'(OldVsn, State, Extra).

'extra with old_state of lender'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of lender'(Extra, Old) ->
    [Extra, {old_state, Old}].
