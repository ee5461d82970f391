code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of probe'(OldVsn, State, Extra);
%% from "0.9"
code_change(_OldVsn, {probe, Name, Rate, Seen, _OldKey}, _Extra) ->
    {ok,
     #probe{
         name = Name,
         interval = 'value 1 of interval of probe'(Rate),
         count = Seen   % was seen
         %% limit: its default, 10
         %% unit: its default, ms
     }};
%% from "1.0"
code_change(_OldVsn, {probe, Name, Rate, Seen}, _Extra) ->
    {ok,
     #probe{
         name = Name,
         interval = Rate,   % was rate
         count = Seen   % was seen
         %% limit: its default, 10
         %% unit: its default, ms
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= probe, tuple_size(State) =/= 4, tuple_size(State) =/= 5,
       tuple_size(State) =/= 6 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "0.9"
'code_change down of probe'({down, "0.9"}, {probe, Name, Interval, Count, _Limit, _Unit}, _Extra) ->
    {ok,
     {probe, Name, 'value 2 of rate of probe'(Interval), Count, 'value 3 of old_key of probe'()}};
%% to "1.0"
'code_change down of probe'({down, "1.0"}, {probe, Name, Interval, Count, _Limit, _Unit}, _Extra) ->
    {ok, {probe, Name, Interval, Count}};
'code_change down of probe'(_OldVsn, State, _Extra)
  when element(1, State) =:= probe, tuple_size(State) =/= 4, tuple_size(State) =/= 5,
       tuple_size(State) =/= 6 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of probe'({down, Vsn} = OldVsn, State, _Extra)
  when element(1, State) =:= probe, tuple_size(State) =:= 5, Vsn =/= "0.9", Vsn =/= "1.0";
       element(1, State) =:= probe, tuple_size(State) =:= 4, Vsn =/= "0.9", Vsn =/= "1.0";
       element(1, State) =:= probe, tuple_size(State) =:= 6, Vsn =/= "0.9", Vsn =/= "1.0" ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["0.9", "1.0"]}}};
'code_change down of probe'(_OldVsn, State, _Extra) ->
    {ok, State}.

'value 1 of interval of probe'(Value) ->
    Value * 1000.

'value 2 of rate of probe'(Value) ->
    Value div 1000.

'value 3 of old_key of probe'() ->
    none.
