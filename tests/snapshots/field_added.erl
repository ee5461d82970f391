code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of session'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, User, LastSeen}, _Extra) ->
    {ok,
     #state{
         user = User,
         last_seen = LastSeen
         %% device: its default, unknown
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of session'({down, _}, {state, User, LastSeen, _Device}, _Extra) ->
    {ok, {state, User, LastSeen}};
'code_change down of session'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of session'(_OldVsn, State, _Extra) ->
    {ok, State}.
