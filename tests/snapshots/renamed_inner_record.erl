code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of bar'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 2 ->
    {ok, 'whole state up of bar'(State)};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of bar'({down, _}, {state, Inside}, _Extra) ->
    {ok, {state, 'inside inside 1 down of bar'(Inside)}};
'code_change down of bar'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of bar'(_OldVsn, State, _Extra) ->
    {ok, State}.

'whole state up of bar'({state, Inside}) ->
    #state{inside = 'inside inside 1 up of bar'(Inside)}.

'inside inside 1 up of bar'([Head | Tail]) ->
    ['guest up of bar'(Head) | 'inside inside 1 up of bar'(Tail)];
'inside inside 1 up of bar'(Tail) ->
    Tail.

'inside inside 1 down of bar'([Head | Tail]) ->
    ['patron down of bar'(Head) | 'inside inside 1 down of bar'(Tail)];
'inside inside 1 down of bar'(Tail) ->
    Tail.

'guest up of bar'({guest, Name, Drinks}) ->
    #patron{
        name = Name,
        %% tab: its default, 0
        drinks = Drinks
    };
'guest up of bar'(Value) ->
    Value.

'patron down of bar'({patron, Name, _Tab, Drinks}) ->
    {guest, Name, Drinks};
'patron down of bar'(Value) ->
    Value.
