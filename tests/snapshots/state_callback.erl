migrate({down, _} = OldVsn, State, Extra) ->
    'migrate down of printer'(OldVsn, State, Extra);
%% from "1.0.0"
migrate(_OldVsn, {state, Name, Sheets}, _Extra) ->
    {ok,
     #state{
         name = Name,
         %% toner: its default, 1000
         sheets = Sheets
     }};
migrate(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
migrate(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'migrate down of printer'({down, _}, {state, Name, _Toner, Sheets}, _Extra) ->
    {ok, {state, Name, Sheets}};
'migrate down of printer'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'migrate down of printer'(_OldVsn, State, _Extra) ->
    {ok, State}.
