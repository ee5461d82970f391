"""Reads what a person asks of `appup`, from the texts of the options."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from migrator.release.instructions import BRUTAL, DEFAULT
from migrator.release.wishes import Wishes
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.release.instructions import Purge
    from migrator.release.wishes import Preference
    from migrator.terms import Term

T = TypeVar("T")

_PURGES: dict[str, Purge] = {
    "soft": "soft_purge",
    "brutal": "brutal_purge",
    "soft_purge": "soft_purge",
    "brutal_purge": "brutal_purge",
}


def wishes_of(purge: Sequence[str], timeout: Sequence[str], extra: Sequence[str], prefer: Preference = "ask") -> Wishes:
    """The wishes in these texts: each `VALUE` for all modules or `MODULE=VALUE` for one.

    Raises:
        ValueError: a text is none of these; it says which, and what is meant.
        Refused: what stands behind `--extra MODULE=` is no term (M140).
    """
    purges, for_all = _sorted(purge, _purge, BRUTAL)
    usual: Term = DEFAULT
    timeouts, longest = _sorted(timeout, _timeout, usual)
    extras = dict(_extra(each) for each in extra)
    return Wishes(for_all, longest, purges, timeouts, extras, prefer)


def _sorted(texts: Sequence[str], meant: Callable[[str], T], usual: T) -> tuple[dict[str, T], T]:
    """The values by module, and the one for all others: the last that is given."""
    named: dict[str, T] = {}
    for each in texts:
        module, equals, value = each.rpartition("=")
        if equals:
            named[_module(module)] = meant(value)
        else:
            usual = meant(value)
    return named, usual


def _purge(text: str) -> Purge:
    if text not in _PURGES:
        raise ValueError(f"--purge {text}: soft or brutal is meant, or MODULE=soft")
    return _PURGES[text]


def _timeout(text: str) -> Term:
    if text in ("infinity", "default"):
        return Atom(text)
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise ValueError(f"--timeout {text}: milliseconds are meant, or infinity, or MODULE=10000")


def _extra(text: str) -> tuple[str, Term]:
    module, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--extra {text}: MODULE=TERM is meant")
    from migrator.termtext import parse_terms  # noqa: PLC0415 - lark takes a while to import, and few runs need it

    terms = parse_terms(value.rstrip().removesuffix(".") + "\n.", f"--extra {module}")
    if len(terms) != 1:
        raise ValueError(f"--extra {text}: one term is meant")
    return _module(module), terms[0].term


def _module(text: str) -> str:
    """A module's name, as it is or as Erlang quotes it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
