"""Reads what a release is started with: `vm.args`, the variables in it, the node's name."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# As relx has them: ${NAME}, ${NAME:-VALUE}; a name without a value is the empty text.
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::?-(?P<otherwise>[^}]*))?\}")

# What is ours to say in a rehearsal: the name, how it is reached, and that nobody starts it again.
_OURS = {
    *("-name", "-sname", "-setcookie", "-heart", "-detached", "-daemon", "-noinput", "-noshell", "-remsh"),
    *("-boot", "-mode", "-config", "-start_epmd", "-erl_epmd_port", "-run_erl", "-extra", "--"),
}
_OUR_PARAMETERS = frozenset(
    {
        ("-kernel", "inet_dist_use_interface"),
        ("-kernel", "inet_dist_listen_min"),
        ("-kernel", "inet_dist_listen_max"),
        ("-kernel", "inetrc"),
        ("-sasl", "releases_dir"),
    }
)


@dataclass(frozen=True, slots=True)
class VmArgs:
    """What a `vm.args` says: the node's name (`` where it says none), `names` long or short; the other arguments."""

    name: str
    names: str
    rest: tuple[str, ...]


def filled(text: str, environment: Mapping[str, str]) -> str:
    """The text with its variables filled in, as relx does when a release starts."""
    return _VARIABLE.sub(lambda found: environment.get(found["name"]) or found["otherwise"] or "", text)


def missing(text: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The variables of the text that have neither a value nor a default."""
    wanted = (found["name"] for found in _VARIABLE.finditer(text) if found["otherwise"] is None)
    return tuple(dict.fromkeys(name for name in wanted if name not in environment))


def read_vm_args(text: str, where: str) -> VmArgs:
    """What the text of a `vm.args` says, its variables filled in.

    Args:
        text: all of it.
        where: how messages call the file.

    Raises:
        Refused: a quote in it is not closed (M176).
    """
    try:
        words = shlex.split(text, comments=True)
    except ValueError as error:
        raise Refused(
            Diagnostic(
                CATALOGUE["M176"],
                f"{where} cannot be read as arguments: {error}",
                "the release would not start with it",
                where,
                ("close the quote",),
            )
        ) from error
    groups = _groups(words)
    named = next((each for each in groups if each[0] in {"-name", "-sname"} and len(each) > 1), None)
    rest = [word for each in groups for word in _kept(each)]
    return VmArgs(named[1] if named else "", "long" if named and named[0] == "-name" else "short", tuple(rest))


def _groups(words: Sequence[str]) -> list[list[str]]:
    """Each flag with its values; `+` flags of the emulator have at most one, which follows them."""
    groups: list[list[str]] = []
    for word in words:
        if word.startswith(("-", "+")) or not groups:
            groups.append([word])
        else:
            groups[-1].append(word)
    return groups


def _kept(group: Sequence[str]) -> Sequence[str]:
    flag, *values = group
    if flag in _OURS:
        return ()
    pairs = list(zip(values[::2], values[1::2], strict=False))
    if any((flag, key) in _OUR_PARAMETERS for key, _ in pairs):
        left = [word for pair in pairs if (flag, pair[0]) not in _OUR_PARAMETERS for word in pair]
        return (flag, *left) if left else ()
    return group
