code_change({down, _} = OldVsn, StateName, State, Extra) ->
    'code_change down of phone'(OldVsn, StateName, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, StateName, {line, Number, Caller}, _Extra) ->
    {ok, StateName,
     #line{
         number = Number,
         %% answered: its default, 0
         caller = Caller
     }};
code_change(_OldVsn, _StateName, State, _Extra)
  when element(1, State) =:= line, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, StateName, State, _Extra) ->
    {ok, StateName, State}.

%% to "1.0.0"
'code_change down of phone'({down, _}, StateName, {line, Number, _Answered, Caller}, _Extra) ->
    {ok, StateName, {line, Number, Caller}};
'code_change down of phone'(_OldVsn, _StateName, State, _Extra)
  when element(1, State) =:= line, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of phone'(_OldVsn, StateName, State, _Extra) ->
    {ok, StateName, State}.
