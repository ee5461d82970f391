code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of doorbell'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state}, _Extra) ->
    {ok,
     #state{
         %% rung: its default, 0
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 1, tuple_size(State) =/= 2 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of doorbell'({down, _}, {state, _Rung}, _Extra) ->
    {ok, {state}};
'code_change down of doorbell'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 1, tuple_size(State) =/= 2 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of doorbell'(_OldVsn, State, _Extra) ->
    {ok, State}.
