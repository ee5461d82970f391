"""A release that was unpacked somewhere, driven through its own `bin/NAME`, with an epmd of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.projects import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Installed:
    """A release in `root`, and the environment of its commands."""

    root: Path
    name: str
    environment: Mapping[str, str]

    def bin(self, *arguments: str) -> str:
        """What `bin/NAME` prints; AssertionError with all of it where it fails."""
        return self._project.run(self.root / "bin" / self.name, *arguments).strip()

    def evaluate(self, expression: str) -> str:
        """What an Erlang expression gives in the running node."""
        return self.bin("eval", expression)

    def deliver(self, tarball: Path) -> None:
        """Puts the tarball of another version where `bin/NAME upgrade` looks for it."""
        shutil.copy(tarball, self.root / "releases")

    @property
    def versions(self) -> dict[str, str]:
        """The versions of it that are there, and what each of them is."""
        lines = self.bin("versions").splitlines()
        return {vsn: status for mark, vsn, status in (line.split() for line in lines if line.startswith("*")) if mark}

    @property
    def _project(self) -> Project:
        return Project(self.root, self.environment)


@contextmanager
def installed(root: Path, name: str, tarball: Path, environment: Mapping[str, str]) -> Iterator[Installed]:
    """Unpacks a release's tarball into `root` and starts it; stops it, and its epmd, at the end."""
    root.mkdir()
    unpack = f'ok = erl_tar:extract("{tarball}", [compressed, {{cwd, "{root}"}}]), halt().'
    subprocess.run(["erl", "-noshell", "-eval", unpack], check=True, env=dict(environment))
    port = str(_free_port())
    own = {**environment, "ERL_EPMD_PORT": port, "ERL_EPMD_ADDRESS": "127.0.0.1", "PIPE_DIR": f"{root}/pipes/"}
    release = Installed(root, name, own)
    try:
        release.bin("daemon")
        pid = int(release.evaluate("list_to_integer(os:getpid())."))
        try:
            yield release
        finally:
            _stop(release, pid)
    finally:
        epmd = next(root.glob("erts-*/bin/epmd"), shutil.which("epmd"))
        subprocess.run([str(epmd), "-port", port, "-kill"], check=False, capture_output=True, env=own)


def _stop(release: Installed, pid: int) -> None:
    """Stops the node: as its users do, and by force where that fails."""
    try:
        release.bin("stop")
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
