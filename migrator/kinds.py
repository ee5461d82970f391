"""Kinds of values (a map, a dict, a binary …): what a field holds by its type, its default and what builds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.compare import side_of
from migrator.typenames import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.modules import Module
    from migrator.records import Field, Record
    from migrator.typenames import Side

# Atoms that stand for no value, beside values of any kind.
_PLACEHOLDERS = frozenset(
    (
        "undefined",
        "none",
        "nil",
        "null",
        "false",
        "true",
        "infinity",
        "unknown",
        "never",
        "default",
        "error",
        "ok",
        "empty",
    )
)

_FORMS = {
    "map": "map",
    "list": "list",
    "string": "list",
    "binary": "binary",
    "integer": "integer",
    "float": "float",
    "tuple": "tuple",
    "record": "record",
    "fun": "fun",
}

# What functions give, by module: kind and names; a name has to be unlike those that give something else.
_GIVEN_BY = {
    "dict": {"dict": "new from_list store append append_list erase filter map merge update update_counter"},
    "orddict": {"orddict": "new from_list store append append_list erase filter map merge update update_counter"},
    "maps": {
        "map": "new from_list from_keys put remove merge map filter filtermap update update_with with without",
        "list": "keys values to_list",
    },
    "gb_trees": {"gb_trees": "empty from_orddict insert enter update delete delete_any balance map"},
    "gb_sets": {
        "gb_sets": "new empty from_list from_ordset add add_element insert delete delete_any del_element union "
        "intersection subtract singleton filter balance"
    },
    "sets": {"sets": "new from_list add_element del_element union intersection subtract filter"},
    "ordsets": {"ordsets": "new from_list add_element del_element union intersection subtract filter"},
    "queue": {"queue": "new from_list in in_r cons snoc join drop drop_r tail init reverse filter delete"},
    "array": {"array": "new from_list from_orddict set reset resize fix relax map sparse_map"},
    "lists": {
        "list": "map filter filtermap flatmap reverse append sort usort keysort ukeysort keystore keydelete keyreplace "
        "keymap seq duplicate flatten delete concat zip zipwith sublist nthtail merge umerge subtract droplast"
    },
    "erlang": {
        "binary": "list_to_binary iolist_to_binary atom_to_binary integer_to_binary float_to_binary term_to_binary",
        "list": "atom_to_list binary_to_list integer_to_list float_to_list tuple_to_list pid_to_list ref_to_list "
        "processes nodes tl",
        "integer": "system_time monotonic_time unique_integer length byte_size bit_size tuple_size map_size round "
        "trunc ceil floor list_to_integer binary_to_integer phash2",
        "float": "float list_to_float binary_to_float",
        "atom": "list_to_atom binary_to_atom list_to_existing_atom binary_to_existing_atom node",
        "pid": "self spawn spawn_link list_to_pid group_leader",
        "reference": "make_ref monitor send_after start_timer alias",
        "tuple": "list_to_tuple append_element make_tuple date time localtime universaltime",
        "timestamp": "now timestamp",
    },
    "os": {"timestamp": "timestamp", "integer": "system_time", "list": "cmd getpid"},
    "unicode": {"binary": "characters_to_binary", "list": "characters_to_list"},
    "crypto": {"binary": "strong_rand_bytes hash mac"},
    "ets": {"ets table": "new", "list": "tab2list match match_object select lookup"},
    "counters": {"counters": "new"},
    "atomics": {"atomics": "new"},
    "calendar": {"tuple": "local_time universal_time", "integer": "datetime_to_gregorian_seconds"},
}
_BY_CALL = {
    (module, name): kind
    for module, kinds in _GIVEN_BY.items()
    for kind, names in kinds.items()
    for name in names.split()
}

_BY_TYPE = {
    ("dict", "dict"): "dict",
    ("orddict", "orddict"): "orddict",
    ("gb_trees", "tree"): "gb_trees",
    ("gb_trees", "gb_tree"): "gb_trees",
    ("gb_sets", "set"): "gb_sets",
    ("gb_sets", "gb_set"): "gb_sets",
    ("sets", "set"): "sets",
    ("ordsets", "ordset"): "ordsets",
    ("queue", "queue"): "queue",
    ("array", "array"): "array",
    ("ets", "tid"): "ets table",
    ("ets", "tab"): "ets table",
    ("erlang", "timestamp"): "timestamp",
    ("counters", "counters_ref"): "counters",
    ("atomics", "atomics_ref"): "atomics",
}
# `tuple()` is left out: a record, a dict or an array is one as well.
_NAMED = {"atom": "atom", "float": "float", "map": "map", "pid": "pid", "reference": "reference"}
_NAMED |= {"port": "port", "nil": "nil", "module": "atom", "node": "atom"}


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of the values that a field has; those that are not known are left out.

    `placeholders` says that it may also hold an atom such as `undefined` in place of a value. `elements` are what a
    list has by its type: `pairs`, `text`, `others`, or `any` where no type says it.
    """

    known: frozenset[str]
    placeholders: bool = False
    elements: str = "any"

    @property
    def text(self) -> str:
        """The kinds for a person."""
        return " or ".join(sorted("[]" if each == "nil" else each for each in self.known))


def kinds_of(module: Module, record: Record, field: Field) -> Kinds:
    """What the version `module` puts into the field."""
    heads = {*_heads(module, record, field)}
    found = {kind for head in heads if (kind := _kind_of_head(head)) is not None}
    declared = set(_kinds_of_type(field.type, side_of(module))) if field.type is not None else set[str]()
    if "list" in found | declared:
        found.discard("nil")
    placeholders = any(_placeholder(head) for head in heads) or "placeholder" in declared
    elements = "any" if field.type is None else _elements(field.type, side_of(module))
    return Kinds(frozenset(found | declared - {"placeholder"}), placeholders, elements)


def _heads(module: Module, record: Record, field: Field) -> Iterator[str]:
    if field.default is not None:
        yield from field.default.yields.heads
    for each in module.constructions:
        if each.record == record.name:
            value = each.value_of(field.name)
            if value is not None:
                yield from value.yields.heads
            elif each.kind == "new" and field.default is None:
                yield "atom undefined"


def _kind_of_head(head: str) -> str | None:
    if head == "nil" or head in _FORMS:
        return _FORMS.get(head, "nil")
    if head.startswith("atom "):
        return None if _placeholder(head) else "atom"
    module, _, rest = head.partition(":")
    return _BY_CALL.get((module, rest.rpartition("/")[0]))


def _placeholder(head: str) -> bool:
    return head.startswith("atom ") and head.removeprefix("atom ") in _PLACEHOLDERS


def _kinds_of_type(type_: t.Type, side: Side) -> Iterator[str]:
    resolved = resolve(type_, side)
    for member in resolved.members if isinstance(resolved, t.Union) else (resolved,):
        yield from _kinds_of_one(member)


def _kinds_of_one(type_: t.Type) -> Iterator[str]:  # noqa: C901 - one line a kind of type
    match type_:
        case t.Literal("atom", str(name)):
            yield "placeholder" if name in _PLACEHOLDERS else "atom"
        case t.Literal() | t.Range():
            yield "integer"
        case t.Named(name) if name in _NAMED:
            yield _NAMED[name]
        case t.TupleOf():
            yield "tuple"
        case t.ListOf():
            yield "list"
        case t.MapOf():
            yield "map"
        case t.Bits():
            yield "binary"
        case t.FunOf():
            yield "fun"
        case t.RecordOf():
            yield "record"
        case t.RemoteType(module, name) if (module, name) in _BY_TYPE:
            yield _BY_TYPE[module, name]


def _elements(type_: t.Type, side: Side) -> str:
    """What the lists among the values of the type are made of."""
    resolved = resolve(type_, side)
    lists = resolved.members if isinstance(resolved, t.Union) else (resolved,)
    made = {_element(resolve(each.element, side)) for each in lists if isinstance(each, t.ListOf)}
    return made.pop() if len(made) == 1 else "any"


def _element(type_: t.Type) -> str:
    match type_:
        case t.TupleOf((_, _)):
            return "pairs"
        case t.Range() | t.Literal("integer"):
            return "text"
        case t.AnyTerm() | t.UserType() | t.RemoteType() | t.Unknown() | t.TypeVariable() | t.Union():
            return "any"
    return "others"


# --- what leads from one kind to another ---

_TO_PAIRS = {
    "dict": "dict:to_list({})",
    "map": "maps:to_list({})",
    "gb_trees": "gb_trees:to_list({})",
    "orddict": "{}",
    "list": "{}",
}
_FROM_PAIRS = {
    "dict": "dict:from_list({})",
    "map": "maps:from_list({})",
    "gb_trees": "gb_trees:from_orddict(orddict:from_list({}))",
    "orddict": "orddict:from_list({})",
    "list": "{}",
}
_TO_ELEMENTS = {
    "sets": "sets:to_list({})",
    "gb_sets": "gb_sets:to_list({})",
    "ordsets": "{}",
    "queue": "queue:to_list({})",
    "array": "array:to_list({})",
    "list": "{}",
}
_FROM_ELEMENTS = {
    "sets": "sets:from_list({})",
    "gb_sets": "gb_sets:from_list({})",
    "ordsets": "ordsets:from_list({})",
    "queue": "queue:from_list({})",
    "array": "array:from_list({})",
    "list": "{}",
}
_DIRECT = {
    ("list", "binary"): "list_to_binary({})",
    ("binary", "list"): "binary_to_list({})",
    ("atom", "binary"): "atom_to_binary({}, utf8)",
    ("binary", "atom"): "binary_to_atom({}, utf8)",
    ("atom", "list"): "atom_to_list({})",
    ("list", "atom"): "list_to_atom({})",
    ("integer", "binary"): "integer_to_binary({})",
    ("binary", "integer"): "binary_to_integer({})",
    ("integer", "list"): "integer_to_list({})",
    ("list", "integer"): "list_to_integer({})",
    ("integer", "float"): "float({})",
    ("float", "integer"): "round({})",
    ("tuple", "list"): "tuple_to_list({})",
    ("list", "tuple"): "list_to_tuple({})",
}


def conversion(source: Kinds, target: Kinds) -> str | None:
    """The expression that makes of `Value`, of the one kind, a value of the other; None where no library does."""
    if len(source.known) != 1 or len(target.known) != 1 or source.known == target.known:
        return None
    (old,), (new,) = ({"list" if kind == "nil" else kind for kind in each.known} for each in (source, target))
    elements = {each.elements for each in (source, target) if each.known & {"list", "nil"}} - {"any"}
    if (old, new) in _DIRECT:
        text = "binary" in {old, new} or "atom" in {old, new} or "integer" in {old, new}
        return _DIRECT[old, new].format("Value") if not text or elements <= {"text"} else None
    if old in _TO_PAIRS and new in _FROM_PAIRS and elements <= {"pairs"}:
        return _FROM_PAIRS[new].format(_TO_PAIRS[old].format("Value"))
    if old in _TO_ELEMENTS and new in _FROM_ELEMENTS:
        return _FROM_ELEMENTS[new].format(_TO_ELEMENTS[old].format("Value"))
    return None
