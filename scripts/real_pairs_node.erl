%% Runs a migrated module's conversion function in a throw-away node and shows what reached the module's own function.
-module(real_pairs_node).
-export([convert/5]).

%% Loads the beam past the sticky folders and without its -on_load, and calls Module:Function(Arguments).
%% Gives {Outcome, Seen}: {returned, Result} or raised, and the arguments with which the own function was called, or none.
convert(Module, Beam, Function, Own, Arguments) ->
    case load(Module, Beam) of
        ok -> run(Module, Function, Own, Arguments);
        {error, Reason} -> {{not_loaded, Reason}, none}
    end.

%% Old code that a process still runs is not purged: the process would be killed, and this node may live on it.
load(Module, Beam) ->
    {ok, {Module, Digest}} = beam_lib:md5(Beam),
    case is_current(Module, Digest) orelse code:soft_purge(Module) of
        true -> replace(Module, Beam, Digest);
        false -> {error, in_use}
    end.

is_current(Module, Digest) ->
    erlang:module_loaded(Module) andalso Module:module_info(md5) =:= Digest.

replace(Module, Beam, Digest) ->
    case is_current(Module, Digest) orelse erlang:load_module(Module, Beam) of
        true -> ok;
        {module, Module} -> ok;
        %% Its library is of another machine: what is left out would only have loaded that.
        {error, on_load} -> erlang:finish_after_on_load(Module, true), ok;
        {error, Reason} -> {error, Reason}
    end.

run(Module, Function, Own, Arguments) ->
    Self = self(),
    {Pid, Reference} = spawn_monitor(fun() ->
        receive go -> ok end,
        Self ! {self(), try {returned, apply(Module, Function, Arguments)} catch Class:Why -> {raised, {Class, Why}} end}
    end),
    erlang:trace_pattern({Module, Own, length(Arguments)}, true, [local]),
    erlang:trace(Pid, true, [call, {tracer, Self}]),
    Pid ! go,
    Outcome = receive
        {Pid, Answer} -> Answer;
        {'DOWN', Reference, process, Pid, Why} -> {raised, Why}
    after 10000 -> exit(Pid, kill), {raised, timeout}
    end,
    erlang:demonitor(Reference, [flush]),
    Delivered = erlang:trace_delivered(Pid),
    receive {trace_delivered, Pid, Delivered} -> ok end,
    receive
        {trace, Pid, call, {Module, Own, Seen}} -> {Outcome, Seen}
    after 0 -> {Outcome, none}
    end.
