code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of uplink'(OldVsn, State, Extra);
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= connecting, tuple_size(State) =/= 3, tuple_size(State) =/= 4;
       element(1, State) =:= connected, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
%% from "1.0.0"
code_change(_OldVsn, State, _Extra) ->
    {ok, 'inside link 1 up of uplink'(State)}.

'code_change down of uplink'(_OldVsn, State, _Extra)
  when element(1, State) =:= connecting, tuple_size(State) =/= 3, tuple_size(State) =/= 4;
       element(1, State) =:= connected, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
%% to "1.0.0"
'code_change down of uplink'({down, _}, State, _Extra) ->
    {ok, 'inside link 1 down of uplink'(State)};
'code_change down of uplink'(_OldVsn, State, _Extra) ->
    {ok, State}.

'inside link 1 up of uplink'(Value)
  when is_record(Value, connecting, 3) ->
    'connecting up of uplink'(Value);
'inside link 1 up of uplink'(Value)
  when is_record(Value, connected, 3) ->
    'connected up of uplink'(Value);
'inside link 1 up of uplink'(Value) ->
    Value.

'inside link 1 down of uplink'(Value)
  when is_record(Value, connecting, 4) ->
    'connecting down of uplink'(Value);
'inside link 1 down of uplink'(Value)
  when is_record(Value, connected, 4) ->
    'connected down of uplink'(Value);
'inside link 1 down of uplink'(Value) ->
    Value.

'connected up of uplink'({connected, Host, Socket}) ->
    #connected{
        host = Host,
        %% port: its default, 443
        link = Socket   % was socket
    };
'connected up of uplink'(Value) ->
    Value.

'connected down of uplink'({connected, Host, _Port, Link}) ->
    {connected, Host, Link};
'connected down of uplink'(Value) ->
    Value.

'connecting up of uplink'({connecting, Host, Tries}) ->
    #connecting{
        host = Host,
        %% port: its default, 443
        tries = Tries
    };
'connecting up of uplink'(Value) ->
    Value.

'connecting down of uplink'({connecting, Host, _Port, Tries}) ->
    {connecting, Host, Tries};
'connecting down of uplink'(Value) ->
    Value.
