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
    for given, depth in _put(module, record.name, field, wanted, frozenset()):
        where = "its default is one" if given.function is None else f"{given.function} puts one into it"
        return Judged(field, "shown", where if given.function is None else f"{where}, line {given.line}", depth)
    for each in module.uses.seen:
        if (each.record, each.field, each.seen) == (record.name, field, wanted):
            return Judged(field, "shown", f"{each.function} takes one out of it, line {each.line}")
    return Judged(field, "other" if _other(module, record.name, field, frozenset()) else "unknown")


def _values(module: Module, record: str, field: str) -> Iterator[GivenValue]:
    return (each for each in module.uses.given if (each.record, each.field) == (record, field))


def _put(
    module: Module, record: str, field: str, wanted: str, seen: frozenset[tuple[str, str]]
) -> Iterator[tuple[GivenValue, Depth]]:
    """The places that put such a record into the field, also by way of another field."""
    if (record, field) in seen:
        return
    on = seen | {(record, field)}
    for given in _values(module, record, field):
        for origin in given.origins:
            match origin:
                case FromRecord(depth, name) if name == wanted:
                    yield given, depth
                case FromRecord(_, name):
                    held = module.record(name)
                    for inner in held.names if held is not None else ():
                        yield from _put(module, name, inner, wanted, on)
                case FromField(_, other, source):
                    yield from _put(module, other, source, wanted, on)


def _other(module: Module, record: str, field: str, seen: frozenset[tuple[str, str]]) -> bool:
    """Whether all that the field is ever given is known, and holds no record that is not known through and through."""
    if (record, field) in seen:
        return True
    declared = module.record(record)
    # What a header declares other modules can make; a tuple that is set by position can have anything anywhere.
    if declared is None or (declared.file or module.file) != module.file:
        return False
    if any(each.record in {None, record} for each in module.uses.built):
        return False
    if not any(each.record == record for each in module.uses.made):
        return False
    given = tuple(_values(module, record, field))
    # A field that no function ever sets is set in a way that is not seen here, or not at all.
    if all(each.function is None for each in given):
        return False
    on = seen | {(record, field)}
    return all(_closed(module, origin, on) for each in given for origin in each.origins)


def _closed(module: Module, origin: object, seen: frozenset[tuple[str, str]]) -> bool:
    match origin:
        case "plain":
            return True
        case FromCall(_, call):
            return _plain(call)
        case FromField(_, record, field):
            return _other(module, record, field, seen)
        case FromRecord(_, name):
            held = module.record(name)
            return held is not None and all(_other(module, name, field, seen) for field in held.names)
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
