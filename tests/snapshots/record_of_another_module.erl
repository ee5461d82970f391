code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of desk'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3 ->
    {ok, 'whole state up of desk'(State)};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of desk'({down, _}, {state, Open, Last}, _Extra) ->
    {ok, {state, 'inside open 1 down of desk'(Open), Last}};
'code_change down of desk'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of desk'(_OldVsn, State, _Extra) ->
    {ok, State}.

'whole state up of desk'({state, Open, Last}) ->
    #state{open = 'inside open 1 up of desk'(Open), last = Last}.

'inside open 1 up of desk'([Head | Tail]) ->
    ['ticket up of desk'(Head) | 'inside open 1 up of desk'(Tail)];
'inside open 1 up of desk'(Tail) ->
    Tail.

'inside open 1 down of desk'([Head | Tail]) ->
    ['ticket down of desk'(Head) | 'inside open 1 down of desk'(Tail)];
'inside open 1 down of desk'(Tail) ->
    Tail.

'ticket up of desk'({ticket, Number, User}) ->
    {ticket, Number, normal, User};
'ticket up of desk'(Value) ->
    Value.

'ticket down of desk'({ticket, Number, _Priority, Owner}) ->
    {ticket, Number, Owner};
'ticket down of desk'(Value) ->
    Value.
