"""The pages of docs/diagnostics: what a code means, for a person at a terminal. No Erlang is needed for it."""

from __future__ import annotations

import difflib
import re

from migrator import resources
from migrator.diagnostics import CATALOGUE

_PAGES = "docs/diagnostics"


class UnknownCode(Exception):  # noqa: N818 - an outcome of what a person typed
    """No diagnostic has that code; `args[0]` says which ones come near."""


def listed() -> str:
    """Every code with its title, a line each."""
    return "".join(f"{kind.code}  {kind.title}\n" for kind in CATALOGUE.values())


def _near(name: str) -> list[str]:
    """The codes that come near: by their number, or as they are written."""
    if re.fullmatch(r"M?\d{3}", name) is None:
        close = difflib.get_close_matches(name, list(CATALOGUE), n=len(CATALOGUE), cutoff=0.5)
        # Of those that are equally alike the ones with the same signs in the same places.
        return sorted(close, key=lambda each: (-sum(map(str.__eq__, name, each)), each))[:3]
    number = int(name.removeprefix("M"))
    return sorted(CATALOGUE, key=lambda each: abs(int(each.removeprefix("M")) - number))[:3]


def page(code: str) -> str:
    """The page of a code, in capitals or not.

    Raises:
        UnknownCode: there is none of that name.
        EnvironmentFault: incomplete_install, the page is not where it was installed.
    """
    name = code.strip().upper()
    if name not in CATALOGUE:
        close = _near(name)
        # Any two codes are alike in their first letter, so a word that is no code at all has no near ones.
        hint = f"; the nearest are {', '.join(sorted(close))}" if close else ""
        raise UnknownCode(f"no diagnostic has the code {code}{hint}")
    return resources.text(_PAGES, f"{name}.md")
