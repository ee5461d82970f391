code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of mailbox'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Letters, Fetched}, _Extra) ->
    {ok,
     #state{
         %% deferred: its default, []
         inbox = Letters,   % was letters
         archive = Fetched   % was fetched
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of mailbox'({down, _}, {state, _Deferred, Inbox, Archive}, _Extra) ->
    {ok, {state, Inbox, Archive}};
'code_change down of mailbox'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of mailbox'(_OldVsn, State, _Extra) ->
    {ok, State}.
