code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of meter'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(OldVsn, State, Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3 ->
    case 'whole state up of meter'(State) of
        State ->
            'code_change of meter'(OldVsn, State, Extra);
        New ->
            'code_change of meter'(OldVsn, New, 'extra with old_state of meter'(Extra, State))
    end;
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of meter'(OldVsn, State, Extra).

%% to "1.0.0"
'code_change down of meter'({down, _} = OldVsn, {state, Name, Readings} = New, Extra) ->
    Old = {state, Name, 'inside readings 1 down of meter'(Readings)},
    'code_change of meter'(OldVsn, Old, 'extra with old_state of meter'(Extra, New));
'code_change down of meter'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of meter'(OldVsn, State, Extra) ->
    'code_change of meter'(OldVsn, State, Extra).

'whole state up of meter'({state, Name, Readings}) ->
    #state{name = Name, readings = 'inside readings 1 up of meter'(Readings)}.

'inside readings 1 up of meter'([Head | Tail]) ->
    ['reading up of meter'(Head) | 'inside readings 1 up of meter'(Tail)];
'inside readings 1 up of meter'(Tail) ->
    Tail.

'inside readings 1 down of meter'([Head | Tail]) ->
    ['reading down of meter'(Head) | 'inside readings 1 down of meter'(Tail)];
'inside readings 1 down of meter'(Tail) ->
    Tail.

'reading up of meter'({reading, At, Value}) ->
    #reading{
        at = At,
        value = Value
        %% unit: its default, watt
    };
'reading up of meter'(Value) ->
    Value.

'reading down of meter'({reading, At, Value, _Unit}) ->
    {reading, At, Value};
'reading down of meter'(Value) ->
    Value.

'extra with old_state of meter'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of meter'(Extra, Old) ->
    [Extra, {old_state, Old}].
