"""Verbs: the state inside of what `sys:get_state/1` gives, cut out of its bytes: nothing is decoded.

Source: https://www.erlang.org/doc/apps/erts/erl_ext_dist.html. Of a `gen_statem` that is `{StateName, Data}`, of a
`gen_event` `[{Handler, Id, State}]`; pids, funs and references stay the bytes that they are.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from migrator.callbacks import GEN_EVENT, GEN_STATEM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.plan import Plan

_VERSION, _COMPRESSED = 131, 80
_NIL, _LIST, _SMALL_TUPLE, _LARGE_TUPLE, _EXPORT, _FUN, _NEW_FUN = 106, 108, 104, 105, 113, 117, 112
# Bytes behind the tag, where all of them are known by it.
_FIXED = {97: 1, 98: 4, 70: 8, 99: 31, _NIL: 0}
# Bytes of the length, what each unit of it takes, and bytes besides.
_COUNTED = {
    100: (2, 0),
    115: (1, 0),
    118: (2, 0),
    119: (1, 0),
    107: (2, 0),
    109: (4, 0),
    77: (4, 1),
    110: (1, 1),
    111: (4, 1),
}
# Bytes of the number of terms, how many terms each stands for, terms besides, and bytes besides.
_TERMS = {
    _SMALL_TUPLE: (1, 1, 0, 0),
    _LARGE_TUPLE: (4, 1, 0, 0),
    _LIST: (4, 1, 1, 0),
    116: (4, 2, 0, 0),
    # A native record (OTP 29): the number of its fields, a flag; module, name, the fields' names, and their values.
    67: (4, 2, 2, 1),
}
# A node's name, then so many bytes.
_OF_NODES = {88: 12, 103: 9, 89: 8, 102: 5, 120: 12, 101: 5}
_REFERENCES = {90: 4, 114: 1}
_LARGEST = 1 << 30
_PAIR, _TRIPLE = 2, 3


class NoTermError(ValueError):
    """The bytes are no term in the external format."""


def states_in(dump: bytes, plan: Plan) -> tuple[bytes, ...]:
    """The states of that module inside such a dump; none where it is no such dump.

    Raises:
        NoTermError: the bytes are no term.
    """
    data = _whole(dump)
    if plan.callback == GEN_EVENT:
        handlers = [_elements(data, at) for at in _items(data)]
        return tuple(
            _alone(data, each[2]) for each in handlers if len(each) == _TRIPLE and _names(data, each[0], plan.module)
        )
    if plan.callback == GEN_STATEM:
        parts = _elements(data, (1, len(data)))
        return (_alone(data, parts[1]),) if len(parts) == _PAIR else ()
    return ()


def check(dump: bytes) -> None:
    """Does nothing where the bytes are one term in the external format.

    Raises:
        NoTermError: they are not.
    """
    _whole(dump)


def _whole(dump: bytes) -> bytes:
    """The dump, unpacked where it is compressed."""
    data = dump
    if dump[:2] == bytes([_VERSION, _COMPRESSED]):
        try:
            data = bytes([_VERSION]) + zlib.decompressobj().decompress(dump[6:], _LARGEST)
        except zlib.error as error:
            raise NoTermError(str(error)) from error
    if _end(data, 1) != len(data):
        raise NoTermError("something stands behind it")
    return data


def _alone(data: bytes, part: tuple[int, int]) -> bytes:
    return bytes([_VERSION]) + data[part[0] : part[1]]


def _names(data: bytes, part: tuple[int, int], module: str) -> bool:
    """Whether that part is the atom, in any of its forms."""
    found, name = data[part[0] : part[1]], module.encode()
    short, long = len(name).to_bytes(2)[1:], len(name).to_bytes(2)
    return found in {b"w" + short + name, b"s" + short + name, b"v" + long + name, b"d" + long + name}


def _elements(data: bytes, part: tuple[int, int]) -> list[tuple[int, int]]:
    """Where the elements of a tuple are; none of anything else."""
    at = part[0]
    match data[at]:
        case 104:
            return list(_several(data, at + 2, data[at + 1]))
        case 105:
            return list(_several(data, at + 5, int.from_bytes(data[at + 1 : at + 5])))
    return []


def _items(data: bytes) -> list[tuple[int, int]]:
    """Where the items of the list are that the dump is."""
    return list(_several(data, 6, int.from_bytes(data[2:6]))) if data[1] == _LIST else []


def _several(data: bytes, at: int, count: int) -> Iterator[tuple[int, int]]:
    for _ in range(count):
        end = _end(data, at)
        yield at, end
        at = end


def _end(data: bytes, at: int) -> int:
    """Where the term ends that begins there."""
    # What is still to be passed, the next last: a number of bytes, or -1 for a term.
    left = [-1]
    while left:
        step = left.pop()
        if step >= 0:
            at += step
            continue
        if at >= len(data):
            raise NoTermError("it ends too soon")
        at = _passed(data, at, left)
    if at > len(data):
        raise NoTermError("it ends too soon")
    return at


def _passed(data: bytes, at: int, left: list[int]) -> int:
    """Behind the tag there and what belongs to it alone; the terms in it are put to what is left."""

    def number(size: int) -> int:
        return int.from_bytes(data[at + 1 : at + 1 + size])

    tag = data[at]
    if tag in _FIXED:
        return at + 1 + _FIXED[tag]
    if tag in _COUNTED:
        size, more = _COUNTED[tag]
        return at + 1 + size + more + number(size)
    if tag in _TERMS:
        size, times, more, flags = _TERMS[tag]
        left.extend([-1] * min(times * number(size) + more, len(data)))
        return at + 1 + size + flags
    if tag in _OF_NODES:
        left.extend([_OF_NODES[tag], -1])
        return at + 1
    if tag in _REFERENCES:
        left.extend([_REFERENCES[tag] + 4 * number(2), -1])
        return at + 3
    if tag == _EXPORT:
        left.extend([-1] * 3)
        return at + 1
    if tag == _NEW_FUN:
        return at + 1 + number(4)
    if tag == _FUN:
        left.extend([-1] * min(4 + number(4), len(data)))
        return at + 5
    raise NoTermError(f"the tag {tag} at {at}")
