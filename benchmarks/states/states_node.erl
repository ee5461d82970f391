%% What states.py measures inside an Erlang node. One figure a line: what, of which state, its size, the way, a number.
-module(states_node).

-export([large/1, calls/1, shared/1]).

-define(CALLS, 100000).
-define(LIVE, [generated, by_hand, fold, generic]).

%% --- large states: a real process is suspended, converted and resumed, as release_handler does it ---

%% Arguments: the rounds for each size, then the sizes. Nanoseconds for which the process is suspended, and in a round of
%% their own, since tracing takes time, what the conversion does to its memory.
large([Rounds | Sizes]) ->
    [begin
         agree(Kind),
         [for_size(Kind, list_to_integer(Size), list_to_integer(Rounds)) || Size <- Sizes]
     end || Kind <- [list, map, tree]],
    halt().

%% How often a collector runs hangs on the exact size: several around each are taken together. Large ones take long enough
%% to need fewer rounds.
for_size(Kind, Size, Rounds) ->
    [say(suspended, Kind, Size, Way, Time)
     || {Way, Time} <- least([{Way, Around, suspended(Way, Kind, Around)}
                              || Round <- lists:seq(1, rounds(Size, Rounds)), Around <- around(Size),
                                 Way <- turned(?LIVE, Round + Around)])],
    [say(What, Kind, Size, Way, Words) || Way <- ?LIVE, {What, Words} <- memory(Way, Kind, Size)].

around(Size) when Size >= 1000000 -> [Size];
around(Size) ->
    [Size * Percent div 100 || Percent <- [80, 100, 125]].

rounds(Size, Rounds) when Size >= 1000000 -> max(1, Rounds - 1);
rounds(Size, Rounds) when Size =< 10000 -> 2 * Rounds;
rounds(_, Rounds) -> Rounds.

%% Of each way: the least time of each size, and the mean of these.
least(Times) ->
    [{Way, lists:sum(Each) / length(Each)}
     || Way <- ?LIVE,
        Each <- [[lists:min([Time || {W, S, Time} <- Times, W =:= Way, S =:= Size])
                  || Size <- lists:usort([Size || {_, Size, _} <- Times])]]].

%% What is compared must do the same.
agree(Kind) ->
    [Same | Others] = [begin
                           Pid = server(Way, Kind, 1000),
                           {_, ok} = change(Pid, Way, Way),
                           State = sys:get_state(Pid),
                           stop(Pid),
                           State
                       end || Way <- ?LIVE],
    true = lists:all(fun(Other) -> Other =:= Same end, Others).

suspended(Way, Kind, Size) ->
    Pid = server(Way, Kind, Size),
    {Time, ok} = change(Pid, Way, Way),
    stop(Pid),
    Time.

change(Pid, Way, OldVsn) ->
    ok = sys:suspend(Pid, infinity),
    Start = erlang:monotonic_time(nanosecond),
    Changed = sys:change_code(Pid, module(Way), OldVsn, [], infinity),
    ok = sys:resume(Pid, infinity),
    {erlang:monotonic_time(nanosecond) - Start, Changed}.

%% Words: of the state itself; the most that heap and old heap had reserved at a collection's begin or end; all that was
%% built; and what of it was garbage. And how often the collector ran.
memory(Way, Kind, Size) ->
    Pid = server(Way, Kind, Size),
    Before = used(Pid),
    1 = erlang:trace(Pid, true, [garbage_collection]),
    {_, ok} = change(Pid, Way, Way),
    1 = erlang:trace(Pid, false, [garbage_collection]),
    Ref = erlang:trace_delivered(Pid),
    Events = events(Pid, Ref),
    {Peak, Freed, Runs} = collected(Events, {reserved(Pid), 0, 0}),
    After = used(Pid),
    stop(Pid),
    [{state, Before}, {peak, Peak}, {built, After - Before + Freed}, {freed, Freed}, {collections, Runs}].

events(Pid, Ref) ->
    receive
        {trace, Pid, What, Info} -> [{What, Info} | events(Pid, Ref)];
        {trace_delivered, Pid, Ref} -> []
    end.

collected([{Begin, Started}, {_, Ended} | Events], {Peak, Freed, Runs}) when Begin =:= gc_minor_start; Begin =:= gc_major_start ->
    Most = lists:max([Peak, blocks(Started), blocks(Ended)]),
    collected(Events, {Most, Freed + words(Started) - words(Ended), Runs + 1});
collected([], Sums) ->
    Sums.

used(Pid) ->
    {_, Info} = process_info(Pid, garbage_collection_info),
    words(Info).

reserved(Pid) ->
    {_, Info} = process_info(Pid, garbage_collection_info),
    blocks(Info).

words(Info) -> lists:sum([proplists:get_value(Key, Info) || Key <- [heap_size, old_heap_size, mbuf_size]]).
blocks(Info) -> lists:sum([proplists:get_value(Key, Info) || Key <- [heap_block_size, old_heap_block_size, mbuf_size]]).

%% The state is built in the process that keeps it, and what building left is collected before the clock runs.
server(Way, Kind, Size) ->
    {ok, Pid} = gen_server:start(module(Way), fun() -> state(Kind, Size) end, [{timeout, infinity}]),
    true = erlang:garbage_collect(Pid),
    Pid.

stop(Pid) ->
    Monitor = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.

module(generated) -> kept;
module(_) -> ways.

state(list, Size) -> {state, [item(Id) || Id <- lists:seq(1, Size)], #{}, nil, undefined};
state(map, Size) -> {state, [], maps:from_list([{Id, item(Id)} || Id <- lists:seq(1, Size)]), nil, undefined};
state(tree, Size) -> {state, [], #{}, tree(1, Size), undefined};
state(table, Size) -> {state, [], #{}, nil, maps:from_list([{Id, Id} || Id <- lists:seq(1, Size)])}.

item(Id) -> {item, Id, <<"name">>, Id}.

tree(From, To) when From > To -> nil;
tree(From, To) ->
    Middle = (From + To) div 2,
    {tree(From, Middle - 1), item(Middle), tree(Middle + 1, To)}.

%% --- a state whose entries have nothing to convert ---

%% For tables of these sizes: nanoseconds for which the process is suspended, and what is built meanwhile. The very table is
%% in the new state, and no copy of it. The process is brought down again and up many times: what came first after
%% building a large table would meet caches that are full of it.
shared([Rounds | Named]) ->
    Sizes = [list_to_integer(Size) || Size <- Named],
    Servers = [{Size, server(generated, table, Size)} || Size <- Sizes],
    [begin
         Old = state(table, Size),
         {ok, New} = kept:code_change("1", Old, []),
         true = erts_debug:same(element(5, Old), element(5, New)),
         [say(What, table, Size, generated, Words) || {What, Words} <- memory(generated, table, Size)]
     end || Size <- Sizes],
    [begin
         {Time, ok} = change(Pid, generated, "1"),
         {_, ok} = change(Pid, generated, {down, "1"}),
         Round > 0 andalso say(suspended, table, Size, generated, Time)
     end || Round <- lists:seq(-20, list_to_integer(Rounds)), {Size, Pid} <- turned(Servers, Round + 20)],
    halt().

%% --- small states: calls, since one alone is too short for a clock ---

%% Nanoseconds per call, and the words that a call builds. `Kept` is a module that carries a migration; `Kept_ways` has the
%% same by hand (match), the other ways, and a call that does nothing.
calls([Rounds | Modules]) ->
    [of_module(list_to_atom(Kept), list_to_atom(Kept ++ "_ways"), list_to_integer(Rounds)) || Kept <- Modules],
    halt().

of_module(Kept, Hand, Rounds) ->
    Old = Hand:old(),
    Ways = [{generated, fun Kept:code_change/3} | [{Way, fun Hand:Way/3} || Way <- [by_hand, fold, generic, nothing]]],
    {ok, Expected} = Hand:by_hand("1", Old, []),
    [{ok, Expected} = Call("1", Old, []) || {Way, Call} <- Ways, Way =/= nothing],
    Size = tuple_size(Old) - 1,
    [say(call, fields, Size, Way, timed_calls(Call, Old) / ?CALLS)
     || Round <- lists:seq(0, Rounds), {Way, Call} <- turned(Ways, Round), Round > 0],
    [say(built, fields, Size, Way, built(Call, Old)) || {Way, Call} <- Ways].

%% In a process of its own, so that the garbage of one way is not collected at the cost of the next. With a small heap,
%% as most processes have it: a large one is fresh memory, and one would measure the kernel's page faults.
timed_calls(Call, Old) ->
    in_process(fun() ->
        Start = erlang:monotonic_time(nanosecond),
        repeat(Call, Old, ?CALLS),
        erlang:monotonic_time(nanosecond) - Start
    end).

repeat(_Call, _Old, 0) ->
    ok;
repeat(Call, Old, Count) ->
    Call("1", Old, []),
    repeat(Call, Old, Count - 1).

%% Words that one call builds, its result and its garbage: nothing is collected meanwhile, since there is room.
built(Call, Old) ->
    Self = self(),
    Pid = spawn_opt(fun() ->
        Self ! ready,
        receive go -> ok end,
        Made = Call("1", Old, []),
        Self ! done,
        receive stop -> Made end
    end, [link, {min_heap_size, 100000}]),
    receive ready -> ok end,
    Before = used(Pid),
    Pid ! go,
    receive done -> ok end,
    After = used(Pid),
    Pid ! stop,
    After - Before.

in_process(Work) ->
    Self = self(),
    Ref = make_ref(),
    spawn_link(fun() -> Self ! {Ref, Work()} end),
    receive {Ref, Result} -> Result end.

%% In another order each time, so that none always comes after the same one; and in the same orders on every run.
turned(Ways, Round) ->
    {Drawn, _} = lists:mapfoldl(fun(Way, Seed) -> {Number, Next} = rand:uniform_s(Seed), {{Number, Way}, Next} end,
                                rand:seed_s(exsss, Round + 1000), Ways),
    [Way || {_, Way} <- lists:sort(Drawn)].

say(What, Kind, Size, Way, Number) ->
    io:format("~s\t~s\t~b\t~s\t~w~n", [What, Kind, Size, Way, Number]).
