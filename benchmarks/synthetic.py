"""Pairs of modules for measuring: servers of very different size whose state record changes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same modules on every run: a figure is compared with yesterday's.
SEED = 20

# The smallest and the largest module, in functions beside the callbacks. Sizes are spread evenly on a
# logarithmic scale, as in real releases: many small modules, a few very large ones.
SMALLEST, LARGEST = 5, 150

NAMES = (
    "name", "host", "port", "socket", "users", "queue", "sent", "received", "since", "table", "monitor",
    "backoff", "parent", "options", "buffer", "window", "peers", "limits",
)  # fmt: skip
DEFAULTS = ("0", "[]", "#{}", "undefined", "infinity", '<<"">>', "5000", "false")

# Bodies as they are found in servers. N is the function's number, F a field of both records.
BODIES = (
    """\
f@N@({set, Value}, #state{@F@ = _} = State) when is_integer(Value), Value > @N@ ->
    State#state{@F@ = Value};
f@N@({set, Value}, State) ->
    case lists:member(Value, [one, two, three]) of
        true -> State#state{@F@ = {Value, @N@}};
        false -> error({bad_value, Value, @N@})
    end;
f@N@(reset, State) ->
    State#state{@F@ = @N@}.
""",
    """\
f@N@(List, Acc) when is_list(List) ->
    Sorted = lists:usort([{Size, Item} || Item <- List, (Size = erlang:external_size(Item)) > @N@]),
    lists:foldl(fun({Size, Item}, {Sum, Items}) -> {Sum + Size, [Item | Items]} end, {0, Acc}, Sorted);
f@N@(_Other, Acc) ->
    {@N@, Acc}.
""",
    """\
f@N@(<<Type:8, Length:16, Payload:Length/binary, Rest/binary>>, Acc) ->
    Item = case Type of
        0 -> {ping, Payload};
        1 -> {data, binary:copy(Payload)};
        2 when Length > @N@ -> {long, Length, Payload};
        _ -> {unknown, Type, Payload}
    end,
    f@N@(Rest, [Item | Acc]);
f@N@(<<Incomplete/binary>>, Acc) ->
    {lists:reverse(Acc), Incomplete}.
""",
    """\
f@N@(Key, #state{@F@ = Value} = State) ->
    try lookup(Key, Value) of
        {ok, Found} when Found =/= @N@ -> {reply, {ok, Found}, State};
        {ok, _} -> {reply, {error, stale}, State#state{@F@ = undefined}};
        error -> {reply, {error, {not_found, Key}}, State}
    catch
        error:{badmap, _} -> {reply, {error, corrupt}, State};
        exit:Reason:Stack -> {stop, {Reason, Stack}, State}
    end.
""",
    """\
f@N@(Options, Extra) ->
    Timeout = proplists:get_value(timeout, Options, @N@),
    Merged = maps:merge(#{timeout => Timeout, retries => 3, number => @N@}, maps:from_list(Extra)),
    maps:fold(
        fun(timeout, infinity, Acc) -> [{timeout, 0} | Acc];
           (Key, Value, Acc) when is_atom(Key) -> [{Key, Value} | Acc];
           (_Key, _Value, Acc) -> Acc
        end, [], Merged).
""",
)

MODULE = """\
%% Made for measuring.
-module(@MODULE@).
-behaviour(gen_server).
-vsn("@VSN@").

-export([start_link/1, lookup/2@EXPORTS@]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-record(state, {@FIELDS@}).
-state_record(state).
@DECISIONS@
start_link(Options) ->
    gen_server:start_link(?MODULE, Options, []).

init(Options) ->
    process_flag(trap_exit, true),
    {ok, #state{@FIRST@ = Options}}.

handle_call({get, Key}, _From, #state{@FIRST@ = Value} = State) ->
    {reply, lookup(Key, Value), State};
handle_call(_Request, _From, State) ->
    {reply, {error, unknown}, State}.

handle_cast({put, Value}, State) ->
    {noreply, State#state{@FIRST@ = Value}};
handle_cast(_Request, State) ->
    {noreply, State}.

handle_info({'EXIT', _Pid, normal}, State) ->
    {noreply, State};
handle_info({'EXIT', _Pid, Reason}, State) ->
    {stop, Reason, State}.

lookup(Key, Map) ->
    maps:find(Key, Map).

"""


@dataclass(frozen=True)
class Pair:
    """The sources of a module's two versions."""

    module: str
    old: str
    new: str


def pairs(count: int) -> Iterator[Pair]:
    """Make so many pairs, the same ones each time."""
    choice = random.Random(SEED)  # noqa: S311 - for variety, not for secrets
    for number in range(count):
        share = number / max(count - 1, 1)
        functions = round(SMALLEST * (LARGEST / SMALLEST) ** share)
        yield _pair(f"bench_{number:03}", functions, choice)


def one(functions: int) -> Pair:
    """One pair whose modules have so many functions beside the callbacks, of some nine lines each."""
    return _pair(f"bench_of_{functions}", functions, random.Random(SEED))  # noqa: S311 - as above


def _pair(module: str, functions: int, choice: random.Random) -> Pair:
    """A pair whose record loses, renames and gains a field or keeps one more."""
    names = choice.sample(NAMES, choice.randint(4, 12))
    defaults = {name: choice.choice(DEFAULTS) for name in names}
    first, renamed, dropped, *kept = names
    old = [f"{name} = {defaults[name]}" for name in names]
    new = [f"{first} = {defaults[first]}", f"new_{renamed} = {defaults[renamed]}"]
    new += [f"{name} = {defaults[name]}" for name in kept]
    new += [f"added_{n} = {choice.choice(DEFAULTS)}" for n in range(choice.randint(1, 2))]
    choice.shuffle(new)
    decisions = f"-state_migration([{{rename, {renamed}, new_{renamed}}}, {{drop, {dropped}}}]).\n"
    bodies = [
        choice.choice(BODIES).replace("@N@", str(number)).replace("@F@", choice.choice([first, *kept]))
        for number in range(functions)
    ]

    def version(vsn: str, fields: list[str], said: str) -> str:
        text = (
            MODULE.replace("@MODULE@", module)
            .replace("@VSN@", vsn)
            .replace("@FIELDS@", ", ".join(fields))
            .replace("@FIRST@", first)
            .replace("@DECISIONS@", said)
            .replace("@EXPORTS@", "".join(f", f{number}/2" for number in range(functions)))
        )
        return text + "\n".join(bodies)

    return Pair(module, version("1.0.0", old, ""), version("2.0.0", new, decisions))
