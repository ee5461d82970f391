%% What the compiler takes for modules, inside an Erlang node: nanoseconds by the clock, milliseconds of
%% all processors, and the most MiB that the node ever had.
-module(compile_node).
-export([compile_forms/1]).

%% Each module by itself: the forms are read, and the compiler is loaded, before the clock runs. One line, the sum over all.
compile_forms(Files) ->
    All = [forms(File) || File <- Files],
    {ok, _, _} = compile:forms([{attribute, 1, module, first}], [binary]),
    {Before, _} = statistics(runtime),
    Time = lists:sum([compile(Forms) || Forms <- All]),
    {After, _} = statistics(runtime),
    io:format("compile:forms\t~b\t~b\t~.1f~n", [Time, After - Before, peak()]),
    halt().

peak() ->
    {ok, Status} = file:read_file("/proc/self/status"),
    {match, [KiB]} = re:run(Status, "VmHWM:\\s+(\\d+)", [{capture, [1], list}]),
    list_to_integer(KiB) / 1024.

forms(File) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(File, [abstract_code]),
    Forms.

compile(Forms) ->
    Start = erlang:monotonic_time(nanosecond),
    {ok, _, _} = compile:forms(Forms, [binary, debug_info]),
    erlang:monotonic_time(nanosecond) - Start.
