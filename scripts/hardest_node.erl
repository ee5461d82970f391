%% Ten real servers of an old release, upgraded and downgraded live: how each is started, what its state must be after
%% its decisions, and a call that the new and the old code must answer.
-module(hardest_node).
-export([run/4, init/1]).

%% Up, down and up again; a list of {Step, Seen} where Seen is ok or what was wrong.
run(Case, OldBeam, NewBeam, {OldRecord, OldNames, NewNames, OldVsn}) ->
    process_flag(trap_exit, true),
    [code:unstick_mod(Case) || code:is_sticky(Case)],
    hardest_state:load(Case, OldBeam),
    Pid = start(Case, OldBeam, OldRecord),
    Old = named(OldNames, state(Case, Pid)),
    Steps = [
        {up, NewBeam, OldVsn, NewNames, Old},
        {down, OldBeam, {down, OldVsn}, OldNames, Old},
        {'up again', NewBeam, OldVsn, NewNames, none}
    ],
    Results = stepped(Steps, Case, Pid, Old),
    unlink(Pid),
    exit(Pid, kill),
    Results.

stepped([{Step, Beam, Vsn, Names, Expected} | Steps], Case, Pid, Before) ->
    ok = sys:suspend(Pid),
    [hardest_state:load(Case, Beam) || element(1, to_tuple(Vsn)) =/= down],
    Answer = sys:change_code(Pid, Case, Vsn, []),
    [hardest_state:load(Case, Beam) || element(1, to_tuple(Vsn)) =:= down],
    ok = sys:resume(Pid),
    case Answer of
        ok ->
            Now = named(Names, state(Case, Pid)),
            Wrong = wrong(Step, Case, Before, Now, Expected),
            Answered = probe(Step, Case, Pid),
            Result = case {Wrong, Answered} of {[], ok} -> ok; Other -> printed(Other) end,
            % What the call changed, the next step finds.
            [{Step, Result} | stepped(Steps, Case, Pid, named(Names, state(Case, Pid)))];
        _ ->
            [{Step, printed(Answer)}]
    end;
stepped([], _, _, _) ->
    [].

to_tuple(Vsn) when is_tuple(Vsn) -> Vsn;
to_tuple(Vsn) -> {Vsn}.

named(Names, State) when tuple_size(State) =:= length(Names) + 1 ->
    maps:from_list(lists:zip(Names, tl(tuple_to_list(State))));
named(Names, State) ->
    error({another_shape, Names, State}).

%% Every field that both have is the same term, but for those of which `up` and `down` know better.
wrong(down, Case, New, Now, Old) ->
    [{Field, Value} || {Field, Value} <- maps:to_list(Now), not down(Case, Field, Value, New, Old)];
wrong(_, Case, Before, Now, _) ->
    [{Field, Value} || {Field, Value} <- maps:to_list(Now), not forth(Case, Field, Value, Before)].

forth(Case, Field, Value, Old) ->
    case up(Case, Field, Value, Old) of
        unsaid -> maps:get(Field, Old) =:= Value;
        Right -> Right
    end.

state(Case, Pid) ->
    case sys:get_state(Pid) of
        {_Name, Data} when Case =:= tls_sender -> Data;
        % p1_fsm tells all that it knows: itself, the state's name and data, and more.
        [_Self, _Name, Data | _] when Case =:= mod_muc_room -> Data;
        State -> State
    end.

printed(Term) -> unicode:characters_to_binary(io_lib:format("~0tP", [Term, 40])).

%% --- how each is started ---

start(supervisor, _, _) ->
    {ok, Pid} = supervisor:start_link(?MODULE, two_children),
    Pid;
start(ssl_manager, _, _) ->
    {ok, Pid} = gen_server:start(ssl_manager, [hardest_manager, hardest_pem_cache, [{session_lifetime, 100}]], []),
    Pid;
start(ssl_server_session_cache, _, _) ->
    Options = #{lifetime => 100, session_cb => ssl_server_session_cache_db, session_cb_init_args => [], max => 10},
    {ok, Pid} = gen_server:start(ssl_server_session_cache, [ssl_unknown_listener, Options], []),
    Pid;
start(tls_client_ticket_store, _, _) ->
    {ok, Pid} = gen_server:start(tls_client_ticket_store, [100, 7200], []),
    ok = gen_server:call(Pid, {store_ticket, ticket, sha256, "host", <<"psk">>}),
    Pid;
start(tls_server_session_ticket, _, _) ->
    {ok, Pid} = gen_server:start(tls_server_session_ticket, [stateful, 7200, 1000, undefined], []),
    Pid;
start(tls_sender, OldBeam, Record) ->
    {ok, Pid} = gen_statem:start(tls_sender, [], []),
    Static = hardest_state:built(OldBeam, static, #{role => server, socket => port, bytes_sent => 7, log_level => notice}),
    Data = hardest_state:built(OldBeam, Record, #{static => Static, connection_states => #{current_write => #{n => 1}}}),
    _ = sys:replace_state(Pid, fun({Name, _}) -> {Name, Data} end),
    Pid;
start(mod_muc_room, OldBeam, Record) ->
    Subscriber = hardest_state:built(OldBeam, subscriber, #{nick => <<"n">>, nodes => [<<"a">>, <<"b">>]}),
    Config = hardest_state:built(OldBeam, config, #{title => <<"Room">>, lang => <<"en">>, vcard => <<"v">>}),
    Key = {<<"u">>, <<"s">>, <<>>},
    hosted(p1_fsm, mod_muc_room, hardest_state:built(OldBeam, Record, #{
        room => <<"room">>, config => Config, subject => [], subscribers => #{Key => Subscriber},
        subscriber_nicks => #{<<"n">> => [Key]}, nicks => #{<<"n">> => [Key]}
    }));
start(Case, OldBeam, Record) ->
    hosted(gen_server, Case, hardest_state:built(OldBeam, Record, realistic(Case))).

realistic(global) ->
    #{connect_all => false, known => [a@h, b@h], synced => [a@h], the_locker => self(), the_registrar => self(), trace => no_trace};
realistic(global_group) ->
    #{connect_all => true, sync_state => synced, group_name => g, nodes => [a@h], no_contact => [b@h], sync_error => [c@h]};
realistic(mod_http_upload_quota) ->
    {ok, One} = timer:send_after(3600000, sweep),
    {ok, Other} = timer:send_interval(3600000, sweep),
    #{server_host => <<"h">>, max_days => 3, docroot => <<"/d">>, disk_usage => #{{<<"u">>, <<"h">>} => 9}, timers => [One, Other]}.

%% A process that goes on where that behaviour does, with a state that its init did not make.
hosted(Behaviour, Module, State) ->
    Self = self(),
    Pid = proc_lib:spawn_link(fun() ->
        Self ! entered,
        case Behaviour of
            gen_server -> gen_server:enter_loop(Module, [], State);
            p1_fsm -> p1_fsm:enter_loop(Module, [], normal_state, State)
        end
    end),
    receive entered -> Pid end.

%% The supervisor's own callback.
init(two_children) ->
    Child = fun(Id) ->
        #{id => Id, start => {gen_event, start_link, []}, restart => permanent, shutdown => 1000, modules => dynamic}
    end,
    {ok, {#{strategy => one_for_one, intensity => 3, period => 5}, [Child(one), Child(two)]}}.

%% --- what a field must hold after the decisions; unsaid: the same as before ---

up(supervisor, auto_shutdown, Value, _) -> Value =:= never;
up(supervisor, children, {Ids, New}, #{children := {Ids, Old}}) ->
    [with_element(6, Child, false) || Child <- in_order(Old)] =:= in_order(New);
up(global, conf, Value, #{connect_all := All}) -> Value =:= {conf, All, false};
up(global, known, Value, #{known := Known}) -> Value =:= maps:from_list([{Node, 5} || Node <- Known]);
up(global_group, nodes, Value, #{nodes := Nodes, no_contact := None, sync_error := Wrong}) ->
    Lists = [{sync, Nodes}, {no_contact, None}, {sync_error, Wrong}],
    Value =:= maps:from_list([{Node, Kind} || {Kind, List} <- Lists, Node <- List]);
up(global_group, connections, Value, _) -> Value =:= #{};
up(global_group, erpc_requests, Value, _) -> Value =:= erpc:reqids_new();
up(global_group, config_check, Value, _) -> Value =:= undefined;
up(ssl_manager, session_cache_client_cb, Value, #{session_cache_cb := ssl_session_cache}) ->
    Value =:= ssl_client_session_cache_db;
up(ssl_manager, client_session_order, Value, _) -> Value =:= gb_trees:empty();
up(ssl_server_session_cache, listener, Value, #{listner := Listener}) -> Value =:= Listener;
up(ssl_server_session_cache, session_order, Value, _) -> Value =:= gb_trees:empty();
up(ssl_server_session_cache, db, Value, _) -> Value =:= gb_trees:empty();
up(tls_client_ticket_store, db, Value, _) -> Value =:= gb_trees:empty();
up(tls_server_session_ticket, max_early_data_size, Value, _) -> Value =:= 16384;
up(tls_server_session_ticket, listen_monitor, Value, _) -> Value =:= undefined;
up(tls_sender, static, Value, #{static := Old}) ->
    [static, Connection, Role, Socket, Options | Rest] = tuple_to_list(Old),
    [Trackers, Transport, Version, Renegotiate, Update, Bytes, _Monitor, Dist, Log] = Rest,
    Value =:= {static, Connection, Role, Socket, Options, Dist =/= undefined, Trackers, Transport, Version, Renegotiate,
               Update, Bytes, Dist, Log, infinity};
up(mod_muc_room, muc_subscribers, Value, #{subscribers := Subscribers, subscriber_nicks := Nicks}) ->
    Value =:= {muc_subscribers, Subscribers, Nicks, #{<<"a">> => Subscribers, <<"b">> => Subscribers}};
up(mod_muc_room, config, Value, #{config := Config}) ->
    tuple_size(Value) =:= tuple_size(Config) + 1 andalso tuple_to_list(Value) -- tuple_to_list(Config) =:= [false];
up(mod_muc_room, Field, Value, _) when Field =:= roles; Field =:= hats_users -> Value =:= #{};
up(mod_http_upload_quota, timer, Value, _) -> is_integer(erlang:read_timer(Value));
up(_, _, _, _) -> unsaid.

%% The same as in the new state, or where that has no such field, as it was in the old one.
down(supervisor, children, {Ids, Value}, #{children := {Ids, New}}, _) ->
    [without_element(6, Child) || Child <- in_order(New)] =:= in_order(Value);
down(Case, Field, Value, _, Old) when
    {Case, Field} =:= {global, known}; {Case, Field} =:= {global_group, nodes};
    {Case, Field} =:= {tls_sender, static}; {Case, Field} =:= {mod_muc_room, config}
->
    maps:get(Field, Old) =:= Value;
down(global_group, Field, Value, _, _) when Field =:= no_contact; Field =:= sync_error -> Value =:= [];
down(ssl_server_session_cache, session_index, Value, _, _) -> Value =:= #{};
down(Case, db, Value, _, _) when Case =:= tls_client_ticket_store; Case =:= ssl_server_session_cache ->
    Value =:= gb_trees:empty();
down(mod_http_upload_quota, timers, Value, _, _) -> Value =:= [];
down(_, Field, Value, New, Old) -> maps:get(Field, New, maps:get(Field, Old)) =:= Value.

without_element(Place, Tuple) ->
    {Before, [_ | Behind]} = lists:split(Place - 1, tuple_to_list(Tuple)),
    list_to_tuple(Before ++ Behind).

with_element(Place, Tuple, Value) ->
    {Before, Behind} = lists:split(Place - 1, tuple_to_list(Tuple)),
    list_to_tuple(Before ++ [Value | Behind]).

in_order(Children) -> [Child || {_, Child} <- lists:sort(maps:to_list(Children))].

%% --- a call that the code, new or old, must answer on the converted state ---

probe(_, supervisor, Pid) ->
    {one, Child, worker, dynamic} = lists:keyfind(one, 1, supervisor:which_children(Pid)),
    exit(Child, kill),
    {one, Next, worker, dynamic} = restarted(Pid, Child),
    is(is_process_alive(Next));
probe(_, global, Pid) ->
    is(lists:sort(gen_server:call(Pid, get_known)) =:= [a@h, b@h]);
probe(_, ssl_manager, Pid) ->
    {ok, #{cert_db_ref := _}} =
        gen_server:call(Pid, {{connection_init, <<>>, client, {ssl_crl_cache, {internal, []}}}, self()}),
    ok;
probe(_, ssl_server_session_cache, Pid) ->
    is(is_binary(gen_server:call(Pid, new_session_id)));
probe(_, tls_client_ticket_store, Pid) ->
    gen_server:call(Pid, {store_ticket, ticket, sha256, "host", <<"psk">>});
probe(_, tls_server_session_ticket, Pid) ->
    is(element(1, gen_server:call(Pid, {new_session_ticket, sha256, <<0:256>>})) =:= new_session_ticket);
probe(_, mod_muc_room, Pid) ->
    {ok, Config} = p1_fsm:sync_send_all_state_event(Pid, get_config),
    is(element(2, Config) =:= <<"Room">>);
probe(_, _, Pid) ->
    is(is_process_alive(Pid)).

restarted(Pid, Child) ->
    case lists:keyfind(one, 1, supervisor:which_children(Pid)) of
        {one, Same, _, _} when Same =:= Child; Same =:= restarting -> restarted(Pid, Child);
        Found -> Found
    end.

is(true) -> ok;
is(Other) -> Other.
