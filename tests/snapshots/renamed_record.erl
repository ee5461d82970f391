code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of spooler'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Documents, Printed}, _Extra) ->
    {ok, #spool{documents = Documents, printed = Printed}};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3;
       element(1, State) =:= spool, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of spooler'({down, _}, {spool, Documents, Printed}, _Extra) ->
    {ok, {state, Documents, Printed}};
'code_change down of spooler'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3;
       element(1, State) =:= spool, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of spooler'(_OldVsn, State, _Extra) ->
    {ok, State}.
