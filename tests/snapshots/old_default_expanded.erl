code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of uploader'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Folder, _Limits}, _Extra) ->
    {ok, #state{folder = Folder}};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of uploader'({down, _}, {state, Folder}, _Extra) ->
    {ok, {state, Folder, {limits, 1024 * 1024, [png]}}};
'code_change down of uploader'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of uploader'(_OldVsn, State, _Extra) ->
    {ok, State}.
