"""Reads `.app` files: what an application says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.release.model import App
from migrator.terms import Atom, proplist_get, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.terms import Term


def read_app(path: Path) -> App:
    """What the `.app` file says.

    Raises:
        InputFault: it cannot be read.
        Refused: it holds no terms (M140), or others than an application resource file has (M149).
    """
    from migrator.termtext import read_terms  # noqa: PLC0415 - lark takes a while to import, and few runs need it

    terms = [each.term for each in read_terms(path)]
    match terms:
        case [(Atom("application"), Atom(name), list(keys))]:
            return App(
                name,
                text_of(proplist_get(keys, "vsn") or []) or "",
                _names(keys, "modules"),
                _names(keys, "registered"),
                _names(keys, "applications"),
                _names(keys, "included_applications"),
                _mod(keys),
                proplist_get(keys, "env") or [],
            )
    raise Refused(
        Diagnostic(
            CATALOGUE["M149"],
            f"{path} does not say what an application is: {{application, NAME, KEYS}} is meant, and nothing else",
            "OTP could not load the application",
            str(path),
            ("{application, NAME, [{vsn, VSN}, {modules, MODULES}, …]}.",),
        )
    )


def _names(keys: Term, key: str) -> tuple[str, ...]:
    found = proplist_get(keys, key)
    # `{Module, Vsn}` too was a module once, as `{optional, App}` never was an application.
    first = [each[0] if isinstance(each, tuple) and each else each for each in found] if isinstance(found, list) else []
    return tuple(each.name for each in first if isinstance(each, Atom))


def _mod(keys: Term) -> Term | None:
    found = proplist_get(keys, "mod")
    return found if isinstance(found, tuple) else None
