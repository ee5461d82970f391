"""What is said of a whole release, most important first, and what is alike only once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.diagnostics import Diagnostic, Severity

_SEVERITIES: tuple[Severity, ...] = ("error", "decision", "warning", "info")

# States that nothing converts come first, and what is only possible last.
_FIRST = ("M419", "M420", "M421", "M422", "M425", "M450")
_LAST = ("M401",)

# Of one code so many modules are shown in full; the others are named.
_MODULES: dict[Severity, int] = {"warning": 12, "info": 3}
_NAMED = 5


def gathered(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics in the order of their importance; of warnings and notes of one code and module only the first.

    It says how many more there are, and where. Errors and decisions all stay: each is for a person to act on.
    """
    ordered = sorted(diagnostics, key=_rank)
    found = [each for each in ordered if each.severity not in _MODULES]
    codes: dict[str, dict[str, list[Diagnostic]]] = {}
    for each in ordered:
        if each.severity in _MODULES:
            codes.setdefault(each.code, {}).setdefault(each.module or "", []).append(each)
    for modules in codes.values():
        groups = list(modules.values())
        shown = groups[: _MODULES[groups[0][0].severity]]
        rest = groups[len(shown) :]
        # Of what belongs to no module each is a matter of its own.
        said = [each for group in shown for each in ([_with_others(group)] if group[0].module else group)]
        found += [*said[:-1], _with_modules(said[-1], rest)]
    return tuple(found)


def _rank(diagnostic: Diagnostic) -> tuple[int, int, str, bool]:
    code = diagnostic.code
    order = _FIRST.index(code) if code in _FIRST else len(_FIRST) + (code in _LAST)
    # One that names a field knows more.
    return _SEVERITIES.index(diagnostic.severity), order, code, not diagnostic.field


def _with_others(group: Sequence[Diagnostic]) -> Diagnostic:
    first, *others = group
    if not others:
        return first
    places = [each.place.removeprefix(f"{first.place.split(',')[0]}, ") for each in others]
    return _and(first, f"{len(others)} more {first.code} of {first.module}: {_listed(places)}")


def _with_modules(last: Diagnostic, rest: Sequence[Sequence[Diagnostic]]) -> Diagnostic:
    if not rest:
        return last
    number = sum(map(len, rest))
    return _and(last, f"{number} more {last.code} of {_listed([group[0].module or '' for group in rest])}")


def _and(diagnostic: Diagnostic, more: str) -> Diagnostic:
    said = "\n  ".join(part for part in (diagnostic.consequence, f"{more}   % --format json has each") if part)
    return replace(diagnostic, consequence=said)


def _listed(names: Sequence[str]) -> str:
    known = list(dict.fromkeys(names))
    return ", ".join(known[:_NAMED]) + (f" and {len(known) - _NAMED} more" if len(known) > _NAMED else "")
