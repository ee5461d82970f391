"""What `hook` says to a person: most important first, and what is alike once."""

from __future__ import annotations

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.render.gathered import gathered


def _said(code: str, module: str | None, place: str = "", field: str | None = None) -> Diagnostic:
    return Diagnostic(CATALOGUE[code], f"{code} of {module}", "", place, module=module, field=field)


def test_states_that_nothing_converts_come_first() -> None:
    """An error, then a decision, then warnings by what is lost for certain, then notes."""
    said = [_said(code, "kv") for code in ("M504", "M401", "M412", "M450", "M301", "M101")]
    assert [each.code for each in gathered(said)] == ["M101", "M301", "M450", "M412", "M401", "M504"]


def test_what_is_alike_in_a_module_is_said_once() -> None:
    """The first stands in full, with the number and the places of the others; one that names a field comes first."""
    said = [_said("M401", "kv", f"kv.erl, #{name}{{}}", "f" if name == "c" else None) for name in "abc"]
    (one,) = gathered(said)
    assert (one.place, one.consequence) == (
        "kv.erl, #c{}",
        "2 more M401 of kv: #a{}, #b{}   % --format json has each",
    )


def test_many_modules_are_named() -> None:
    """Of one code so many modules are shown; the others are counted and named."""
    *first, last = gathered([_said("M504", f"m{number}") for number in range(9)])
    assert [each.consequence for each in first] == ["", ""]
    assert last.consequence == "6 more M504 of m3, m4, m5, m6, m7 and 1 more   % --format json has each"


def test_decisions_all_stay() -> None:
    """Each error and decision is for a person to act on, and so is what belongs to no module."""
    said = [_said("M301", "kv", str(line)) for line in range(20)] + [
        _said("M419", None, str(line)) for line in range(9)
    ]
    assert gathered(said) == tuple(said)
