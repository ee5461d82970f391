code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of limiter'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Limit, Used}, _Extra) ->
    {ok,
     #state{
         limit = Limit,
         used = Used,
         window = {60, second}   % as in init/1, line 17
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of limiter'({down, _}, {state, Limit, Used, _Window}, _Extra) ->
    {ok, {state, Limit, Used}};
'code_change down of limiter'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of limiter'(_OldVsn, State, _Extra) ->
    {ok, State}.
