code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of jobs'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Waiting, Done}, _Extra) ->
    {ok,
     #state{
         waiting = Waiting,
         %% running: its default, []
         done = Done
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of jobs'({down, _}, {state, Waiting, _Running, Done}, _Extra) ->
    {ok, {state, Waiting, Done}};
'code_change down of jobs'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of jobs'(_OldVsn, State, _Extra) ->
    {ok, State}.
