code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of session'(OldVsn, State, Extra, 'definition of session'(State));
code_change(OldVsn, State, Extra) ->
    'code_change up of session'(OldVsn, State, Extra, 'definition of session'(State)).

%% from "1.0.0"
'code_change up of session'(_OldVsn, #_{user = User, last_seen = LastSeen}, _Extra,
                            {session, state, false, [user, last_seen, token]}) ->
    {ok,
     #state{
         user = User,
         last_seen = LastSeen
         %% device: its default, unknown
     }};
'code_change up of session'(_OldVsn, _State, _Extra, Definition)
  when element(1, Definition) =:= session, element(2, Definition) =:= state,
       Definition =/= {session, state, false, [user, last_seen, token]},
       Definition =/= {session, state, false, [user, last_seen, device]} ->
    {error, {state_migration, {unknown_shape, element(2, Definition), element(4, Definition)}}};
'code_change up of session'(_OldVsn, State, _Extra, _Definition) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of session'({down, _}, #_{user = User, last_seen = LastSeen}, _Extra,
                              {session, state, false, [user, last_seen, device]}) ->
    {ok,
     records:create(session, state, [{user, User}, {last_seen, LastSeen},
                                     {token, none}], #{is_exported => false})};
'code_change down of session'(_OldVsn, _State, _Extra, Definition)
  when element(1, Definition) =:= session, element(2, Definition) =:= state,
       Definition =/= {session, state, false, [user, last_seen, token]},
       Definition =/= {session, state, false, [user, last_seen, device]} ->
    {error, {state_migration, {unknown_shape, element(2, Definition), element(4, Definition)}}};
'code_change down of session'(_OldVsn, State, _Extra, _Definition) ->
    {ok, State}.

'definition of session'(#_{} = Value) ->
    {records:get_module(Value), records:get_name(Value), records:is_exported(Value), records:get_field_names(Value)};
'definition of session'(_) ->
    none.
