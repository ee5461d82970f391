"""Shows that compiling a beam's forms again gives its own code, byte for byte: what splicing rests on.

    python scripts/fidelity.py [PATH...]

Without a PATH, over every application of the installed OTP. A beam that another compiler built is counted apart: its
code may differ, and the migrator refuses it for another OTP. Ends with the counts; exits with 1 when code differs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from migrator import library
from migrator.compilers import otp_of
from migrator.console import progress
from migrator.errors import HelperFault
from migrator.modules import Module
from migrator.read import Wanted, read
from migrator.splice import DEADLINE
from migrator.terms import Atom

# Its abstract code is not what was compiled: the build of OTP makes it from assembly.
NOT_FROM_FORMS = frozenset({"prim_eval"})


def installed() -> Path:
    """The `lib` folder of the installed OTP."""
    shown = subprocess.run(
        ["erl", "-noshell", "-eval", "io:put_chars(code:lib_dir()), halt()."],  # noqa: S607 - erl as on the PATH
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(shown.stdout)


def main() -> int:
    """Runs the whole; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="*")
    arguments = parser.parse_args()
    beams = sorted({beam for path in arguments.paths or [installed()] for beam in path.rglob("*.beam")})
    counts: Counter[str] = Counter(beams=len(beams))
    differing = []
    with library.start() as helper, progress("compiling") as shown:
        modules = read(helper, [Wanted(path, code="records") for path in beams])
        readable = [each for each in modules if isinstance(each, Module)]
        counts["without abstract code"] = len(modules) - len(readable)
        replies = helper.call_many([(Atom("compare_code"), each.beam) for each in readable], DEADLINE, shown)
        hello = helper.hello()
        for module, reply in zip(readable, replies, strict=True):
            if reply == Atom("same"):
                counts["byte-identical"] += 1
            elif otp_of(module.compiler or "") != hello.otp:
                counts["built by another OTP"] += 1
            elif module.name in NOT_FROM_FORMS:
                counts["not made from forms"] += 1
            else:
                why = reply.text.splitlines()[0] if isinstance(reply, HelperFault) else "the code differs"
                differing.append(f"{module.path}: {why}")
    for line in differing:
        print(line)
    for what, number in counts.items():
        print(f"{number:6} {what}")
    print(f"{len(differing):6} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
