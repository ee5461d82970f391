"""The entry of a lock file for one module: from what the helper read of its beam to lines of Erlang terms.

Records and types stand there as in the source. Whatever else the helper reads of an old version is carried along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.lockfile import EVIDENCE, Entry
from migrator.terms import Atom, atom_text, term_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ATTRIBUTES = ("state_record", "state_type", "state_callback")

# Said in a way of their own; made of the declarations again; or of no use without the module's code.
_NOT_CARRIED = frozenset(
    "module file source md5 vsn compiler behaviours exports functions imports attributes records record_index types "  # noqa: SIM905 - read as the list it is
    "type_texts variables".split()
)


def entry_of(facts: dict[str, Any], beside: Iterable[str] = ()) -> Entry:
    """The entry of a module: all its records, the types that they reach, the modules `beside` it that defaults call."""
    return Entry(atom_text(facts["module"].name), term_text(facts["vsn"]), tuple(_body(facts, sorted(beside))))


def content_of(entry: Entry, file: str, path: str) -> bytes:
    """What the helper reads in the place of a beam; `file` and `path` are what places and messages call it."""
    whence = term_text((max(1, entry.line), _text(file), _text(path)))
    return "\n".join((f"%% migrator lock {whence}.", *entry.lines, "")).encode()


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
    for name, _, _, fields in sorted(facts["records"], key=lambda record: str(record[0].name)):
        yield f"  {{record, {term_text(name)}}}."
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
