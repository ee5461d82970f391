"""What becomes of a lobby that runs, from 1.0.0 to the version in src/ and back."""

import pytest

from migrator.testing import assert_migrates, assert_refuses


@pytest.fixture(scope="module")
def lobby(migrator_pair):
    """The lobby as it was released, and as it is."""
    return migrator_pair("released/1.0.0/lobby.erl", "../src/lobby.erl")


def test_sessions_have_owners(lobby):
    """Who was in is in, and each session counts its retries."""
    assert_migrates(
        lobby,
        '{state, #{ann => {session, ann, "::1"}}, queue:new(), undefined, 1}',
        '{state, #{ann => {session, ann, "::1", 0}}, queue:new(), undefined, 1, 100}',
        way="there and back",
    )


def test_retries_are_forgotten_on_the_way_back(lobby):
    """1.0.0 knows of no retries, and of no limit."""
    assert_migrates(
        lobby,
        "{state, #{}, queue:new(), {session, ann, undefined, 3}, 7, 50}",
        "{state, #{}, queue:new(), {session, ann, undefined}, 7}",
        way="down",
    )


def test_a_lobby_of_no_version(lobby):
    """What no version has is refused."""
    assert_refuses(lobby, "{state, too, few}", "unknown_shape")


def test_the_generated_code(lobby, erlang_snapshot):
    """The code that was read and found right; `pytest --snapshot-update` writes it anew."""
    assert lobby.erlang == erlang_snapshot(name="lobby")


def test_nothing_is_left_to_decide(lobby):
    """Nobody is asked and nobody is warned."""
    assert [each.code for each in lobby.diagnostics if each.severity != "info"] == []
