"""Modules whose state record has so many fields: one renamed, one dropped, two new; and the same conversion by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

VERSION = """\
%% Made for measuring.
-module(fields_@N@).
-behaviour(gen_server).
-vsn("@VSN@").

-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {@FIELDS@}).
-state_record(state).
@DECISIONS@
init([First]) ->
    {ok, #state{f1 = First}}.

handle_call(first, _From, State) ->
    {reply, State#state.f1, State}.

handle_cast({first, Value}, State) ->
    {noreply, State#state{f1 = Value}}.
"""

WAYS = """\
%% Made for measuring: what a good programmer writes, one pattern match; the same by a library that knows names and
%% positions only at run time; by lists:map of a converter that is told of each field; and a call that does nothing.
-module(fields_@N@_ways).

-export([by_hand/3, fold/3, generic/3, nothing/3, old/0]).

-record(state, {@NEW@}).

old() ->
    {state, @VALUES@}.

by_hand(_OldVsn, {state, @OLD_VARIABLES@}, _Extra) ->
    {ok, #state{@SET@}}.

fold(_OldVsn, Old, _Extra) ->
    {ok, lists:foldl(
           fun({Position, {old, Name}}, New) -> setelement(Position, New, element(position(Name, old_names(), 2), Old));
              ({Position, {value, Value}}, New) -> setelement(Position, New, Value)
           end,
           erlang:make_tuple(@SIZE@, undefined, [{1, state}]),
           sources())}.

generic(_OldVsn, Old, _Extra) ->
    Pairs = lists:zip(old_names(), tl(tuple_to_list(Old))),
    {ok, list_to_tuple([state | lists:map(fun({_, {old, Name}}) -> proplists:get_value(Name, Pairs);
                                             ({_, {value, Value}}) -> Value
                                          end, sources())])}.

nothing(_OldVsn, State, _Extra) ->
    {ok, State}.

position(Name, [Name | _], Position) -> Position;
position(Name, [_ | Names], Position) -> position(Name, Names, Position + 1).

old_names() ->
    [@OLD_NAMES@].

sources() ->
    [@SOURCES@].
"""


def write(work: Path, count: int) -> tuple[Path, Path, Path]:
    """The sources of both versions and of the other ways, in a folder of their own each."""
    names = [f"f{number}" for number in range(1, count + 1)]
    kept = [*names[:4], "renamed", *names[5:-1]]
    olds = [f"{name} = 0" for name in names]
    news = [*(f"{name} = 0" for name in kept), "timeout = 5000", "retries = 3"]
    variables = [f"F{number}" for number in range(1, count)] + ["_Dropped"]
    sources = [
        *(f"{{{at}, {{old, {name}}}}}" for at, name in enumerate(names[:-1], start=2)),
        f"{{{count + 1}, {{value, 5000}}}}",
        f"{{{count + 2}, {{value, 3}}}}",
    ]
    ways = {
        "@NEW@": ", ".join(news),
        "@VALUES@": ", ".join(f"value_{number}" for number in range(1, count + 1)),
        "@OLD_VARIABLES@": ", ".join(variables),
        "@SET@": ", ".join(f"{name} = {variable}" for name, variable in zip(kept, variables, strict=False)),
        "@SIZE@": str(count + 2),
        "@OLD_NAMES@": ", ".join(names),
        "@SOURCES@": ", ".join(sources),
    }
    decisions = f"-state_migration([{{rename, f5, renamed}}, {{drop, f{count}}}]).\n"
    texts = {
        "v1": (f"fields_{count}", VERSION, {"@VSN@": "1", "@FIELDS@": ", ".join(olds), "@DECISIONS@": ""}),
        "v2": (f"fields_{count}", VERSION, {"@VSN@": "2", "@FIELDS@": ", ".join(news), "@DECISIONS@": decisions}),
        "ways": (f"fields_{count}_ways", WAYS, ways),
    }
    written = []
    for folder, (module, text, replacements) in texts.items():
        filled = text.replace("@N@", str(count))
        for mark, value in replacements.items():
            filled = filled.replace(mark, value)
        path = work / folder / f"{module}.erl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled, encoding="utf-8")
        written.append(path)
    old, new, other = written
    return old, new, other
