system_code_change(State, Module, {down, _} = OldVsn, Extra) ->
    'system_code_change down of ticker'(State, Module, OldVsn, Extra);
%% from "1.0.0"
system_code_change({state, Interval, Count} = Old, Module, OldVsn, Extra) ->
    New = #state{
              %% asked: its default, 0
              interval = Interval,
              ticks = Count   % was count
          },
    'system_code_change of ticker'(New, Module, OldVsn,
                                   'extra with old_state of ticker'(Extra, Old));
system_code_change(State, _Module, _OldVsn, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
system_code_change(State, Module, OldVsn, Extra) ->
    'system_code_change of ticker'(State, Module, OldVsn, Extra).

'system_code_change down of ticker'(State, _Module, {down, _}, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3 ->
    {ok, State};
'system_code_change down of ticker'(State, _Module, _OldVsn, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'system_code_change down of ticker'(State, Module, OldVsn, Extra) ->
    try 'system_code_change of ticker'(State, Module, OldVsn, Extra) of
        Result ->
            'system_code_change down result of ticker'(OldVsn, Result)
    catch
        throw:{ok, _} = Result ->
            throw('system_code_change down result of ticker'(OldVsn, Result))
    end.

%% to "1.0.0"
'system_code_change down result of ticker'({down, _}, {ok, {state, _Asked, Interval, Ticks}}) ->
    {ok, {state, Interval, Ticks}};
'system_code_change down result of ticker'(_OldVsn, {ok, State})
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'system_code_change down result of ticker'(_OldVsn, Result) ->
    Result.

'extra with old_state of ticker'(Extra, Old)
  when length(Extra) >= 0 ->
    Extra ++ [{old_state, Old}];
'extra with old_state of ticker'(Extra, Old) ->
    [Extra, {old_state, Old}].
