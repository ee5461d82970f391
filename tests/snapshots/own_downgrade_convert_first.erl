code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of courier'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(OldVsn, {state, Parcels} = Old, Extra) ->
    New = #state{
              parcels = Parcels
              %% letters: its default, []
          },
    'code_change of courier'(OldVsn, New, 'extra with old_state of courier'(Extra, Old));
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of courier'(OldVsn, State, Extra).

%% to "1.0.0"
'code_change down of courier'({down, _} = OldVsn, {state, Parcels, _Letters} = New, Extra) ->
    Old = {state, Parcels},
    'code_change of courier'(OldVsn, Old, 'extra with old_state of courier'(Extra, New));
'code_change down of courier'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of courier'(OldVsn, State, Extra) ->
    'code_change of courier'(OldVsn, State, Extra).

'extra with old_state of courier'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of courier'(Extra, Old) ->
    [Extra, {old_state, Old}].
