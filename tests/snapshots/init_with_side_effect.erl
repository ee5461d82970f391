code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of cache'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Name, Last}, _Extra) ->
    {ok,
     #state{
         name = Name,
         last = Last,
         joined = join()   % as in init/1, line 18
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of cache'({down, _}, {state, Name, Last, _Joined}, _Extra) ->
    {ok, {state, Name, Last}};
'code_change down of cache'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of cache'(_OldVsn, State, _Extra) ->
    {ok, State}.
