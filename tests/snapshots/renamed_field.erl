code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of chat_room'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Topic, Users}, _Extra) ->
    {ok,
     #state{
         topic = Topic,
         %% bots: its default, []
         people = Users   % was users
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of chat_room'({down, _}, {state, Topic, _Bots, People}, _Extra) ->
    {ok, {state, Topic, People}};
'code_change down of chat_room'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of chat_room'(_OldVsn, State, _Extra) ->
    {ok, State}.
