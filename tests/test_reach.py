"""Which instructions bring a module's states through `code_change`, in both languages of `release_handler`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.diagnostics import Refused
from migrator.release.patterns import fits_in
from migrator.release.reach import Unreached, entry_for, reached, unreached
from migrator.terms import Atom, Term

if TYPE_CHECKING:
    from migrator.otp import Helper
    from tests.support.node import Node

M, N = Atom("m"), Atom("n")
ADVANCED: Term = (Atom("advanced"), [])
SOFT, BRUTAL = Atom("soft_purge"), Atom("brutal_purge")
UPDATE, LOAD = Atom("update"), Atom("load_module")


@pytest.mark.parametrize(
    ("instruction", "way"),
    [
        ((UPDATE, M), "suspended"),
        ((UPDATE, M, Atom("supervisor")), "converted"),
        ((UPDATE, M, Atom("soft")), "suspended"),
        ((UPDATE, M, ADVANCED), "converted"),
        ((UPDATE, M, [N]), "suspended"),
        ((UPDATE, M, Atom("soft"), [N]), "suspended"),
        ((UPDATE, M, ADVANCED, [N]), "converted"),
        ((UPDATE, M, ADVANCED, SOFT, BRUTAL, []), "converted"),
        ((UPDATE, M, 5000, ADVANCED, SOFT, BRUTAL, []), "converted"),
        ((UPDATE, M, Atom("static"), 5000, ADVANCED, SOFT, BRUTAL, []), "converted"),
        ((UPDATE, M, Atom("dynamic"), Atom("default"), Atom("soft"), SOFT, BRUTAL, [N]), "suspended"),
        ((LOAD, M), "loaded"),
        ((LOAD, M, BRUTAL, BRUTAL, []), "loaded"),
        ((Atom("add_module"), M), "loaded"),
        ((Atom("delete_module"), M), "deleted"),
        ((Atom("restart_application"), Atom("shop")), "restarted"),
        (Atom("restart_emulator"), "restarted"),
        (Atom("restart_new_emulator"), "restarted"),
        ((UPDATE, N, ADVANCED), "absent"),
        ((Atom("code_change"), Atom("up"), [(M, [])]), "absent"),
        ((Atom("apply"), (M, Atom("go"), [])), "absent"),
        (17, "absent"),
    ],
)
def test_each_instruction(instruction: Term, way: str) -> None:
    """Of an instruction alone it is known what becomes of the states of its module."""
    assert reached([instruction]).way("m", "shop") == way


def test_low_level_instructions() -> None:
    """In a relup a state is converted where its processes are suspended and `code_change` names the module."""
    load: Term = (Atom("load"), (M, BRUTAL, BRUTAL))
    suspend: Term = (Atom("suspend"), [(M, 5000)])
    change: Term = (Atom("code_change"), Atom("up"), [(N, []), (M, [])])
    assert reached([suspend, load, change, (Atom("resume"), [M])]).way("m") == "converted"
    assert reached([suspend, load]).way("m") == "suspended"
    assert reached([load, change]).way("m") == "loaded"


def test_a_second_load_does_not_undo_the_conversion() -> None:
    """The best of what is said of a module counts, in lists in lists too."""
    assert reached([(LOAD, M), [[(UPDATE, M, ADVANCED)]], (LOAD, M)]).way("m") == "converted"


def test_the_entry_of_a_version(helper: Helper) -> None:
    """The first entry that is the version, or whose pattern takes all of it, is the one: as `systools` has it."""
    fits = fits_in(helper, "shop.appup")
    entries: Term = [(list(b"1.0"), []), (rb"1\.[[:digit:]]+", [M]), (list(b"1.2"), [N]), (b"(", []), (b"2", [])]
    found = [entry_for(entries, vsn, fits) for vsn in ("1.0", "1.2", "1.2.3", "2")]
    assert [entry.number for entry in found if entry] == [0, 1, 4]
    assert entry_for(entries, "1.2.3", fits) is None
    assert entry_for([(list(b"1"), list(b"why"), [M])], "1", fits) is not None
    assert entry_for(Atom("none"), "1", fits) is None


def test_both_directions_are_judged() -> None:
    """A module must be reached up and down; where a direction has no instructions at all nothing is."""
    up: Term = [(UPDATE, M, ADVANCED), (Atom("restart_application"), Atom("other"))]
    found = unreached(up, [(LOAD, M)], [("m", "shop"), ("n", "other")])
    assert found == (Unreached("m", "down", "loaded"), Unreached("n", "down", "absent"))
    assert unreached(None, None, [("m", "shop")]) == (Unreached("m", "up", "absent"), Unreached("m", "down", "absent"))


FORMS: list[Term] = [
    (UPDATE, M),
    (UPDATE, M, Atom("supervisor")),
    (UPDATE, M, Atom("soft")),
    (UPDATE, M, ADVANCED),
    (UPDATE, M, ADVANCED, []),
    (UPDATE, M, 1, ADVANCED, SOFT, SOFT, []),
    (UPDATE, M, Atom("static"), Atom("default"), Atom("soft"), SOFT, SOFT, []),
    (LOAD, M),
    (Atom("add_module"), M),
    (Atom("restart_application"), Atom("shop")),
    Atom("restart_emulator"),
]

# systools.hrl's #application{}: name, type, vsn, id, description, modules, uses, optional, includes, and the rest.
_NOTHING: list[Term] = []
SHOP: tuple[Term, ...] = (
    *(
        Atom("application"),
        Atom("shop"),
        Atom("permanent"),
        list[Term](b"1"),
        _NOTHING,
        _NOTHING,
        list[Term]([M, N]),
        _NOTHING,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        _NOTHING,
    ),
    *(Atom("infinity"), Atom("infinity"), _NOTHING, Atom("undefined"), _NOTHING),
)


@pytest.mark.parametrize("direction", ["up", "dn"])
@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_systools_agrees(form: Term, direction: str, node: Node) -> None:
    """The low-level instructions that `systools_rc` makes of each high-level form are judged as the form itself is."""
    answer = node.apply("systools_rc", "translate_scripts", Atom(direction), [[form]], [SHOP], [SHOP])
    assert isinstance(answer, tuple)
    assert answer[0] == Atom("ok"), answer
    assert reached(answer[1]).way("m", "shop") == reached([form]).way("m", "shop")


PATTERNS = [
    b"1\\.[0-9]+",
    rb"1\.[[:digit:]]+",
    b"",
    b".*",
    b"1",
    b"(1\\.\\d+)(\\.\\d+)?",
    b"1\\.2|1\\.2\\.3",
    b"^1\\..$",
    rb"\A(?>\d+)\.(?<minor>\d)\z",
    rb"(?i)GIT-\d\.\d+$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("vsn", ["1.2", "1.2.3", "", "1", "git-1.2"])
def test_patterns_as_systools_has_them(pattern: bytes, vsn: str, node: Node, helper: Helper) -> None:
    """A pattern takes the versions that `systools_relup` finds by it."""
    entries: Term = [(pattern, [M])]
    found = node.apply("systools_relup", "appup_search_for_version", list(vsn.encode()), entries)
    assert (entry_for(entries, vsn, fits_in(helper, "shop.appup")) is not None) == (found == (Atom("ok"), [M]))


def test_expressions_that_would_take_for_ever(helper: Helper) -> None:
    """One that `re` gives up fits nothing, as systools has it; many are refused, with the appup's name (M167)."""
    vsn = "1" * 40 + "-rc"
    assert not fits_in(helper, "shop.appup")(b"(1+)+$", vsn)
    entries: Term = [(b"(1+)+$" + b"|x" * number, [M]) for number in range(100_000)]
    with pytest.raises(Refused) as refused:
        entry_for(entries, vsn, fits_in(helper, "shop.appup", within=0.5))
    assert [(each.code, each.place) for each in refused.value.diagnostics] == [("M167", "shop.appup")]
