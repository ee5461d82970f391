code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of menu'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3 ->
    {ok, 'whole state up of menu'(State)};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of menu'({down, _}, {state, Root, Size}, _Extra) ->
    {ok, {state, 'node down of menu'(Root), Size}};
'code_change down of menu'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of menu'(_OldVsn, State, _Extra) ->
    {ok, State}.

'whole state up of menu'({state, Root, Size}) ->
    #state{root = 'node up of menu'(Root), size = Size}.

'inside below 1 up of menu'([Head | Tail]) ->
    ['node up of menu'(Head) | 'inside below 1 up of menu'(Tail)];
'inside below 1 up of menu'(Tail) ->
    Tail.

'inside below 1 down of menu'([Head | Tail]) ->
    ['node down of menu'(Head) | 'inside below 1 down of menu'(Tail)];
'inside below 1 down of menu'(Tail) ->
    Tail.

'node up of menu'({node, Label, Below}) ->
    #node{
        label = Label,
        %% icon: its default, none
        below = 'inside below 1 up of menu'(Below)
    };
'node up of menu'(Value) ->
    Value.

'node down of menu'({node, Label, _Icon, Below}) ->
    {node, Label, 'inside below 1 down of menu'(Below)};
'node down of menu'(Value) ->
    Value.
