"""Compiling a beam's forms again gives its own code, byte for byte: what splicing rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.splice import DEADLINE, Splice, splice
from migrator.terms import Atom, text_of

if TYPE_CHECKING:
    from migrator.otp import Helper
    from tests.support.node import Node


def _beams(node: Node, application: str) -> list[Path]:
    folder = text_of(node.apply("code", "lib_dir", Atom(application), Atom("ebin")))
    assert folder is not None
    return sorted(Path(folder).glob("*.beam"))


@pytest.mark.parametrize("application", ["stdlib", "kernel"])
def test_code_is_identical(application: str, helper: Helper, node: Node) -> None:
    """Every module of stdlib and kernel, compiled from its forms, has the code that it was shipped with."""
    beams = _beams(node, application)
    replies = helper.call_many([(Atom("compare_code"), beam.read_bytes()) for beam in beams], DEADLINE)
    assert [beam.name for beam, reply in zip(beams, replies, strict=True) if reply != Atom("same")] == []
    assert len(beams) > 50


def test_splicing_nothing_changes_nothing(helper: Helper, node: Node) -> None:
    """Splicing no edits into a beam gives the same file, byte for byte."""
    beams = [beam.read_bytes() for beam in _beams(node, "stdlib") if beam.stem.startswith("gen")]
    assert beams == splice(helper, [Splice(beam, None) for beam in beams])
