code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of login'(OldVsn, State, Extra);
%% from "1.0.0"
code_change("1.0.0", {state, User, Password}, _Extra) ->
    {ok, #state{user = User, password = hash(Password)}};
code_change("2.0.0", State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3 ->
    {ok, State};
code_change(OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3 ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["1.0.0", "2.0.0"]}}};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of login'({down, _}, {state, User, _Password}, _Extra) ->
    {ok, {state, User, ""}};
'code_change down of login'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of login'(_OldVsn, State, _Extra) ->
    {ok, State}.
