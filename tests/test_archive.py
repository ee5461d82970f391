"""Releases in tarballs (contract, section 9)."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import Refused
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper

SOURCE = '-module(m).\n-vsn("{vsn}").\n-record(state, {{a{more}}}).\n-state_record(state).\n'

# A whole beam with nothing in it.
NOTHING = b"FOR1\0\0\0\4BEAM"


def _release(folder: Path, vsn: str, more: str) -> Path:
    """A release's tarball with one beam, a link out of it and a name that climbs."""
    beam = compile_text(SOURCE.format(vsn=vsn, more=more), folder / vsn)
    path = folder / f"shop-{vsn}.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(beam, f"lib/shop-{vsn}/ebin/m.beam")
        link = tarfile.TarInfo("lib/evil-1/ebin/link.beam")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        climbing = tarfile.TarInfo("../../climbed/ebin/x.beam")
        climbing.size = len(NOTHING)
        tar.addfile(climbing, io.BytesIO(NOTHING))
    return path


def test_two_tarballs_are_two_releases(helper: Helper, tmp_path: Path) -> None:
    """Section 9: `preview` takes the tarballs of two releases, and writes nothing outside its own folder."""
    old, new = _release(tmp_path, "1.0", ""), _release(tmp_path, "2.0", ", b = 0")
    (planned,) = library.preview(helper, [old], new)
    assert planned.plan is not None
    assert planned.plan.verdict == "migrate"
    assert not (tmp_path.parent / "climbed").exists()


def test_scan_reads_a_tarball(helper: Helper, tmp_path: Path) -> None:
    """Section 9: `scan` takes a release's tarball."""
    scanned, _ = library.scan(helper, [_release(tmp_path, "1.0", "")])
    assert [(each.application, each.module, each.says) for each in scanned] == [("shop", "m", ("state",))]


def test_tarball_is_no_target(helper: Helper, tmp_path: Path) -> None:
    """A tarball as NEW of `inject` is refused before anything is done, and keeps its bytes."""
    old, new = _release(tmp_path, "1.0", ""), _release(tmp_path, "2.0", ", b = 0")
    before = new.read_bytes()
    with pytest.raises(Refused) as refused:
        library.inject(helper, [old], new)
    assert [each.code for each in refused.value.diagnostics] == ["M102"]
    assert before == new.read_bytes()


@pytest.mark.parametrize("content", [b"", b"no tarball", b"\x1f\x8b\x08\x00cut"])
def test_damaged_tarball_is_said(content: bytes, helper: Helper, tmp_path: Path) -> None:
    """A damaged tarball is a diagnostic that names it."""
    damaged = tmp_path / "shop.tar.gz"
    damaged.write_bytes(content)
    with pytest.raises(Refused) as refused:
        library.scan(helper, [damaged])
    assert [each.code for each in refused.value.diagnostics] == ["M104"]
