code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of roster'(OldVsn, State, Extra);
%% from "1.0.0"
code_change("1.0.0", {state, Name, Users, Notes}, _Extra) ->
    {ok, #state{name = Name, users = users_up(Users), notes = notes_up(Notes)}};
code_change("2.0.0", State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 4 ->
    {ok, State};
code_change(OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 4 ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["1.0.0", "2.0.0"]}}};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of roster'({down, _}, {state, Name, Users, Notes}, _Extra) ->
    {ok, {state, Name, users_down(Users), notes_down(Notes)}};
'code_change down of roster'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of roster'(_OldVsn, State, _Extra) ->
    {ok, State}.
