code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of tank'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Level, Unit}, _Extra) ->
    {ok,
     #state{
         level = Level,
         unit = Unit
         %% capacity: its default, 100
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of tank'({down, _}, {state, Level, Unit, _Capacity}, _Extra) ->
    {ok, {state, Level, Unit}};
'code_change down of tank'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of tank'(_OldVsn, State, _Extra) ->
    {ok, State}.
