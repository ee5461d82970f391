code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of page_cache'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Pages, _Misses, Hits}, _Extra) ->
    {ok, #state{pages = Pages, hits = Hits}};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of page_cache'({down, _}, {state, Pages, Hits}, _Extra) ->
    {ok, {state, Pages, 0, Hits}};
'code_change down of page_cache'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of page_cache'(_OldVsn, State, _Extra) ->
    {ok, State}.
