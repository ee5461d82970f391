code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of api_client'(OldVsn, State, Extra);
%% from "1.4.0"
code_change(_OldVsn, {state, Url, _Token, Sent}, _Extra) ->
    {ok, #state{url = Url, sent = Sent}};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.4.0"
'code_change down of api_client'({down, _}, {state, Url, Sent}, _Extra) ->
    {ok, {state, Url, <<"expired">>, Sent}};
'code_change down of api_client'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of api_client'(_OldVsn, State, _Extra) ->
    {ok, State}.
