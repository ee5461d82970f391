code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of counter'(OldVsn, State, Extra, 'definition of counter'(State));
code_change(OldVsn, State, Extra) ->
    'code_change up of counter'(OldVsn, State, Extra, 'definition of counter'(State)).

%% from "1.0.0"
'code_change up of counter'(_OldVsn, {state, Counts, Started}, _Extra, _Definition) ->
    {ok,
     #state{
         counts = Counts,
         started = Started
         %% limit: its default, 1000
     }};
'code_change up of counter'(_OldVsn, State, _Extra, _Definition)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change up of counter'(_OldVsn, _State, _Extra, Definition)
  when element(1, Definition) =:= counter, element(2, Definition) =:= state,
       Definition =/= {counter, state, false, [counts, started, limit]} ->
    {error, {state_migration, {unknown_shape, element(2, Definition), element(4, Definition)}}};
'code_change up of counter'(_OldVsn, State, _Extra, _Definition) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of counter'({down, _}, #_{counts = Counts, started = Started}, _Extra,
                              {counter, state, false, [counts, started, limit]}) ->
    {ok, {state, Counts, Started}};
'code_change down of counter'(_OldVsn, State, _Extra, _Definition)
  when element(1, State) =:= state, tuple_size(State) =/= 3 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of counter'(_OldVsn, _State, _Extra, Definition)
  when element(1, Definition) =:= counter, element(2, Definition) =:= state,
       Definition =/= {counter, state, false, [counts, started, limit]} ->
    {error, {state_migration, {unknown_shape, element(2, Definition), element(4, Definition)}}};
'code_change down of counter'(_OldVsn, State, _Extra, _Definition) ->
    {ok, State}.

'definition of counter'(#_{} = Value) ->
    {records:get_module(Value), records:get_name(Value), records:is_exported(Value), records:get_field_names(Value)};
'definition of counter'(_) ->
    none.
