"""Whether a field may hold a certain record, judged by the code that gives the field values and reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.uses import FromCall, FromField, FromRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.modules import Module
    from migrator.records import Record
    from migrator.uses import Call, Depth, GivenValue

# `shown`: the code puts the record there, or takes one out. `other`: all that the code puts there is something else.
Answer: TypeAlias = Literal["shown", "other", "unknown"]


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a field holds a certain record.

    `sign` says for a person how that is known, `depth` whether the value is one or has it inside.
    """

    field: str
    answer: Answer
    sign: str = ""
    depth: Depth = "holds"


def judge(module: Module, record: Record, field: str, wanted: str) -> Judged:
    """Whether the field of the record holds tuples of the record `wanted`, as far as the code of this version tells."""
    # A place is looked at once: what was found there the first time holds for all ways that lead to it.
    for given, depth in _put(_Code(module), record.name, field, wanted):
        where = "its default is one" if given.function is None else f"{given.function} puts one into it"
        return Judged(field, "shown", where if given.function is None else f"{where}, line {given.line}", depth)
    for each in module.uses.seen:
        if (each.record, each.field, each.seen) == (record.name, field, wanted):
            return Judged(field, "shown", f"{each.function} takes one out of it, line {each.line}")
    return Judged(field, "other" if _other(_Code(module), record.name, field) else "unknown")


class _Code:
    """A module's code for one question: what its fields are given, and the fields that were looked at already."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.seen: set[tuple[str, str]] = set()
        self.given: dict[tuple[str, str], list[GivenValue]] = {}
        for each in module.uses.given:
            self.given.setdefault((each.record, each.field), []).append(each)

    def enter(self, record: str, field: str) -> list[GivenValue] | None:
        """What the field is given; None where it was looked at before."""
        if (record, field) in self.seen:
            return None
        self.seen.add((record, field))
        return self.given.get((record, field), [])


def _put(code: _Code, record: str, field: str, wanted: str) -> Iterator[tuple[GivenValue, Depth]]:
    """The places that put such a record into the field, also by way of another field."""
    for given in code.enter(record, field) or ():
        for origin in given.origins:
            match origin:
                case FromRecord(depth, name) if name == wanted:
                    yield given, depth
                case FromRecord(_, name):
                    held = code.module.record(name)
                    for inner in held.names if held is not None else ():
                        yield from _put(code, name, inner, wanted)
                case FromField(_, other, source):
                    yield from _put(code, other, source, wanted)


def _other(code: _Code, record: str, field: str) -> bool:
    """Whether all that the field is ever given is known, and holds no record that is not known through and through."""
    given = code.enter(record, field)
    if given is None:
        return True
    module = code.module
    declared = module.record(record)
    # What a header declares other modules can make; a tuple that is set by position can have anything anywhere.
    if declared is None or (declared.file or module.file) != module.file:
        return False
    if any(each.record in {None, record} for each in module.uses.built):
        return False
    if not any(each.record == record for each in module.uses.made):
        return False
    # A field that no function ever sets is set in a way that is not seen here, or not at all.
    if all(each.function is None for each in given):
        return False
    return all(_closed(code, origin) for each in given for origin in each.origins)


def _closed(code: _Code, origin: object) -> bool:
    match origin:
        case "plain":
            return True
        case FromCall(_, call):
            return _plain(call)
        case FromField(_, record, field):
            return _other(code, record, field)
        case FromRecord(_, name):
            held = code.module.record(name)
            return held is not None and all(_other(code, name, field) for field in held.names)
    return False


# Modules whose functions give what they were given, which stands in the facts beside the call.
_CONTAINERS = frozenset(
    {"lists", "maps", "dict", "orddict", "gb_trees", "gb_sets", "sets", "ordsets", "queue", "array", "proplists"}
)
# Modules whose functions give texts, numbers and the like alone.
_TEXTS = frozenset({"string", "binary", "unicode", "filename", "calendar", "math", "rand", "os", "io_lib", "base64"})
_PLAIN = {
    "erlang": frozenset(
        {
            *(
                "length",
                "size",
                "byte_size",
                "bit_size",
                "tuple_size",
                "map_size",
                "self",
                "node",
                "make_ref",
                "monitor",
            ),
            *("demonitor", "send_after", "start_timer", "cancel_timer", "read_timer", "spawn", "spawn_link"),
            *("spawn_monitor", "spawn_opt", "system_time", "monotonic_time", "unique_integer", "timestamp", "now"),
            *("date", "time", "localtime", "universaltime", "abs", "round", "trunc", "ceil", "floor", "float"),
            *("integer_to_list", "integer_to_binary", "list_to_integer", "binary_to_integer", "float_to_list"),
            *("float_to_binary", "atom_to_list", "atom_to_binary", "list_to_atom", "binary_to_atom"),
            *("list_to_existing_atom", "binary_to_existing_atom", "list_to_binary", "iolist_to_binary", "iolist_size"),
            *(
                "binary_to_list",
                "phash2",
                "md5",
                "crc32",
                "convert_time_unit",
                "whereis",
                "open_port",
            ),
            *("is_atom", "is_binary", "is_integer", "is_list", "is_map", "is_pid", "is_record", "is_tuple"),
            *("pid_to_list", "ref_to_list", "process_flag", "link", "unlink", "register", "put_cookie", "node_name"),
        }
    ),
    "ets": frozenset({"new", "insert", "insert_new", "delete", "member", "update_counter"}),
    "timer": frozenset({"send_after", "send_interval", "apply_after", "apply_interval", "now_diff", "seconds"}),
    "crypto": frozenset({"strong_rand_bytes", "hash", "mac"}),
    "gen_tcp": frozenset({"listen", "connect", "accept"}),
    "gen_udp": frozenset({"open"}),
    "file": frozenset({"open"}),
}


def _plain(call: Call) -> bool:
    return call.module in _CONTAINERS | _TEXTS or call.name in _PLAIN.get(call.module, ())
