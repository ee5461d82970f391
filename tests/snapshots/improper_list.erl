code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of journal'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 2 ->
    {ok, 'whole state up of journal'(State)};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of journal'({down, _}, {state, Entries}, _Extra) ->
    {ok, {state, 'inside entries 1 down of journal'(Entries)}};
'code_change down of journal'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of journal'(_OldVsn, State, _Extra) ->
    {ok, State}.

'whole state up of journal'({state, Entries}) ->
    #state{entries = 'inside entries 1 up of journal'(Entries)}.

'inside entries 1 up of journal'([Head | Tail]) ->
    ['entry up of journal'(Head) | 'inside entries 1 up of journal'(Tail)];
'inside entries 1 up of journal'(Tail) ->
    'rest up of journal'(Tail).

'inside entries 1 down of journal'([Head | Tail]) ->
    ['entry down of journal'(Head) | 'inside entries 1 down of journal'(Tail)];
'inside entries 1 down of journal'(Tail) ->
    'rest down of journal'(Tail).

'entry up of journal'({entry, Text}) ->
    #entry{
        text = Text
        %% author: its default, nobody
    };
'entry up of journal'(Value) ->
    Value.

'entry down of journal'({entry, Text, _Author}) ->
    {entry, Text};
'entry down of journal'(Value) ->
    Value.

'rest up of journal'({rest, Count}) ->
    #rest{
        count = Count
        %% until: its default, 0
    };
'rest up of journal'(Value) ->
    Value.

'rest down of journal'({rest, Count, _Until}) ->
    {rest, Count};
'rest down of journal'(Value) ->
    Value.
