code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of conn_pool'(OldVsn, State, Extra);
%% from "3.1"
code_change(_OldVsn, {pool, Size, Idle, _Strategy}, _Extra) ->
    {ok,
     #pool{
         size = Size,
         idle = Idle
         %% overflow: its default, 0
         %% max_overflow: its default, 10
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= pool, tuple_size(State) =/= 4, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "3.1"
'code_change down of conn_pool'({down, _}, {pool, Size, Idle, _Overflow, _MaxOverflow}, _Extra) ->
    {ok, {pool, Size, Idle, fifo}};
'code_change down of conn_pool'(_OldVsn, State, _Extra)
  when element(1, State) =:= pool, tuple_size(State) =/= 4, tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of conn_pool'(_OldVsn, State, _Extra) ->
    {ok, State}.
