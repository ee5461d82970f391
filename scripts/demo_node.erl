%% The live half of `make demo`: a server with entries, clients that call it without a pause, an upgrade and a
%% downgrade. What happens is told on stdout, one event a line, its fields separated by tabs; scripts/demo.py makes it
%% readable. Nothing here sleeps or polls: every wait is for a message.
-module(demo_node).
-export([main/1]).

-define(SERVER, kv).
-define(ENTRIES, 1000).
-define(CLIENTS, 4).
-define(CALLS, 2000).
%% Far more than anything here takes; only so that a hang ends with a message.
-define(DEADLINE, 30000).

%% What all phases need. The tally counts answered and failed calls of all clients.
-record(demo, {server, clients, tally}).
-define(ANSWERED, 1).
-define(FAILED, 2).

main([OldFile, NewFile]) ->
    %% Without a terminal and with LANG=C the node would write escapes.
    ok = io:setopts([{encoding, unicode}]),
    %% What goes wrong is told by an event: a crash report would show the whole state, entry by entry.
    ok = logger:set_primary_config(level, none),
    try run(OldFile, NewFile) of
        ok -> halt(0);
        failed -> halt(1)
    catch
        throw:{ended, Why} ->
            event(ended, [Why]),
            halt(1);
        exit:{Reason, {sys, _, _}} ->
            event(ended, [io_lib:format("the server is gone: ~0tP", [Reason, 12])]),
            halt(1);
        Class:Reason:Stack ->
            io:format(standard_error, "~ts~n", [erl_error:format_exception(Class, Reason, Stack)]),
            halt(1)
    end.

run(OldFile, NewFile) ->
    Old = object(OldFile),
    New = object(NewFile),
    load(Old),
    Demo = start(),
    event(started, [?ENTRIES, ?CLIENTS, version(Old)]),
    Phases =
        [work(Demo, Old),
         change(Demo, upgrade, Old, New, fun() -> up(Demo#demo.server, Old, New) end),
         work(Demo, New),
         change(Demo, downgrade, New, Old, fun() -> down(Demo#demo.server, Old, New) end),
         work(Demo, Old)],
    Dead = stop(Demo),
    Failed = counters:get(Demo#demo.tally, ?FAILED),
    Same = whereis(?SERVER) =:= Demo#demo.server,
    event(outcome, [lists:sum(Phases), Failed, Dead, Same]),
    case {Failed, Dead, Same} of
        {0, 0, true} -> ok;
        _ -> failed
    end.

%% --- the upgrade and the downgrade, in the steps of release_handler_1 ---

%% {suspend, …}, {load, …}, {code_change, up, …}, {resume, …}
up(Server, Old, New) ->
    load(New),
    sys:change_code(Server, module(New), vsn(Old), []).

%% The same, but the code that is about to go turns the state back before it goes.
down(Server, Old, New) ->
    Result = sys:change_code(Server, module(New), {down, vsn(Old)}, []),
    load(Old),
    Result.

change(#demo{server = Server, clients = Clients} = Demo, Direction, From, To, Change) ->
    Before = answered(Demo),
    ok = sys:suspend(Server),
    %% Only now every client waits in a call: the change comes in the midst of their work.
    await_callers(Server, Clients),
    event(suspended, [Direction, version(From), version(To), length(Clients), shorten(sys:get_state(Server))]),
    Start = erlang:monotonic_time(microsecond),
    Result = Change(),
    Stop = erlang:monotonic_time(microsecond),
    event(changed, [outcome(Result), Stop - Start, shorten(sys:get_state(Server))]),
    Result =:= ok orelse ended(["the ", atom_to_list(Direction), " was refused, and the server still has its old state"]),
    ok = sys:resume(Server),
    calls(Demo, ["during the ", atom_to_list(Direction)], Before, more_calls(Demo, 1)).

outcome(ok) -> "ok";
outcome({error, {'EXIT', {undef, [{Module, Function, Arguments, _} | _]}}}) ->
    io_lib:format("~tp has no ~tp/~b", [Module, Function, length(Arguments)]);
outcome(Other) -> io_lib:format("~0tP", [Other, 20]).

-spec ended(unicode:chardata()) -> no_return().
ended(Why) ->
    throw({ended, Why}).

object(File) ->
    {ok, Binary} = file:read_file(File),
    {ok, {Module, _}} = beam_lib:version(Binary),
    {Module, File, Binary}.

module({Module, _File, _Binary}) ->
    Module.

%% As release_handler_1 reads it: a string stays, of any other list of one the element is meant.
vsn({_Module, _File, Binary}) ->
    {ok, {_, Vsn}} = beam_lib:version(Binary),
    case {io_lib:printable_latin1_list(Vsn), Vsn} of
        {false, [One]} -> One;
        _ -> Vsn
    end.

load({Module, File, Binary}) ->
    code:purge(Module),
    {module, Module} = code:load_binary(Module, File, Binary),
    ok.

%% --- the server and its clients ---

start() ->
    {ok, Server} = kv:start_link(?SERVER),
    unlink(Server),
    _Monitor = monitor(process, Server),
    [ok = kv:put(Server, Key, 0) || Key <- lists:seq(1, ?ENTRIES)],
    Tally = counters:new(2, [atomics]),
    Clients = [element(1, spawn_monitor(client(Server, Number, Tally, self()))) || Number <- lists:seq(1, ?CLIENTS)],
    #demo{server = Server, clients = Clients, tally = Tally}.

%% How many of our processes died before they were told to.
stop(#demo{clients = Clients}) ->
    Dead = dead(),
    [exit(Client, kill) || Client <- Clients],
    tell_failure(),
    Dead.

dead() ->
    receive
        {'DOWN', _, process, Pid, Reason} ->
            event(died, [io_lib:format("~p", [Pid]), io_lib:format("~tP", [Reason, 20])]),
            1 + dead()
    after 0 ->
        0
    end.

%% One stands for all: what follows a first failure is mostly the same.
tell_failure() ->
    receive
        {failed, Reason} -> event(failed, [io_lib:format("~0tP", [Reason, 20])])
    after 0 ->
        ok
    end.

%% Each client has entries of its own, so it knows what every answer must be: also that nothing was lost.
client(Server, Number, Tally, Reader) ->
    Keys = lists:seq(Number, ?ENTRIES, ?CLIENTS),
    fun() -> client_loop(Server, Keys, Keys, #{}, Tally, Reader, 0, none) end.

client_loop(Server, [], Keys, Known, Tally, Reader, Longest, Goal) ->
    client_loop(Server, Keys, Keys, Known, Tally, Reader, Longest, Goal);
client_loop(Server, [Key | Rest], Keys, Known, Tally, Reader, Longest, Goal) ->
    Value = maps:get(Key, Known, 0),
    T1 = call(Tally, Reader, {ok, Value}, fun() -> kv:get(Server, Key) end),
    T2 = call(Tally, Reader, ok, fun() -> kv:put(Server, Key, Value + 1) end),
    T3 = call(Tally, Reader, ?ENTRIES, fun() -> kv:count(Server) end),
    {NewLongest, NewGoal} = reached(max(lists:max([T1, T2, T3]), Longest), asked(Goal), 3),
    client_loop(Server, Rest, Keys, Known#{Key => Value + 1}, Tally, Reader, NewLongest, NewGoal).

call(Tally, Reader, Expected, Call) ->
    Start = erlang:monotonic_time(microsecond),
    try Call() of
        Expected -> counters:add(Tally, ?ANSWERED, 1);
        Other -> failed(Tally, Reader, {wrong_answer, Other})
    catch
        _:Reason -> failed(Tally, Reader, Reason)
    end,
    erlang:monotonic_time(microsecond) - Start.

failed(Tally, Reader, Reason) ->
    counters:add(Tally, ?FAILED, 1),
    Reader ! {failed, Reason}.

%% "Tell me when you have done so many more calls."
more_calls(#demo{clients = Clients}, Count) ->
    Ref = make_ref(),
    [Client ! {more, Ref, self(), Count} || Client <- Clients],
    lists:max([receive_longest(Ref, Client) || Client <- Clients]).

receive_longest(Ref, Client) ->
    receive
        {done, Ref, Client, Longest} -> Longest;
        {'DOWN', _, process, Client, Reason} -> ended(io_lib:format("a client died: ~0tP", [Reason, 12]));
        {'DOWN', _, process, _, Reason} -> ended(io_lib:format("the server died: ~0tP", [Reason, 12]))
    after ?DEADLINE ->
        ended(io_lib:format("the client ~p hangs", [Client]))
    end.

asked(Goal) ->
    receive
        {more, Ref, From, Count} -> {Ref, From, Count}
    after 0 ->
        Goal
    end.

reached(Longest, none, _Calls) ->
    {Longest, none};
reached(Longest, {Ref, From, Count}, Calls) when Count =< Calls ->
    From ! {done, Ref, self(), Longest},
    {0, none};
reached(Longest, {Ref, From, Count}, Calls) ->
    {Longest, {Ref, From, Count - Calls}}.

%% Returns when each client has a call in the mailbox of a suspended server: those that are there already, and those
%% that the trace shows to arrive.
await_callers(Server, Clients) ->
    1 = erlang:trace(Server, true, ['receive']),
    {messages, Messages} = process_info(Server, messages),
    Waiting = [Pid || {'$gen_call', {Pid, _}, _} <- Messages],
    await_arrivals(Server, Clients -- Waiting),
    1 = erlang:trace(Server, false, ['receive']),
    ok.

await_arrivals(_Server, []) ->
    ok;
await_arrivals(Server, Missing) ->
    receive
        {trace, Server, 'receive', {'$gen_call', {Pid, _}, _}} -> await_arrivals(Server, Missing -- [Pid])
    after ?DEADLINE ->
        ended(io_lib:format("these clients do not call: ~0p", [Missing]))
    end.

%% --- telling ---

work(Demo, Code) ->
    Before = answered(Demo),
    calls(Demo, ["by version ", version(Code)], Before, more_calls(Demo, ?CALLS)).

calls(Demo, When, Before, Longest) ->
    Answered = answered(Demo) - Before,
    event(calls, [When, Answered, Longest]),
    Answered.

answered(#demo{tally = Tally}) ->
    counters:get(Tally, ?ANSWERED).

version(Code) ->
    io_lib:format("~ts", [vsn(Code)]).

event(Kind, Fields) ->
    io:format("~ts~n", [lists:join($\t, [text(Field) || Field <- [Kind | Fields]])]).

text(Field) when is_atom(Field) -> atom_to_list(Field);
text(Field) when is_integer(Field) -> integer_to_list(Field);
text(Field) -> Field.

%% A state on one line, its big maps by their size.
shorten(State) when is_tuple(State) ->
    ["{", lists:join(", ", [shorten(Element) || Element <- tuple_to_list(State)]), "}"];
shorten(Map) when is_map(Map), map_size(Map) > 3 ->
    {Key, Value, _} = maps:next(maps:iterator(Map)),
    io_lib:format("#{~tp => ~tP, … ~b entries}", [Key, Value, 10, map_size(Map)]);
shorten(Term) ->
    io_lib:format("~0tP", [Term, 20]).
