"""The helper process: what it says, and all the ways in which it can fail to."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from migrator import node, otp
from migrator.errors import EnvironmentFault, HelperFault, ProtocolError
from migrator.terms import Atom, Term

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 30.0
QUICK = 0.05
ECHO = Atom("echo")

# A stand-in for the helper: a program that speaks the protocol, and then does what a test says.
PEER = """
import os, signal, sys
from migrator import etf
from migrator.terms import Atom
wire = open(1, "wb")
def say(term):
    frame = etf.encode(term)
    wire.write(len(frame).to_bytes(4) + frame)
    wire.flush()
def hear():
    length = sys.stdin.buffer.read(4)
    if not length:
        sys.exit(0)
    return etf.decode(sys.stdin.buffer.read(int.from_bytes(length)))
def hello():
    say((Atom("hello"), 1, b"25", str(os.getpid()).encode()))
def answer(request):
    say((request[0], (Atom("ok"), request[2])))
"""
SERVE = """
hello()
while True:
    answer(hear())
"""
HANG = "signal.pause()"


def peer(body: str, patience: otp.Patience | None = None) -> otp.Helper:
    """Start a stand-in that does what `body` says."""
    return otp.attach([sys.executable, "-c", PEER + textwrap.dedent(body)], patience)


def alive(helper: otp.Helper) -> bool:
    """Say whether a stand-in's process, known by its hello, is still there."""
    try:
        os.kill(int(helper.hello().compiler), 0)
    except ProcessLookupError:
        return False
    return True


# Finding it


def test_the_erl_asked_for_comes_first(program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for wins over the environment, and that over the PATH."""
    path = program("#!/bin/sh\n")
    monkeypatch.setenv("MIGRATOR_ERL", "/nowhere/erl")
    assert path == otp.find_erl(path)
    monkeypatch.setenv("MIGRATOR_ERL", str(path))
    monkeypatch.setenv("PATH", "/nowhere")
    assert path == otp.find_erl(None)
    monkeypatch.delenv("MIGRATOR_ERL")
    monkeypatch.setenv("PATH", str(path.parent))
    assert path == otp.find_erl(None)


@pytest.mark.parametrize("explicit", [None, Path("/nowhere/erl"), Path("/")])
def test_no_erl_is_a_fault_of_the_environment(monkeypatch: pytest.MonkeyPatch, explicit: Path | None) -> None:
    """Where there is no erl the fault names what was asked for."""
    monkeypatch.delenv("MIGRATOR_ERL", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EnvironmentFault) as caught:
        otp.find_erl(explicit)
    assert ("no_erlang", explicit) == (caught.value.reason, caught.value.path)


def test_a_program_that_cannot_be_executed_is_no_erlang(program: Callable[[str], Path]) -> None:
    """A file that is no program is told as one."""
    path = program("\0no program")
    with pytest.raises(EnvironmentFault) as caught:
        otp.attach([str(path)])
    assert ("no_erlang", path) == (caught.value.reason, caught.value.path)


# Talking to it


def test_hello_says_who_it_is() -> None:
    """The hello gives protocol, release and compiler, and is waited for once."""
    with peer("say((Atom('hello'), 1, b'27', b'8.5')); signal.pause()") as helper:
        assert otp.Hello(1, "27", "8.5") == helper.hello() == helper.hello()


def test_requests_overlap() -> None:
    """Requests are sent without waiting for answers, and the outcomes are in the order of the requests."""
    body = """
    hello()
    for request in reversed([hear() for _ in range(4)]):
        answer(request)
    """
    with peer(body) as helper:
        assert helper.call_many([0, 1, 2, 3], SECONDS) == [0, 1, 2, 3]


def test_many_large_requests_do_not_block_each_other() -> None:
    """Full pipes both ways end in answers."""
    requests: list[Term] = [bytes([number]) * 1_000_000 for number in range(20)]
    with peer(SERVE) as helper:
        assert requests == helper.call_many(requests, SECONDS)


def test_progress_is_told() -> None:
    """After each answer the progress says how many there are, and of how many."""
    told: list[tuple[int, int]] = []
    with peer(SERVE) as helper:
        helper.call_many([1, 2, 3], SECONDS, lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_no_requests_have_no_outcomes() -> None:
    """An empty list is answered by an empty list."""
    with peer(SERVE) as helper:
        assert helper.call_many([], SECONDS) == []


def test_the_deadline_is_sent_in_milliseconds() -> None:
    """The helper is told the deadline, so that it can keep it."""
    with peer("hello(); number, deadline, _ = hear(); answer((number, 0, deadline)); hear()") as helper:
        assert helper.call(0, 1.5) == 1500


def test_an_error_is_one_outcome_among_others() -> None:
    """One request's error does not touch the others, and the helper lives on."""
    body = """
    hello()
    say((hear()[0], (Atom("error"), Atom("damaged"), "kaputt é".encode())))
    while True:
        answer(hear())
    """
    with peer(body) as helper:
        fault, fine = helper.call_many([1, 2], SECONDS)
        assert isinstance(fault, HelperFault)
        assert (fault.kind, fault.text, fine) == ("damaged", "kaputt é", 2)
        assert helper.call(3, SECONDS) == 3


def test_a_single_error_is_raised() -> None:
    """A call raises the helper's error."""
    body = "hello(); say((hear()[0], (Atom('error'), Atom('deadline'), b'too long'))); hear()"
    with peer(body) as helper, pytest.raises(HelperFault) as caught:
        helper.call(1, SECONDS)
    assert (caught.value.kind, caught.value.text) == ("deadline", "too long")


def test_its_talk_does_not_stop_it() -> None:
    """More on stderr than a pipe holds is read, and only the last of it is kept."""
    body = """
    hello()
    request = hear()
    sys.stderr.write("x" * 1_000_000 + "\\nlast line\\n")
    sys.stderr.flush()
    answer(request)
    hear()
    sys.exit(7)
    """
    with peer(body) as helper:
        assert helper.call(1, SECONDS) == 1
        with pytest.raises(EnvironmentFault) as caught:
            helper.call(2, SECONDS)
    assert (
        caught.value.reason,
        caught.value.detail.splitlines()[-2:],
    ) == ("died", ["last line", "exit status 7"])
    assert len(caught.value.detail) < 100_000


# When it fails


def test_one_that_never_says_hello_hangs() -> None:
    """A helper that is silent at its start is ended and told as hung."""
    with peer(HANG, otp.Patience(hello=QUICK)) as helper, pytest.raises(EnvironmentFault) as caught:
        helper.hello()
    assert caught.value.reason == "hung"


def test_one_that_never_answers_hangs() -> None:
    """A helper that is silent beyond the deadline is ended and told as hung, however much it talks."""
    body = """
    hello()
    while True:
        sys.stderr.write("still busy\\n")
    """
    with peer(body, otp.Patience(grace=QUICK)) as helper:
        assert alive(helper)
        with pytest.raises(EnvironmentFault) as caught:
            helper.call(1, QUICK)
        assert not alive(helper)
    assert (caught.value.reason, "still busy" in caught.value.detail) == ("hung", True)


def test_one_that_is_killed_in_the_middle_died() -> None:
    """A helper that is gone in the middle is told with its last words and its end."""
    body = """
    hello()
    hear()
    os.write(2, "last words é".encode())
    os.kill(os.getpid(), signal.SIGKILL)
    """
    with peer(body) as helper, pytest.raises(EnvironmentFault) as caught:
        helper.call_many([bytes(1_000_000)] * 10, SECONDS)
    assert ("died", Path(sys.executable), "last words é\nexit status -9") == (
        caught.value.reason,
        caught.value.path,
        caught.value.detail,
    )


def test_one_that_closes_the_wire_and_stays_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper that hangs up and does not end is ended by us."""
    monkeypatch.setattr(node, "_LAST_BREATH", QUICK)
    with peer(f"hello(); hear(); wire.close(); os.close(1); {HANG}") as helper:
        with pytest.raises(EnvironmentFault) as caught:
            helper.call(1, SECONDS)
        assert (caught.value.reason, alive(helper)) == ("died", False)


@pytest.mark.parametrize(
    "body",
    [
        "os.write(1, b'Segmentation fault'); signal.pause()",
        "os.write(1, bytes([0, 0, 0, 1, 7])); signal.pause()",
        "say((Atom('hello'), 2, b'25', b'8')); signal.pause()",
        "say(Atom('hello')); signal.pause()",
        "hello(); hear(); os.write(1, b'Segmentation fault'); signal.pause()",
        "hello(); hear(); os.write(1, bytes([0, 0, 0, 1, 7])); signal.pause()",
        "hello(); hear(); say(Atom('what')); signal.pause()",
        "hello(); number = hear()[0]; answer((number + 1000, 0, 0)); signal.pause()",
        "hello(); request = hear(); answer(request); answer(request); signal.pause()",
    ],
)
def test_what_is_no_message_is_refused(body: str) -> None:
    """Garbage, another protocol and answers to no request end the helper, and are told as what they are."""
    with peer(body) as helper, pytest.raises(ProtocolError):
        helper.call_many([1] * 4, SECONDS)


def test_a_request_that_is_no_term_is_refused() -> None:
    """What cannot be sent raises, and the helper is ended since others may be under way."""
    with peer(SERVE) as helper:
        with pytest.raises(ProtocolError):
            helper.call_many([1, True], SECONDS)
        with pytest.raises(EnvironmentFault):
            helper.call(1, SECONDS)


# How it ends


def test_it_is_gone_when_we_are_done() -> None:
    """No process is left after the block."""
    with peer(SERVE) as helper:
        assert alive(helper)
    assert not alive(helper)


def test_it_is_gone_after_ctrl_c() -> None:
    """An interrupt in the middle of a call leaves no process."""

    def interrupt(_done: int, _total: int) -> NoReturn:
        raise KeyboardInterrupt

    helper = peer(SERVE)
    with pytest.raises(KeyboardInterrupt):
        helper.call_many([1, 2], SECONDS, interrupt)
    assert not alive(helper)


def test_it_is_gone_when_it_is_forgotten() -> None:
    """A helper that nobody closes is ended with the last reference to it."""
    helper = peer(SERVE)
    number = int(helper.hello().compiler)
    del helper
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_ctrl_c_in_the_terminal_does_not_reach_it() -> None:
    """The helper is in a process group of its own."""
    with peer("hello(); request = hear(); answer((request[0], 0, os.getpgrp())); hear()") as helper:
        assert int(helper.hello().compiler) == helper.call(0, SECONDS) != os.getpgrp()
