code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of keeper'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Name, Ttl}, _Extra) ->
    {ok,
     #state{
         name = Name,
         ttl = to_seconds(Ttl)
         %% hits: its default, 0
         %% misses: its default, 0
     }};
%% from "1.1.0"
code_change(_OldVsn, {state, Name, Ttl, Hits}, _Extra) ->
    {ok,
     #state{
         name = Name,
         ttl = Ttl,
         hits = Hits
         %% misses: its default, 0
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4,
       tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of keeper'({down, "1.0.0"}, {state, Name, Ttl, _Hits, _Misses}, _Extra) ->
    {ok, {state, Name, to_minutes(Ttl)}};
%% to "1.1.0"
'code_change down of keeper'({down, "1.1.0"}, {state, Name, Ttl, Hits, _Misses}, _Extra) ->
    {ok, {state, Name, Ttl, Hits}};
'code_change down of keeper'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4,
       tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of keeper'({down, Vsn} = OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3, Vsn =/= "1.0.0", Vsn =/= "1.1.0";
       element(1, State) =:= state, tuple_size(State) =:= 4, Vsn =/= "1.0.0", Vsn =/= "1.1.0";
       element(1, State) =:= state, tuple_size(State) =:= 5, Vsn =/= "1.0.0", Vsn =/= "1.1.0" ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["1.0.0", "1.1.0"]}}};
'code_change down of keeper'(_OldVsn, State, _Extra) ->
    {ok, State}.
