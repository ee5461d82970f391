%% What bench.py measures inside an Erlang node. Figures go to stdout, one a line: a name, a tab, nanoseconds.
-module(bench_node).
-export([compile_forms/1, conversion/1]).

-define(CALLS, 200000).

%% How long the compiler takes for each module by itself: the forms are read, and the compiler is loaded, before the
%% clock runs. One line, the sum over all files.
compile_forms(Files) ->
    [First | _] = All = [forms(File) || File <- Files],
    compile(First),
    io:format("compile:forms\t~b~n", [lists:sum([compile(Forms) || Forms <- All])]),
    halt().

forms(File) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(File, [abstract_code]),
    Forms.

compile(Forms) ->
    timed(fun() -> {ok, _, _} = compile:forms(Forms, [binary, debug_info]) end).

%% The generated conversion (in the injected beam that is on the path) and the ones by hand, per call: a line for each
%% in each round.
conversion([Rounds]) ->
    Ways = [{generated, fun wide:code_change/3},
            {match, fun by_hand:match/3},
            {fold, fun by_hand:fold/3},
            {nothing, fun by_hand:nothing/3}],
    Old = {state, name, "host", 5222, socket, #{a => 1}, [1, 2, 3], 17, 4, 1700000000, []},
    Expected = by_hand:match("1", Old, []),
    [Expected = Way("1", Old, []) || {Name, Way} <- Ways, Name =/= nothing],
    [round(Ways, Number, Old) || Number <- lists:seq(0, list_to_integer(Rounds))],
    halt().

%% The order turns from round to round, so that none always comes first. Round 0 only warms up.
round(Ways, Number, Old) ->
    {Front, Back} = lists:split(Number rem length(Ways), Ways),
    Times = [{Name, calls(Way, Old)} || {Name, Way} <- Back ++ Front],
    [io:format("~s\t~.3f~n", [Name, Time / ?CALLS]) || Number > 0, {Name, Time} <- Times].

%% In a process of its own, so that the garbage of one way is not collected at the cost of the next. With a small heap,
%% as most processes have it: a large one is fresh memory, and one would measure the kernel's page faults.
calls(Way, Old) ->
    Self = self(),
    Ref = make_ref(),
    spawn_link(fun() -> Self ! {Ref, timed(fun() -> repeat(Way, Old, ?CALLS) end)} end),
    receive {Ref, Time} -> Time end.

repeat(_Way, _Old, 0) ->
    ok;
repeat(Way, Old, Count) ->
    Way("1", Old, []),
    repeat(Way, Old, Count - 1).

timed(Fun) ->
    Start = erlang:monotonic_time(nanosecond),
    Fun(),
    erlang:monotonic_time(nanosecond) - Start.
