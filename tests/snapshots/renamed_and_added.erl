code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of kv'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Name, Users, _Legacy}, _Extra) ->
    {ok,
     #state{
         name = Name,
         clients = Users   % was users
         %% timeout: its default, 5000
         %% hits: its default, 0
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of kv'({down, _}, {state, Name, Clients, _Timeout, _Hits}, _Extra) ->
    {ok, {state, Name, Clients, []}};
'code_change down of kv'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of kv'(_OldVsn, State, _Extra) ->
    {ok, State}.
