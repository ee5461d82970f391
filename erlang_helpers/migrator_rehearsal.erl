%% What runs in a node that is rehearsed: answers the migrator's requests, and tells of what happens there.
%%
%% The node is the user's release, started by the migrator in a throw-away folder. This module is loaded by hand, since
%% the release runs embedded and its code path is its own. It talks over a socket of its own: stdout is the release's.
%% The protocol is in README.md.
-module(migrator_rehearsal).
-export([start/2]).

%% Connects to the socket at that path, as the node of that number, as soon as the node runs.
start(Path, Number) ->
    _ = spawn(fun() -> main(Path, Number) end),
    ok.

main(Path, Number) ->
    started(init:notify_when_started(self())),
    % Where an application that must run did not start, the controller of all is on its way out, and the node with it.
    _ = application:which_applications(infinity),
    {ok, Socket} = gen_tcp:connect({local, Path}, 0, [local, binary, {packet, 4}, {active, true}]),
    Tell = fun(Term) -> gen_tcp:send(Socket, term_to_binary(Term, [{minor_version, 2}])) end,
    ok = migrator_rehearsal_log:add(Tell),
    Tell({hello, Number, list_to_integer(os:getpid()), erlang:system_info(otp_release), node(), releases()}),
    loop(Socket, Tell, halt).

started(ok) -> receive {init, started} -> ok end;
started(started) -> ok.

%% Without its migrator nobody would end the node, unless it is to be kept.
loop(Socket, Tell, AtEnd) ->
    receive
        {tcp, Socket, Frame} ->
            case binary_to_term(Frame) of
                {Id, keep} ->
                    Tell({reply, Id, ok}),
                    loop(Socket, Tell, stay);
                {Id, {install, Vsn, Options}} ->
                    _ = spawn(fun() -> install(Vsn, Options, Tell, fun(Answer) -> Tell({reply, Id, Answer}) end) end),
                    loop(Socket, Tell, AtEnd);
                {Id, Request} ->
                    _ = spawn(fun() -> Tell({reply, Id, answer(fun() -> handle(Request, Tell) end)}) end),
                    loop(Socket, Tell, AtEnd)
            end;
        {tcp_closed, Socket} when AtEnd =:= halt ->
            halt(0, [{flush, false}]);
        {tcp_closed, Socket} ->
            _ = logger:remove_handler(migrator_rehearsal)
    end.

answer(Handle) ->
    try
        {ok, Handle()}
    catch
        Class:Reason:Stack -> {error, text("~ts", [erl_error:format_exception(Class, Reason, Stack)])}
    end.

install(Vsn, Options, Tell, Reply) ->
    Install = fun() -> answer(fun() -> outcome(release_handler:install_release(Vsn, Options)) end) end,
    migrator_rehearsal_trace:installing(Tell, Install, Reply).

%% Modules are atoms, versions strings, as release_handler has them.
handle({snapshot, Modules, Milliseconds}, _) ->
    migrator_rehearsal_processes:snapshot(Modules, Milliseconds);
handle({watch, Modules, Milliseconds}, Tell) ->
    migrator_rehearsal_processes:watch(Modules, Milliseconds, Tell);
handle({unpack, Name}, _) ->
    outcome(release_handler:unpack_release(Name));
handle({set_unpacked, RelFile, Dirs}, _) ->
    outcome(release_handler:set_unpacked(RelFile, Dirs));
handle({make_permanent, Vsn}, _) ->
    outcome(release_handler:make_permanent(Vsn));
handle(releases, _) ->
    releases();
handle(applications, _) ->
    [Name || {Name, _, _} <- application:which_applications(infinity)];
handle({connect, Node}, _) ->
    net_kernel:connect_node(Node);
handle(nodes, _) ->
    lists:sort(nodes());
handle({load, Text}, Tell) ->
    migrator_rehearsal_load:start(Text, Tell);
handle(load_turn, _) ->
    migrator_rehearsal_load:turn();
handle(stop_load, _) ->
    migrator_rehearsal_load:stop();
handle(stop, _) ->
    init:stop().

releases() ->
    try [{Vsn, Status} || {_, Vsn, _, Status} <- release_handler:which_releases()]
    catch _:_ -> none
    end.

%% What release_handler gave: done, or the reason as a term that can cross and as a text.
outcome(ok) -> done;
outcome({ok, _}) -> done;
outcome({ok, _, _}) -> done;
outcome({continue_after_restart, _, _}) -> restart;
outcome({error, Reason}) -> {failed, plain(Reason), text("~tp", [Reason])}.

%% Pids and funs mean nothing elsewhere, and maps are written otherwise on our wire.
plain(Term) when is_tuple(Term) -> list_to_tuple([plain(Each) || Each <- tuple_to_list(Term)]);
plain([Head | Tail]) -> [plain(Head) | plain(Tail)];
plain(Term) when is_atom(Term); is_integer(Term); is_binary(Term); Term =:= [] -> Term;
plain(Term) -> text("~tp", [Term]).

text(Format, Arguments) -> unicode:characters_to_binary(io_lib:format(Format, Arguments)).
