code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of filter'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Pass, Kept}, _Extra) ->
    {ok,
     #state{
         pass = pass_up(Pass),
         kept = Kept
         %% refused: its default, 0
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of filter'({down, _}, {state, Pass, Kept, _Refused}, _Extra) ->
    {ok, {state, pass_down(Pass), Kept}};
'code_change down of filter'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of filter'(_OldVsn, State, _Extra) ->
    {ok, State}.
