code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of fetch'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Conf, Timeout, Retries, Done}, _Extra) ->
    {ok, #state{conf = 'move 1 into conf up of fetch'(Conf, Timeout, Retries), done = Done}};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of fetch'({down, _}, {state, Conf, Done}, _Extra) ->
    {ok,
     {state, 'conf down of fetch'(Conf), 'move 1 out of conf down of fetch'(Conf),
      'move 2 out of conf down of fetch'(Conf), Done}};
'code_change down of fetch'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of fetch'(_OldVsn, State, _Extra) ->
    {ok, State}.

'conf down of fetch'({conf, Host, Net, _Retries}) ->
    {conf, Host, 'net down of fetch'(Net)};
'conf down of fetch'(Value) ->
    Value.

'net down of fetch'({net, Port, _Timeout}) ->
    {net, Port};
'net down of fetch'(Value) ->
    Value.

'move 1 into conf up of fetch'({conf, Host, Net}, Timeout, Retries) ->
    #conf{host = Host, net = 'move 2 into net up of fetch'(Net, Timeout), retries = Retries};
'move 1 into conf up of fetch'(Value, _, _) ->
    Value.

'move 2 into net up of fetch'({net, Port}, Timeout) ->
    #net{port = Port, timeout = Timeout};
'move 2 into net up of fetch'(Value, _) ->
    Value.

'move 1 out of conf down of fetch'(#conf{net = #net{timeout = Value}}) ->
    Value;
'move 1 out of conf down of fetch'(_) ->
    5000.

'move 2 out of conf down of fetch'(#conf{retries = Value}) ->
    Value;
'move 2 out of conf down of fetch'(_) ->
    3.
