code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of gate'(OldVsn, State, Extra);
code_change(_OldVsn, State, _Extra)
  when tuple_size(State) =:= 3, element(1, element(1, State)) =:= state,
       tuple_size(element(1, State)) =/= 3, tuple_size(element(1, State)) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, element(1, State)), tuple_size(element(1, State))}}};
%% from "1.0.0"
code_change(_OldVsn, State, _Extra) ->
    {ok, 'inside wrapped 1 up of gate'(State)}.

'code_change down of gate'(_OldVsn, State, _Extra)
  when tuple_size(State) =:= 3, element(1, element(1, State)) =:= state,
       tuple_size(element(1, State)) =/= 3, tuple_size(element(1, State)) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, element(1, State)), tuple_size(element(1, State))}}};
%% to "1.0.0"
'code_change down of gate'({down, _}, State, _Extra) ->
    {ok, 'inside wrapped 1 down of gate'(State)};
'code_change down of gate'(_OldVsn, State, _Extra) ->
    {ok, State}.

'inside wrapped 1 up of gate'({Element1, Element2, Element3}) ->
    {'state up of gate'(Element1), Element2, Element3};
'inside wrapped 1 up of gate'(Value) ->
    Value.

'inside wrapped 1 down of gate'({Element1, Element2, Element3}) ->
    {'state down of gate'(Element1), Element2, Element3};
'inside wrapped 1 down of gate'(Value) ->
    Value.

'state up of gate'({state, Name, Limit}) ->
    #state{
        name = Name,
        max = Limit   % was limit
        %% refused: its default, 0
    };
'state up of gate'(Value) ->
    Value.

'state down of gate'({state, Name, Max, _Refused}) ->
    {state, Name, Max};
'state down of gate'(Value) ->
    Value.
