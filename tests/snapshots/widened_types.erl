code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of watcher'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Name, Status, Load, Port, Seen}, _Extra) ->
    {ok,
     #state{
         name = Name,
         status = Status,
         load = Load,
         port = Port,
         seen = Seen
         %% since: its default, 0
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 6, tuple_size(State) =/= 7 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of watcher'({down, _}, {state, Name, Status, Load, Port, Seen, _Since}, _Extra) ->
    {ok, {state, Name, Status, Load, Port, Seen}};
'code_change down of watcher'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 6, tuple_size(State) =/= 7 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of watcher'(_OldVsn, State, _Extra) ->
    {ok, State}.
