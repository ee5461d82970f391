%% What release_handler does to processes, seen by tracing that one process: each instruction, and each process that it
%% suspends, converts and resumes, with what came of it and when.
-module(migrator_rehearsal_trace).
-export([installing/3, leaving/1]).

%% How long a node that shuts down may wait for what came of its installation.
-define(TOLD_WITHIN, 5000).

%% Tells {traced, call, Microseconds, What} and {traced, return, Microseconds, What, Result} as they happen (the node may
%% restart at once), and then gives Answer what Install gives. What is {instruction, Term} or {suspend | convert | resume, Pid}.
installing(Tell, Install, Answer) ->
    ok = persistent_term:put(?MODULE, self()),
    Handler = whereis(release_handler),
    Tracer = spawn(fun() -> collect(Tell) end),
    [erlang:trace_pattern(Function, Match, Flags) || {Function, Match, Flags} <- patterns()],
    1 = erlang:trace(Handler, true, [call, arity, monotonic_timestamp, {tracer, Tracer}]),
    try Install() of
        Result ->
            delivered(Handler, Tracer),
            Answer(Result)
    after
        exit(Tracer, kill),
        %% It may have ended meanwhile.
        try erlang:trace(Handler, false, [all]) of _ -> ok catch error:_ -> ok end,
        [erlang:trace_pattern(Function, false, Flags) || {Function, _, Flags} <- patterns()]
    end.

%% Called by the application controller when it is told to end (`shutdown_func` of kernel). Where an installation fails
%% release_handler restarts the emulator as soon as it has said so, and that may be over before it was told here.
leaving(shutdown) ->
    Installing = persistent_term:get(?MODULE, none),
    Reference = is_pid(Installing) andalso monitor(process, Installing),
    receive {'DOWN', Reference, process, Installing, _} -> ok
    after if is_reference(Reference) -> ?TOLD_WITHIN; true -> 0 end -> ok
    end;
leaving(_) ->
    ok.

patterns() ->
    Returned = {exception_trace},
    [
        {{release_handler_1, eval, 2}, [{['$1', '_'], [], [{message, {{instruction, '$1'}}}]}], [local]},
        {{sys, suspend, 1}, [{['$1'], [], [Returned, {message, {{suspend, '$1'}}}]}], []},
        {{sys, suspend, 2}, [{['$1', '_'], [], [Returned, {message, {{suspend, '$1'}}}]}], []},
        {{sys, change_code, 4}, [{['$1', '$2', '_', '_'], [], [Returned, {message, {{convert, '$1', '$2'}}}]}], []},
        {{sys, change_code, 5}, [{['$1', '$2', '_', '_', '_'], [], [Returned, {message, {{convert, '$1', '$2'}}}]}], []},
        {{sys, resume, 1}, [{['$1'], [], [Returned, {message, {{resume, '$1'}}}]}], []}
    ].

delivered(Handler, Tracer) ->
    Delivered = erlang:trace_delivered(Handler),
    receive {trace_delivered, Handler, Delivered} -> ok end,
    Reference = monitor(process, Tracer),
    Tracer ! finish,
    receive {'DOWN', Reference, process, Tracer, _} -> ok end.

collect(Tell) ->
    receive
        {trace_ts, _, call, _, What, Time} ->
            Tell({traced, call, microseconds(Time), what(What)}),
            collect(Tell);
        {trace_ts, _, return_from, _, Result, Time} ->
            Tell({traced, return, microseconds(Time), result(Result)}),
            collect(Tell);
        {trace_ts, _, exception_from, _, {_, Reason}, Time} ->
            Tell({traced, return, microseconds(Time), {failed, text(Reason)}}),
            collect(Tell);
        finish ->
            ok
    end.

what({instruction, Instruction}) -> {instruction, text(Instruction)};
what({convert, Pid, Module}) -> {convert, text(Pid), Module};
what({Step, Pid}) -> {Step, text(Pid)}.

result(ok) -> ok;
result({error, Reason}) -> {failed, text(Reason)};
result(Other) -> {failed, text(Other)}.

microseconds(Time) -> erlang:convert_time_unit(Time, native, microsecond).

text(Term) -> unicode:characters_to_binary(io_lib:format("~tp", [Term])).
