code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of dns'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Servers}, _Extra) ->
    {ok,
     #state{
         servers = Servers
         %% cache: its default, undefined
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of dns'({down, _}, {state, Servers, _Cache}, _Extra) ->
    {ok, {state, Servers}};
'code_change down of dns'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of dns'(_OldVsn, State, _Extra) ->
    {ok, State}.
