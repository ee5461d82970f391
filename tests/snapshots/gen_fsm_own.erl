code_change({down, _} = OldVsn, StateName, State, Extra) ->
    'code_change down of phone'(OldVsn, StateName, State, Extra);
%% from "1.0.0"
code_change(OldVsn, StateName, {line, Number, Caller} = Old, Extra) ->
    New = #line{
              number = Number,
              %% answered: its default, 0
              caller = Caller
          },
    'code_change of phone'(OldVsn, StateName, New, 'extra with old_state of phone'(Extra, Old));
code_change(_OldVsn, _StateName, State, _Extra)
  when element(1, State) =:= line, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(OldVsn, StateName, State, Extra) ->
    'code_change of phone'(OldVsn, StateName, State, Extra).

'code_change down of phone'({down, _}, StateName, State, _Extra)
  when element(1, State) =:= line, tuple_size(State) =:= 3 ->
    {ok, StateName, State};
'code_change down of phone'(_OldVsn, _StateName, State, _Extra)
  when element(1, State) =:= line, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of phone'(OldVsn, StateName, State, Extra) ->
    try 'code_change of phone'(OldVsn, StateName, State, Extra) of
        Result ->
            'code_change down result of phone'(OldVsn, Result)
    catch
        throw:{ok, _, _} = Result ->
            throw('code_change down result of phone'(OldVsn, Result))
    end.

%% to "1.0.0"
'code_change down result of phone'({down, _}, {ok, StateName, {line, Number, _Answered, Caller}}) ->
    {ok, StateName, {line, Number, Caller}};
'code_change down result of phone'(_OldVsn, {ok, _StateName, State})
  when element(1, State) =:= line, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down result of phone'(_OldVsn, Result) ->
    Result.

'extra with old_state of phone'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of phone'(Extra, Old) ->
    [Extra, {old_state, Old}].
