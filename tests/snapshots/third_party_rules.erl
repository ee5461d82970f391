code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of meter_feed'(OldVsn, State, Extra);
%% from "1.4"
code_change(_OldVsn, {feed, Name, Interval, Hits, Misses, Peers, _Token}, _Extra) ->
    {ok,
     #feed{
         name = Name,
         interval = 'value 1 of interval of meter_feed'(Interval),
         total = 'value 2 of total of meter_feed'(Hits, Misses),
         sources = Peers   % was peers
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= feed, tuple_size(State) =/= 5, tuple_size(State) =/= 7 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.4"
'code_change down of meter_feed'({down, _}, {feed, Name, Interval, Total, Sources}, _Extra) ->
    {ok,
     {feed, Name, 'value 3 of interval of meter_feed'(Interval),
      'value 4 of hits of meter_feed'(Total), 0, Sources, 'value 5 of token of meter_feed'()}};
'code_change down of meter_feed'(_OldVsn, State, _Extra)
  when element(1, State) =:= feed, tuple_size(State) =/= 5, tuple_size(State) =/= 7 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of meter_feed'(_OldVsn, State, _Extra) ->
    {ok, State}.

'value 1 of interval of meter_feed'(Value) ->
    Value * 1000.

'value 2 of total of meter_feed'(Hits, Misses) ->
    Hits + Misses.

'value 3 of interval of meter_feed'(Value) ->
    Value div 1000.

'value 4 of hits of meter_feed'(Total) ->
    Total.

'value 5 of token of meter_feed'() ->
    <<"renew">>.
