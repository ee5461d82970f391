"""`make demo`: a server under load is upgraded to a release that changed its state record, and back again.

The steps are those of a person: look at what would be generated, put it into the new beam, upgrade. The
server, its clients and the upgrade itself run in an Erlang node (demo_node.erl) that reports what happens.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
SAMPLE = TOP / "samples" / "renamed_and_added"
MIGRATOR = Path(sys.executable).parent / "migrator"
COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


class DemoError(Exception):
    """The demonstration cannot go on; the text says why."""


@dataclass(frozen=True)
class Style:
    """A colour of the terminal, or nothing at all."""

    code: str

    def __call__(self, text: str) -> str:
        """Return the text in this style."""
        return f"\033[{self.code}m{text}\033[0m" if COLOUR else text


bold, dim, green, red, cyan = Style("1"), Style("2"), Style("32"), Style("1;31"), Style("36")


def say(text: str = "") -> None:
    """Print at once: what the programs that we start print comes after it."""
    print(text, flush=True)


def heading(number: int, text: str) -> None:
    """Begin a step."""
    say(f"\n{bold(f'{number}. {text}')}")


def program(name: str) -> str:
    """Where a program of Erlang's is."""
    if found := shutil.which(name):
        return found
    raise DemoError(f"no {name} on the PATH; `make setup` installs Erlang")


def run(*command: str | Path) -> None:
    """Run a program, its output going where ours goes."""
    done = subprocess.run([str(part) for part in command], check=False)
    if done.returncode:
        shown = " ".join(Path(part).name if isinstance(part, Path) else part for part in command)
        raise DemoError(f"`{shown}` ended with exit {done.returncode}")


def migrator(work: Path, verb: str) -> None:
    """Run the command on both beams, as a person types it, from within the folder that holds them."""
    say(dim(f"$ migrator {verb} v1/kv.beam v2/kv.beam"))
    done = subprocess.run([str(MIGRATOR), verb, "v1/kv.beam", "v2/kv.beam"], cwd=work, check=False)
    if done.returncode:
        raise DemoError(f"`migrator {verb}` ended with exit {done.returncode}")


def compile_sample(work: Path) -> None:
    """Compile both versions, each into a folder of its own, and show how the record changed."""
    for version in ("v1", "v2"):
        folder = work / version
        folder.mkdir()
        source = SAMPLE / version / "kv.erl"
        run(program("erlc"), "+debug_info", "-o", folder, source)
        lines = source.read_text(encoding="utf-8").splitlines()
        shown = [line for line in lines if line.startswith(("-record(", "-state_migration("))]
        for mark, line in zip((f"{version}  ", "    "), shown, strict=False):
            say(f"   {dim(mark)}{line}")


def count(text: str) -> str:
    """Write a number with its thousands apart."""
    return f"{int(text):,}"


def milliseconds(microseconds: str) -> str:
    """Write a time as a person compares it."""
    return f"{int(microseconds) / 1000:.1f} ms"


@dataclass
class Telling:
    """Turns the node's events into lines; the step is the number of the last heading."""

    step: int

    def heading(self, text: str) -> None:
        """Begin the next step."""
        self.step += 1
        heading(self.step, text)

    def started(self, entries: str, clients: str, vsn: str) -> None:
        """The server runs."""
        self.heading(f"Start version {vsn} with {count(entries)} entries, and {clients} clients that call it")

    def suspended(self, direction: str, old: str, new: str, clients: str, state: str) -> None:
        """The server waits for its other code, and the clients wait for the server."""
        self.heading(f"{direction.capitalize()} from {old} to {new}, in release_handler's steps")
        say(f"   suspended, {clients} calls waiting")
        say(f"   before  {cyan(state)}")

    def changed(self, result: str, microseconds: str, state: str) -> None:
        """The code was replaced and the state converted, or not."""
        say(f"   after   {cyan(state)}")
        outcome = green("ok") if result == "ok" else red(result)
        say(f"   code and state changed in {milliseconds(microseconds)}: {outcome}")

    def calls(self, when: str, answered: str, longest: str) -> None:
        """A phase is over."""
        say(f"   {count(answered)} calls answered {when}, the longest in {milliseconds(longest)}")

    def died(self, pid: str, reason: str) -> None:
        """A process is gone that should live."""
        say(f"   {red('died')} {pid}: {reason}")

    def failed(self, reason: str) -> None:
        """A call got no answer or a wrong one; the first such call is shown."""
        say(f"   {red('a call failed:')} {reason}")

    def ended(self, why: str) -> None:
        """The node could not go on."""
        say(f"\n{red(f'The demonstration ended early: {why}.')}")

    def outcome(self, answered: str, failed: str, dead: str, same: str) -> None:
        """All is over."""
        good = failed == "0" and dead == "0" and same == "true"
        process = "the server is the same process" if same == "true" else "the server is another process"
        text = f"{count(answered)} calls answered, {count(failed)} failed; {dead} processes died, {process}."
        say(f"\n{green(text) if good else red(text)}")

    def tell(self, line: str) -> None:
        """Tell one event."""
        kind, *fields = line.rstrip("\n").split("\t")
        events = (
            self.started,
            self.suspended,
            self.changed,
            self.calls,
            self.died,
            self.failed,
            self.ended,
            self.outcome,
        )
        handler = next((event for event in events if event.__name__ == kind), None)
        if handler is None:
            say(f"   {line.rstrip()}")
        else:
            handler(*fields)


def live(work: Path, step: int) -> bool:
    """Run the node to its end, its steps counted on. True when no call failed and no process died."""
    node = work / "node"
    node.mkdir()
    run(program("erlc"), "-o", node, TOP / "scripts" / "demo_node.erl")
    command = [program("erl"), "-noshell", "-pa", str(node), "-run", "demo_node", "main"]
    beams = [str(work / version / "kv.beam") for version in ("v1", "v2")]
    telling = Telling(step)
    # The state's text is UTF-8 whatever the locale of the machine is.
    with subprocess.Popen(
        [*command, *beams], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        for line in process.stdout or ():
            telling.tell(line)
    return process.returncode == 0


def demo() -> bool:
    """Show all of it."""
    with tempfile.TemporaryDirectory(prefix="migrator-demo-") as folder:
        work = Path(folder)
        heading(1, "Two versions of a server whose state record changed")
        compile_sample(work)
        heading(2, "See what would be generated")
        migrator(work, "preview")
        heading(3, "Put it into the new version's beam")
        migrator(work, "inject")
        return live(work, 3)


def main() -> int:
    """Run the demonstration, exit 0 when it went as it should."""
    start = time.monotonic()
    try:
        good = demo()
    except DemoError as error:
        print(red(f"demo: {error}"), file=sys.stderr)
        return 1
    seconds = time.monotonic() - start
    say(dim(f"{seconds:.0f} s. The sample is in {SAMPLE.relative_to(TOP)}, the command is .venv/bin/migrator"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
