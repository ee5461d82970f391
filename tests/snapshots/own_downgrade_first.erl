code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of dispatcher'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(OldVsn, {state, Calls} = Old, Extra) ->
    New = #state{
              %% urgent: its default, []
              calls = Calls
          },
    'code_change of dispatcher'(OldVsn, New, 'extra with old_state of dispatcher'(Extra, Old));
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, State, Extra) ->
    'code_change of dispatcher'(OldVsn, State, Extra).

'code_change down of dispatcher'({down, _}, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 2 ->
    {ok, State};
'code_change down of dispatcher'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of dispatcher'(OldVsn, State, Extra) ->
    try 'code_change of dispatcher'(OldVsn, State, Extra) of
        Result ->
            'code_change down result of dispatcher'(OldVsn, Result)
    catch
        throw:{ok, _} = Result ->
            throw('code_change down result of dispatcher'(OldVsn, Result))
    end.

%% to "1.0.0"
'code_change down result of dispatcher'({down, _}, {ok, {state, _Urgent, Calls}}) ->
    {ok, {state, Calls}};
'code_change down result of dispatcher'(_OldVsn, {ok, State})
  when element(1, State) =:= state, tuple_size(State) =/= 2, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down result of dispatcher'(_OldVsn, Result) ->
    Result.

'extra with old_state of dispatcher'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of dispatcher'(Extra, Old) ->
    [Extra, {old_state, Old}].
