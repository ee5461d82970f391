"""`make ejabberd`: `hook` and `appup` over all of ejabberd 23.01 of Debian against 21.01, counted and timed.

    python scripts/ejabberd.py [FOLDER]

Fetches both with all applications that they need and OTP's own, lays them out as releases are (`lib/APP-VSN/ebin`),
runs both commands on a copy, and has each appup judged once more by systools, with made-up `.rel` files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
MIGRATOR = TOP / ".venv" / "bin" / "migrator"
ALLOWED = ("--allow", "drop", "--allow", "retype", "--allow", "default")

SUITES = {"old": "bullseye", "new": "bookworm"}
PACKAGES = (
    "ejabberd erlang-asn1 erlang-base erlang-base64url erlang-crypto erlang-eunit erlang-ftp erlang-goldrush "
    "erlang-idna erlang-inets erlang-jiffy erlang-jose erlang-lager erlang-mnesia erlang-odbc erlang-os-mon "
    "erlang-p1-acme erlang-p1-cache-tab erlang-p1-eimp erlang-p1-mqtree erlang-p1-pkix erlang-p1-stringprep "
    "erlang-p1-stun erlang-p1-tls erlang-p1-utils erlang-p1-xml erlang-p1-xmpp erlang-p1-yaml erlang-p1-yconf "
    "erlang-p1-zlib erlang-public-key erlang-runtime-tools erlang-snmp erlang-ssl erlang-syntax-tools erlang-tftp "
    "erlang-tools erlang-unicode-util-compat erlang-xmerl"
)


def laid_out(fetched: Path, lib: Path) -> Path:
    """The packages' applications as a release has them."""
    lib.mkdir(parents=True)
    # Beside OTP's lib, ejabberd's folder lies in the one of the machine's architecture.
    places = [*fetched.glob("usr/lib/erlang/lib/*"), *fetched.glob("usr/lib/*/ejabberd-*")]
    for place in places:
        if place.is_dir() and not place.is_symlink() and (place / "ebin").is_dir():
            shutil.copytree(place / "ebin", lib / place.name / "ebin")
    return lib


def run(*arguments: str | Path) -> tuple[float, dict[str, Any]]:
    """The seconds that a command of ours takes, and its JSON document."""
    started = time.perf_counter()
    command = [str(MIGRATOR), *map(str, arguments), "--format", "json"]
    # What is said is in the document too.
    done = subprocess.run(command, capture_output=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        print(done.stdout.decode()[-3000:], file=sys.stderr)
        raise SystemExit(f"ejabberd: {' '.join(command[1:3])} … ended with {done.returncode}")
    return seconds, json.loads(done.stdout)


def codes(document: dict[str, Any]) -> str:
    """The diagnostics by code, the most frequent first."""
    found = Counter(each["code"] for each in document["diagnostics"])
    return ", ".join(f"{code} {number}" for code, number in found.most_common()) or "none"


def hooked(old: Path, new: Path, *options: str) -> list[str]:
    """Lines for a run of `hook`."""
    seconds, told = run("hook", *ALLOWED, *options, old, new)
    outcomes = Counter(each["outcome"] for each in told["modules"])
    named = sum(each["verdict"] is not None for each in told["modules"])
    return [
        f"hook {' '.join(options) or '(modules as they are)'}: {seconds:.1f} s",
        f"  {named} modules planned; " + ", ".join(f"{number} {what}" for what, number in sorted(outcomes.items())),
        f"  said: {codes(told)}",
    ]


def upgraded(old: Path, new: Path) -> list[str]:
    """Lines for a run of `appup`, its appups judged by systools."""
    seconds, told = run("appup", old, new)
    kinds: Counter[str] = Counter()
    alone: list[str] = []
    for each in told["applications"]:
        for entry in each["from"]:
            kinds.update(kind(text) for text in entry["up"])
            if any(kind(text).startswith("restart_") for text in entry["up"]):
                alone.append(each["application"])
    escript = [shutil.which("escript") or "escript", str(TOP / "scripts" / "ejabberd_relup.erl"), str(old), str(new)]
    judged = subprocess.run(escript, capture_output=True, text=True, check=False)
    return [
        f"appup: {seconds:.1f} s",
        f"  {len(told['applications'])} appups; up: "
        + ", ".join(f"{number} {what}" for what, number in kinds.most_common()),
        f"  started anew: {len(alone)} ({', '.join(alone)})",
        f"  said: {codes(told)}",
        f"  systools:make_relup: {judged.stdout.strip()}{judged.stderr.strip()}",
    ]


def kind(instruction: str) -> str:
    """What sort of instruction it is."""
    words = instruction.strip("{").replace("}", "").split(", ")
    if words[0] != "update":
        return words[0]
    return "update supervisor" if words[2:] == ["supervisor"] else "update advanced"


def main() -> int:
    """Runs all, and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=TOP / ".work" / "ejabberd", help="of what is fetched")
    folder = parser.parse_args().folder
    for suite in SUITES.values():
        subprocess.run([TOP / "scripts/debian-beams", "-d", folder / suite, suite, *PACKAGES.split()], check=True)
    with tempfile.TemporaryDirectory(prefix="migrator-ejabberd-") as work:
        old, new = (laid_out(folder / suite, Path(work) / side / "lib") for side, suite in SUITES.items())
        beams = [len(list(lib.rglob("*.beam"))) for lib in (old, new)]
        print(f"{beams[0]} beams in OLD, {beams[1]} in NEW; load {os.getloadavg()[0]:.1f}", flush=True)
        rules = Path(work) / "rules"
        rules.mkdir()
        (rules / "eldap.migration").write_text("migrate eldap.\nrecord eldap.\n", encoding="utf-8")
        asked = ("--record", "state", "--rules", str(rules))
        for lines in (hooked(old, new), hooked(old, new, *asked), hooked(old, new, *asked), upgraded(old, new)):
            print("\n".join(lines), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
