code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of meter'(OldVsn, State, Extra);
%% from "1.0.0"
code_change("1.0.0", {state, Total, Readings}, _Extra) ->
    {ok, #state{readings = Readings, total = Total}};
code_change("1.1.0", State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3 ->
    {ok, State};
code_change(OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3 ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["1.0.0", "1.1.0"]}}};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of meter'({down, _}, {state, Readings, Total}, _Extra) ->
    {ok, {state, Total, Readings}};
'code_change down of meter'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of meter'(_OldVsn, State, _Extra) ->
    {ok, State}.
