"""The entry of a lock file for one module: from what the helper read of its beam to lines of Erlang terms.

Records and types stand there as in the source. Whatever else the helper reads of an old version is carried along.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from migrator.lockfile import EVIDENCE, Entry, split_header
from migrator.terms import Atom, atom_text, term_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ATTRIBUTES = ("state_record", "state_type", "state_callback")

# Said in a way of their own; made of the declarations again; or of no use without the module's code.
_NOT_CARRIED = frozenset(
    "module file source md5 vsn compiler behaviours exports functions imports attributes records record_index types "  # noqa: SIM905 - read as the list it is
    "type_texts variables natives".split()
)


def entry_of(facts: dict[str, Any], beside: Iterable[str] = ()) -> Entry:
    """The entry of a module: all its records, the types that they reach, the modules `beside` it that defaults call."""
    return Entry(atom_text(facts["module"].name), term_text(facts["vsn"]), tuple(_body(facts, sorted(beside))))


@dataclass(frozen=True, slots=True)
class Whence:
    """How places and messages call an entry, and the folder where the modules beside it are."""

    file: str
    path: str
    folder: str


def content_of(entry: Entry, whence: Whence) -> bytes:
    """What the helper reads in the place of a beam."""
    return _content(entry.lines, entry.line, whence)


def _content(lines: Sequence[str], line: int, whence: Whence) -> bytes:
    told = term_text((max(1, line), *map(_text, (whence.file, whence.path, whence.folder))))
    return "\n".join((f"%% migrator lock {told}.", *lines, "")).encode()


def with_neighbours_of(entry: Entry, neighbours: Iterable[Entry]) -> Entry:
    """The entry with what the modules beside it declare, to which its types lead."""
    lines = [
        line
        for each in neighbours
        for line in (f"  {{neighbour, {each.module}, {each.vsn}}}.", *(f"  {inner}" for inner in each.body))
    ]
    return replace(entry, body=(*entry.body, *lines))


def neighbours_in(entry: Entry, whence: Whence) -> Iterator[tuple[str, bytes]]:
    """Each module beside it, by name, and what the helper reads in the place of its beam."""
    starts = [number for number, line in enumerate(entry.body) if line.startswith("  {neighbour, ")]
    for start, end in pairwise([*starts, len(entry.body)]):
        module, vsn = split_header(entry.body[start])
        header = f"{{module, {module}, {vsn}}}."
        # Its first line is two below that of the module's own, the checksum between them.
        content = _content((header, *entry.body[start + 1 : end]), entry.line + 2 + start if entry.line else 0, whence)
        yield Entry(module, vsn, ()).name, content


def _text(text: str) -> Any:  # noqa: ANN401 - a list of characters is a list of terms
    return list(map(ord, text.encode(errors="replace").decode()))


def _body(facts: dict[str, Any], beside: list[str]) -> Iterator[str]:
    for behaviour in facts["behaviours"]:
        yield f"  {{behaviour, {term_text(behaviour)}}}."
    for name, value, _, _ in facts["attributes"]:
        if name.name in _ATTRIBUTES:
            yield f"  {{{name.name}, {term_text(value)}}}."
    if beside:
        yield f"  {{beside, [{', '.join(map(atom_text, beside))}]}}."
    natives = {name.name: access.name for name, access in facts["natives"]}
    for name, _, _, fields in sorted(facts["records"], key=lambda record: str(record[0].name)):
        access = natives.get(name.name)
        yield (
            f"  {{record, {term_text(name)}}}."
            if access is None
            else f"  {{native_record, {term_text(name)}, {access}}}."
        )
        yield from map(_field, fields)
    for declared in sorted(facts["type_texts"]):
        yield f"  {{type, {_string(declared.decode())}}}."
    evidence = list(_carried(facts))
    if evidence:
        yield EVIDENCE
    yield from evidence


def _field(fact: Any) -> str:  # noqa: ANN401 - the wire's terms are of any type
    name, _, default, declared = fact
    source = term_text(name)
    extra = []
    if default != Atom("none"):
        text, expanded, _, calls, _, *more = default
        source += f" = {text.decode()}"
        if expanded != text:
            extra.append(f"{{expanded, {_string(expanded.decode())}}}")
        if calls:
            extra.append(f"{{calls, {term_text(calls)}}}")
        if more and extra:
            # All else follows from the text.
            extra.append(f"{{more, {term_text(more)}}}")
    if declared != Atom("none"):
        source += f" :: {declared[0].decode()}"
    return f"    {{field, {_string(source)}{', [' + ', '.join(extra) + ']' if extra else ''}}}."


def _string(text: str) -> str:
    return term_text(_text(text))


def _carried(facts: dict[str, Any]) -> Iterator[str]:
    for key in sorted(facts.keys() - _NOT_CARRIED):
        value = facts[key]
        if isinstance(value, list):
            for element in value:
                yield f"  {{each, {atom_text(key)}, {term_text(element)}}}."
        else:
            yield f"  {{fact, {atom_text(key)}, {term_text(value)}}}."
