"""`make release-demo`: a release of two applications is built in three versions, and upgraded while clients use it.

The versions are built as users of rebar3 build them, in a folder that is gone afterwards: the hook puts the migrations
into the beams. Then 1.0.0 is unpacked and started, and its own `bin/shop` upgrades it to 2.0.0, to 3.0.0, and takes it
back to 1.0.0.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.installed import Installed, installed
from tests.support.shop import VERSIONS, Clients, build_shop, tarball

CLIENTS = 8
# What each client buys between two steps.
ORDERS = 100
STEPS = (("upgrade", "2.0.0"), ("upgrade", "3.0.0"), ("downgrade", "1.0.0"))
SHOWN = ("shop_catalogue", "ledger_server")


def say(text: str) -> None:
    """Print at once: what takes long comes after it."""
    print(text, flush=True)


def show(release: Installed) -> None:
    """Print two of the states as they are now."""
    for name in SHOWN:
        say(f"   {name}  {' '.join(release.evaluate(f'sys:get_state({name}).').split())}")


def live(release: Installed) -> list[str]:
    """Upgrade and downgrade under clients; what went wrong for them."""
    clients = Clients(int(release.evaluate("shop_front:port().")), CLIENTS)
    try:
        clients.go_on(ORDERS)
        show(release)
        for command, version in STEPS:
            before = clients.answers
            say(f"\n$ bin/shop {command} {version}")
            say(release.bin(command, version))
            clients.go_on(ORDERS)
            show(release)
            answers, longest = clients.answers - before, clients.longest * 1000
            say(f"   {answers:,} answers meanwhile, the longest after {longest:.0f} ms")
    finally:
        clients.stop()
    failed = len(clients.failures)
    say(f"\n{clients.answers:,} answers to {CLIENTS} clients, each on one connection; {failed} of them failed")
    return clients.failures


def main() -> int:
    """Run it, exit 0 when no call failed and no connection was lost."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="migrator-release-") as folder:
        work = Path(folder)
        project = build_shop(work, say)
        first, *later = (tarball(project, version) for version in VERSIONS)
        say("$ bin/shop daemon")
        with installed(work / "shop", "shop", first, {**project.environment, "SHOP_PORT": "0"}) as release:
            for each in later:
                release.deliver(each)
            failures = live(release)
    for failure in failures:
        say(f"   {failure}")
    say(f"{time.monotonic() - start:.0f} s. The project is in releases/shop")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
