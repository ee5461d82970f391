%% Runs an EUnit module in the node, beside the module that it tests, and gives what it says where it fails.
-module(live_eunit).
-export([run/4]).

%% `{ok, Text}` or `{failed, Text}` with what EUnit prints, or the compiler: a warning of it is a failure too.
run(Module, Beam, Tests, Path) ->
    case compile:file(unicode:characters_to_list(Path), [binary, return, {i, code:lib_dir(eunit, include)}]) of
        {ok, Tests, Code, []} ->
            live_node:load(Module, Beam),
            live_node:load(Tests, Code),
            Outcome = tested(Tests),
            [live_node:unload(Each) || Each <- [Tests, Module]],
            Outcome;
        Other ->
            {failed, unicode:characters_to_binary(io_lib:format("~tp", [Other]))}
    end.

%% What is printed goes to a process of ours: the node's own stdout carries the protocol.
tested(Tests) ->
    Before = group_leader(),
    Printer = spawn_link(fun() -> print([]) end),
    group_leader(Printer, self()),
    Outcome = eunit:test(Tests, []),
    group_leader(Before, self()),
    Printer ! {stop, self()},
    receive {printed, Text} -> {case Outcome of ok -> ok; _ -> failed end, Text} end.

print(Said) ->
    receive
        {io_request, From, As, {put_chars, _, Text}} ->
            From ! {io_reply, As, ok},
            print([Said, Text]);
        {io_request, From, As, {put_chars, _, Module, Function, Arguments}} ->
            From ! {io_reply, As, ok},
            print([Said, apply(Module, Function, Arguments)]);
        {io_request, From, As, _} ->
            From ! {io_reply, As, {error, enotsup}},
            print(Said);
        {stop, From} ->
            From ! {printed, unicode:characters_to_binary(Said)}
    end.
