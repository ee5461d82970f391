code_change({down, _} = OldVsn, StateName, State, Extra) ->
    'code_change down of door'(OldVsn, StateName, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, StateName, {data, Code, Attempts}, _Extra) ->
    {ok, StateName,
     #data{
         code = Code,
         failures = Attempts   % was attempts
         %% limit: its default, 3
     }};
code_change(_OldVsn, _StateName, State, _Extra)
  when element(1, State) =:= data, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, StateName, State, _Extra) ->
    {ok, StateName, State}.

%% to "1.0.0"
'code_change down of door'({down, _}, StateName, {data, Code, Failures, _Limit}, _Extra) ->
    {ok, StateName, {data, Code, Failures}};
'code_change down of door'(_OldVsn, _StateName, State, _Extra)
  when element(1, State) =:= data, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of door'(_OldVsn, StateName, State, _Extra) ->
    {ok, StateName, State}.
