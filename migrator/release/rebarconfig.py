"""Brings the hooks into a `rebar.config` as it is written, its comments and its layout kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.release.integration import Change
from migrator.terms import Atom, text_of
from migrator.termtext import parse_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from migrator.terms import Term
    from migrator.termtext import Written

# Both and no others: `release` is also what `rebar3 relup` does, and `rebar3 tar` assembles again without it.
PROVIDERS = ("release", "tar")
_OURS = "migrator hook"
_ABOUT = "%% Puts the state migrations into the beams just compiled, before they are copied into the release."


def with_hooks(path: Path, text: str, before: bytes, command: str) -> Change:
    """How that command comes into a `rebar.config` as the hook of its releases.

    Raises:
        Refused: the text is no Erlang terms (M140).
    """
    terms = parse_terms(text, str(path))
    entries = [f'{{{provider}, "{command}"}}' for provider in PROVIDERS]
    alone = f"{_ABOUT}\n{{pre_hooks, [\n    {entries[0]},\n    {entries[1]}\n]}}.\n"
    hooked = [(provider, text_of(command) or "") for provider, command in _hooked(terms)]
    ours = {provider for provider, known in hooked if _OURS in known}
    if ours >= set(PROVIDERS):
        return Change(path, "there", alone, "its pre_hooks have it")
    places = [term for term in terms if _named(term) == "pre_hooks"]
    lines = ",\n".join(f"    {entry}" for entry in entries) + "\n"
    # Of two lists rebar3 takes the last alone: beside one that is there, a second would put out its hooks.
    pasted = f"%% into the pre_hooks that are there\n{lines}" if places else alone
    others = sorted({provider for provider, _ in hooked if provider in PROVIDERS})
    if others:
        return Change(path, "paste", pasted, f"its hooks of {' and '.join(others)} are yours to order")
    if text.encode() != before:
        return Change(path, "paste", pasted, "it is not in UTF-8")
    if not places:
        gap = "" if text.endswith("\n\n") or not text else "\n" if text.endswith("\n") else "\n\n"
        return Change(path, "edit", alone, "at its end", _checked(path, f"{text}{gap}{alone}", terms), before)
    hooks = places[0].parts[1]
    if len(places) > 1 or not isinstance(hooks.term, list) or text[hooks.start] != "[":
        return Change(path, "paste", pasted, "its pre_hooks are not the list that they are elsewhere")
    content = text[: hooks.start + 1] + "\n" + lines.removesuffix("\n") + _rest(hooks, text)
    return Change(path, "edit", lines, "first in its pre_hooks", _checked(path, content, terms), before)


def _rest(hooks: Written, text: str) -> str:
    """The rest of the file, behind what was put first into a list."""
    rest = text[hooks.start + 1 :]
    if not hooks.parts:
        return "\n" + rest.lstrip()
    # What followed on the line of the bracket gets a line of its own.
    return ("," if hooks.parts[0].line != hooks.line else ",\n    ") + rest


def _checked(path: Path, content: str, before: Sequence[Written]) -> str:
    """The new text, if it says what the old one said, and the hooks."""
    after = parse_terms(content, str(path))
    same = [term.term for term in after if _named(term) != "pre_hooks"]
    assert same == [term.term for term in before if _named(term) != "pre_hooks"]  # noqa: S101 - else it is our bug
    assert {provider for provider, _ in _hooked(after)} >= set(PROVIDERS)  # noqa: S101 - as above
    return content


def _named(term: Written) -> str:
    match term.term:
        case (Atom(name), _):
            return name
    return ""


def _hooked(terms: Sequence[Written]) -> Iterator[tuple[str, Term]]:
    """The provider and the command of every hook that runs before one, those of profiles too."""
    for term in terms:
        if _named(term) == "pre_hooks":
            yield from _entries(term)
        elif _named(term) == "profiles":
            profiles = term.parts[1].parts
            yield from _hooked(
                [each for profile in profiles if len(profile.parts) > 1 for each in profile.parts[1].parts]
            )


def _entries(hooks: Written) -> Iterator[tuple[str, Term]]:
    for each in hooks.parts[1].parts:
        match each.term:
            # The operating systems that it is for can stand before.
            case (Atom(provider), command) | (_, Atom(provider), command):
                yield provider, command


def releases(terms: Sequence[Written]) -> tuple[str, ...]:
    """The names of the releases that a configuration of relx describes."""
    found = []
    for term in terms:
        match term.term:
            case (Atom("release"), (Atom(name), *_), *_):
                found.append(name)
    return tuple(found)


def makes_releases(terms: Sequence[Written]) -> bool:
    """Whether relx is configured, in a profile or without one."""
    profiles = section(terms, "profiles")
    inside = [part for each in profiles if len(each.parts) > 1 for part in each.parts[1].parts]
    return any(_named(term) == "relx" for term in (*terms, *inside))


def section(terms: Sequence[Written], name: str) -> tuple[Written, ...]:
    """The elements of `{Name, [...]}` among these terms."""
    return tuple(part for term in terms if _named(term) == name for part in term.parts[1].parts)


def linked(*sections: Sequence[Written]) -> bool:
    """Whether configurations of relx, of which an earlier one goes before, ask for links in the place of copies."""
    said = [term.term for terms in sections for term in terms if isinstance(term.term, tuple)]
    modes = [term for term in said if term[:1] in ((Atom("dev_mode"),), (Atom("mode"),))]
    return bool(modes) and modes[0] in ((Atom("dev_mode"), Atom("true")), (Atom("mode"), Atom("dev")))
