"""The files that a process writes outside its own folder, as the system tells."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def written_outside(os_pid: int, folder: Path) -> tuple[Path, ...]:
    """The regular files outside of `folder` that the process has open to write; none where the system does not tell."""
    found = set()
    with suppress(OSError):
        for link in Path("/proc", str(os_pid), "fd").iterdir():
            with suppress(OSError, ValueError, StopIteration):
                target = link.readlink()
                lines = Path("/proc", str(os_pid), "fdinfo", link.name).read_text(encoding="utf-8").splitlines()
                flags = int(next(line.split()[1] for line in lines if line.startswith("flags:")), 8)
                if flags & os.O_ACCMODE and stat.S_ISREG(target.stat().st_mode) and not target.is_relative_to(folder):
                    found.add(target)
    return tuple(sorted(found))
