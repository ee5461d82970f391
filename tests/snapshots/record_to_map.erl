code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of meter'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, Old, _Extra)
  when element(1, Old) =:= state, tuple_size(Old) =:= 3 ->
    {ok, to_map(Old)};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of meter'({down, _}, New, _Extra)
  when is_map(New), is_map_key(unit, New), is_map_key(total, New), is_map_key(readings, New) ->
    {ok, to_record(New)};
'code_change down of meter'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of meter'(_OldVsn, State, _Extra) ->
    {ok, State}.
