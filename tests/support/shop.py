"""The sample release of `releases/shop`: its versions built one after another, and its clients."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.projects import Project, start_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SHOP = Path(__file__).parents[2] / "releases" / "shop"
VERSIONS = ("1.0.0", "2.0.0", "3.0.0")
PRICES = {"apple": 25, "melon": 310}
STOCK = 1_000_000
# Far more than any answer takes; only so that a hang ends with a message.
_DEADLINE = 60.0


def build_shop(work: Path, say: Callable[[str], object], tools: Path | None = None) -> Project:
    """Builds all versions below `work` with the project's `./release`; `say` gets each command, and what it prints."""
    project = start_project(work, tools)
    for index, version in enumerate(VERSIONS):
        project.lay(SHOP / version)
        command = ("./release", version, *reversed(VERSIONS[:index]))
        say("$ " + " ".join(command))
        say(project.run(*command))
    return project


def tarball(project: Project, version: str) -> Path:
    """Where rebar3 put that version."""
    return project.folder / "_build" / "default" / "rel" / "shop" / f"shop-{version}.tar.gz"


class Line:
    """A connection that stays: a line asks, a line answers."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), _DEADLINE)
        self._lines = self._socket.makefile("rw", encoding="utf-8", newline="\n")
        self.asked = 0

    def ask(self, request: str) -> str:
        """The answer to a request; ConnectionError where the connection was lost."""
        self._lines.write(request + "\n")
        self._lines.flush()
        answer = self._lines.readline()
        if not answer:
            raise ConnectionError(f"closed by the shop, after {self.asked} answers, at {request}")
        self.asked += 1
        return answer.rstrip("\n")

    def close(self) -> None:
        """Ends it."""
        self._lines.close()
        self._socket.close()


@dataclass
class Client:
    """One client: what it bought, how long an answer took at most (in seconds), and what went wrong."""

    line: Line
    item: str
    orders: int = 0
    longest: float = 0.0
    failures: list[str] = field(default_factory=list)

    def buy(self) -> None:
        """Orders one thing, pays and collects it; each answer is what it must be."""
        price = str(PRICES[self.item])
        self.expect(f"price {self.item}", price)
        order = self.ask(f"order {self.item} 1")
        self.expect(f"status {order}", "open")
        self.expect(f"pay {order}", price)
        self.orders += 1
        self.expect(f"status {order}", "paid")
        self.expect(f"collect {order}", "collected")
        self.expect("served", str(self.line.asked))

    def expect(self, request: str, answer: str) -> None:
        """Asks, and notes an answer that is another one."""
        got = self.ask(request)
        if got != answer:
            self.failures.append(f"{request}: {got} and not {answer}")

    def ask(self, request: str) -> str:
        """Asks, and keeps the longest time."""
        start = time.monotonic()
        try:
            return self.line.ask(request)
        finally:
            self.longest = max(self.longest, time.monotonic() - start)


class Clients:
    """Clients that buy without a pause, each in a thread of its own with a connection of its own."""

    def __init__(self, port: int, count: int) -> None:
        items = list(PRICES)
        self.all = [Client(Line(port), items[index % len(items)]) for index in range(count)]
        self._stop = threading.Event()
        self._round = threading.Condition()
        self._threads = [threading.Thread(target=self._work, args=(client,)) for client in self.all]
        for thread in self._threads:
            thread.start()

    def _work(self, client: Client) -> None:
        while not self._stop.is_set() and not client.failures:
            try:
                client.buy()
            except (OSError, ValueError) as error:
                client.failures.append(f"{type(error).__name__}: {error}")
            with self._round:
                self._round.notify_all()

    def go_on(self, orders: int) -> None:
        """Returns when each client has bought so many more, or one has failed."""
        goals = [client.orders + orders for client in self.all]
        with self._round:
            self._round.wait_for(
                lambda: (
                    any(client.failures for client in self.all)
                    or all(client.orders >= goal for client, goal in zip(self.all, goals, strict=True))
                ),
                _DEADLINE,
            )

    def stop(self) -> None:
        """Ends all of them, each after what it is about."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_DEADLINE)
        for client in self.all:
            client.line.close()

    @property
    def failures(self) -> list[str]:
        """What went wrong, of all of them."""
        return [failure for client in self.all for failure in client.failures]

    @property
    def answers(self) -> int:
        """How many answers they got."""
        return sum(client.line.asked for client in self.all)

    @property
    def longest(self) -> float:
        """The longest time that one of them waited for an answer since this was asked last, in seconds."""
        longest = max(client.longest for client in self.all)
        for client in self.all:
            client.longest = 0.0
        return longest


def sold(clients: Sequence[Client]) -> Iterator[tuple[str, int]]:
    """What was bought of each item."""
    for item in PRICES:
        yield item, sum(client.orders for client in clients if client.item == item)
