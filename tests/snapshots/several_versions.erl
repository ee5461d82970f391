code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of mailer'(OldVsn, State, Extra);
%% from "1.0.0"
code_change(_OldVsn, {state, Host, Sent}, _Extra) ->
    {ok,
     #state{
         host = Host,
         %% port: its default, 587
         %% tls: its default, true
         delivered = Sent   % was sent
     }};
%% from "1.1.0"
code_change(_OldVsn, {state, Host, Port, Sent}, _Extra) ->
    {ok,
     #state{
         host = Host,
         port = Port,
         %% tls: its default, true
         delivered = Sent   % was sent
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4,
       tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0.0"
'code_change down of mailer'({down, "1.0.0"}, {state, Host, _Port, _Tls, Delivered}, _Extra) ->
    {ok, {state, Host, Delivered}};
%% to "1.1.0"
'code_change down of mailer'({down, "1.1.0"}, {state, Host, Port, _Tls, Delivered}, _Extra) ->
    {ok, {state, Host, Port, Delivered}};
'code_change down of mailer'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4,
       tuple_size(State) =/= 5 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of mailer'({down, Vsn} = OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3, Vsn =/= "1.0.0", Vsn =/= "1.1.0";
       element(1, State) =:= state, tuple_size(State) =:= 4, Vsn =/= "1.0.0", Vsn =/= "1.1.0";
       element(1, State) =:= state, tuple_size(State) =:= 5, Vsn =/= "1.0.0", Vsn =/= "1.1.0" ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["1.0.0", "1.1.0"]}}};
'code_change down of mailer'(_OldVsn, State, _Extra) ->
    {ok, State}.
