code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of shop_stats'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Online, Counter}, _Extra) ->
    {ok,
     #state{
         online = Online,
         counter = Counter,
         total = sum(#{online => Online, counter => Counter}),
         currency = house_currency()
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of shop_stats'({down, _}, {state, Online, Counter, _Total, _Currency}, _Extra) ->
    {ok, {state, Online, Counter}};
'code_change down of shop_stats'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of shop_stats'(_OldVsn, State, _Extra) ->
    {ok, State}.
