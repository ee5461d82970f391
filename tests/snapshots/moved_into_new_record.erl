code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of mailer'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Host, Port, Waiting}, _Extra) ->
    {ok,
     #state{
         route = #route{
                     host = Host,
                     port = Port,
                     secure = false   % as in init/1, line 21
                 },
         waiting = Waiting
         %% since: its default, never
         %% sent: its default, 0
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of mailer'({down, _}, {state, Route, Waiting, _Since, _Sent}, _Extra) ->
    {ok,
     {state, 'move 1 out of route down of mailer'(Route),
      'move 2 out of route down of mailer'(Route), Waiting}};
'code_change down of mailer'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 4, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of mailer'(_OldVsn, State, _Extra) ->
    {ok, State}.

'move 1 out of route down of mailer'(#route{host = Value}) ->
    Value;
'move 1 out of route down of mailer'(_) ->
    "localhost".

'move 2 out of route down of mailer'(#route{port = Value}) ->
    Value;
'move 2 out of route down of mailer'(_) ->
    25.
