"""Nouns: a lock file, its entries, and its text: what can be said of it without Erlang.

Every line is an Erlang term, so that `file:consult/1` reads it, a changed field is one changed line, and a line can be
told from its neighbours whatever happened to them:

    {migrator_lock, 1}.

    {module, kv, "1.0.0"}.
      {checksum, "0f343b0931126a20"}.
      {record, state}.
        {field, "users = [] :: list()"}.

    {migrator_lock_end, 1}.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST = "{migrator_lock, 1}."
LAST = "{migrator_lock_end, 1}."
# Below it stands what the code does with the records: suggestions and warnings come of it, and no conversion.
EVIDENCE = "  % what the code does with them"
_ABOUT = (
    "% The records of released versions, as their processes may hold them. `migrator` reads this file in the place of",
    "% their beams; `migrator lock RELEASE -o FILE` writes it. Review its changes, do not edit it: it has checksums.",
)

# A whole release takes a tenth of it. What an entry may take is bounded because of the atoms in it: Erlang frees none.
LARGEST = 64 << 20
_LARGEST_ENTRY = 2 << 20
_DEEPEST = 200

_HEADER = re.compile(r"\{module, (?P<module>'(?:[^'\\]|\\.)+'|[^\s,']+), (?P<vsn>.+)\}\.")
_CHECKSUM = re.compile(r'  \{checksum, "(?P<sum>[0-9a-f]{16})"\}\.')
_BODY = re.compile(r"  +(?:%.*|\{.*\}\.)")
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_ESCAPE = re.compile(r"\\(?:x\{(?P<code>10[0-9A-F]{4}|[0-9A-F]{1,5})\}|(?P<sign>.))")
_CONTROLS = {"b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", "d": "\x7f"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is locked of one version of a module: `module` and `vsn` as Erlang source, and the lines below its checksum.

    `line` is where it begins in the file that it was read from, 0 where it comes from none.
    """

    module: str
    vsn: str
    body: tuple[str, ...]
    line: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.module, self.vsn

    @property
    def version(self) -> str:
        """Its vsn as a person types it: the text in it, where it is text."""
        return _bare(self.vsn)

    @property
    def name(self) -> str:
        """The module's name, without the quotes of its source."""
        return _ESCAPE.sub(_meant, self.module[1:-1]) if self.module.startswith("'") else self.module

    @property
    def lines(self) -> tuple[str, ...]:
        """Its text."""
        return self.header, f'  {{checksum, "{_checksum(self.header, self.body)}"}}.', *self.body

    @property
    def declared(self) -> tuple[str, ...]:
        """What it says of the states: its lines without the evidence."""
        return self.body[: self.body.index(EVIDENCE)] if EVIDENCE in self.body else self.body

    @property
    def header(self) -> str:
        """Its first line."""
        return f"{{module, {self.module}, {self.vsn}}}."

    def answers(self, version: str) -> bool:
        """Whether a person means it by that version: as Erlang source, or as the text in it."""
        return version in {self.vsn, self.version}


def split_header(line: str) -> tuple[str, str]:
    """The module and the vsn of the line with which an entry, or a neighbour in it, begins."""
    matched = _HEADER.fullmatch(line.strip().replace("{neighbour, ", "{module, ", 1))
    return (matched["module"], matched["vsn"]) if matched else ("''", "0")


def _meant(escaped: re.Match[str]) -> str:
    code = escaped["code"]
    return chr(int(code, 16)) if code else _CONTROLS.get(escaped["sign"], escaped["sign"])


def _bare(vsn: str) -> str:
    """The text in a string, a binary or a quoted atom."""
    matched = re.fullmatch(r'<<"(.*)"(?:/utf8)?>>|"(.*)"|\'(.*)\'', vsn)
    return next((text for text in matched.groups() if text is not None), vsn) if matched else vsn


def _checksum(header: str, body: Sequence[str]) -> str:
    return hashlib.sha256("\n".join((header, *body)).encode()).hexdigest()[:16]


def text_of(entries: Iterable[Entry]) -> str:
    """The file with these entries, sorted by module and version."""
    blocks = ["\n".join(entry.lines) for entry in in_order(entries)]
    return "\n\n".join(["\n".join((*_ABOUT, FIRST)), *blocks, LAST]) + "\n"


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries by module, then by version: written ones by their numbers, then all others by their text."""
    return tuple(sorted(entries, key=lambda entry: (entry.module.strip("'"), entry.module, _order(entry.vsn))))


def _order(vsn: str) -> tuple[bool, tuple[int, ...], str]:
    numbers = re.fullmatch(r"[vV]?(\d{1,9}(?:\.\d{1,9})*)", _bare(vsn))
    return numbers is None, tuple(map(int, numbers[1].split("."))) if numbers else (), vsn


def is_lock(path: str, content: bytes) -> bool:
    """Whether a file is meant to be a lock: by its content, and where that is damaged by its name."""
    return FIRST[:15].encode() in content[:4096] or (
        path.endswith(".lock") and not content.startswith((b"FOR1", b"\x1f\x8b"))
    )


def parse(content: bytes, path: str) -> tuple[Entry, ...]:
    """The entries of a lock file, in its order.

    Raises:
        Refused: it is none, of another format (M130), damaged (M131), edited (M132), or has an entry twice (M133).
    """
    lines = _lines(content, path)
    found: list[Entry] = []
    wrong: list[Diagnostic] = []
    at = _beginning(lines, path)
    while at < len(lines):
        if not lines[at] or lines[at].startswith("%"):
            at += 1
        elif lines[at] == LAST:
            break
        else:
            end = _end(lines, at)
            entry = _entry(lines, at, end, path)
            if isinstance(entry, Entry):
                found.append(entry)
            else:
                wrong.append(entry)
            at = end
    else:
        wrong.append(_damaged(path, max(1, len(lines) - 1), "the file ends before its last line, " + LAST))
    left = next((number for number in range(at + 1, len(lines)) if lines[number]), None)
    if left is not None:
        wrong.append(_foreign(lines, left, path))
    wrong += _twice(found, path)
    if wrong:
        raise Refused(*wrong)
    return tuple(found)


def _lines(content: bytes, path: str) -> list[str]:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(_damaged(path, line, "this is not UTF-8")) from error
    # A checkout may have given it the line ends of another system.
    return text.replace("\r\n", "\n").split("\n")


def _beginning(lines: list[str], path: str) -> int:
    """The line after the file's first term."""
    first = next((number for number, line in enumerate(lines) if line and not line.startswith("%")), None)
    if first is not None and lines[first] == FIRST:
        return first + 1
    if first is not None and lines[first].startswith(_CONFLICT):
        raise Refused(_foreign(lines, first, path))
    shown = "it is empty" if first is None else f"it begins with {_short(lines[first])}"
    raise Refused(
        Diagnostic(
            CATALOGUE["M130"],
            f"{path} is no lock file of this version: {shown}",
            "nothing is known of the old versions",
            f"{path}:{1 if first is None else first + 1}",
            (f"migrator lock RELEASE > {path}",),
        )
    )


def _end(lines: list[str], start: int) -> int:
    """The line after an entry: it goes on as long as lines are its own."""
    end = start + 1
    while end < len(lines) and _BODY.fullmatch(lines[end]):
        end += 1
    return end


def _entry(lines: list[str], start: int, end: int, path: str) -> Entry | Diagnostic:
    header = _HEADER.fullmatch(lines[start])
    if header is None:
        return _foreign(lines, start, path)
    checksum = _CHECKSUM.fullmatch(lines[start + 1]) if end > start + 1 else None
    body = tuple(lines[start + 2 : end])
    shown = f"{header['module']} {_short(header['vsn'])}"
    if checksum is None or checksum["sum"] != _checksum(lines[start], body):
        return Diagnostic(
            CATALOGUE["M132"],
            f"the entry of {shown} is not as it was written: its checksum is another one",
            "what it says of the old states may be wrong, so nothing is made of it",
            f"{path}:{start + 1}",
            (f"git checkout {path}   # or, from that version's build: migrator lock RELEASE -o {path}",),
            module=header["module"],
        )
    if "/" in header["module"] or "\\x{0}" in header["module"]:
        return _damaged(path, start + 1, f"{_short(header['module'])} is no module's name")
    if sum(map(len, body)) > _LARGEST_ENTRY or any(map(_too_deep, (lines[start], *body))):
        return _damaged(path, start + 1, f"the entry of {shown} is larger than any module's, or nested too deep")
    return Entry(header["module"], header["vsn"], body, start + 1)


def _too_deep(line: str) -> bool:
    """Brackets of the text in strings count: it is Erlang too."""
    depth = 0
    for sign in re.findall(r"[\[\](){}]", line):
        depth += 1 if sign in "[({" else -1
        if depth > _DEEPEST:
            return True
    return False


def _foreign(lines: list[str], at: int, path: str) -> Diagnostic:
    if lines[at].startswith(_CONFLICT):
        return _damaged(path, at + 1, "a merge left its marks")
    return _damaged(path, at + 1, f"this line is none of a lock: {_short(lines[at])}")


def _damaged(path: str, line: int, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M131"],
        f"{path} is damaged: {why}",
        "what it says of the old states may be wrong, so nothing is made of it",
        f"{path}:{line}",
        (
            f"git checkout {path}   # after a merge keep the whole entries of both sides",
            f"migrator lock RELEASE -o {path}   # adds an entry that was lost",
        ),
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - what fits a line


def _twice(entries: Sequence[Entry], path: str) -> list[Diagnostic]:
    first: dict[tuple[str, str], Entry] = {}
    found = []
    for entry in entries:
        other = first.setdefault(entry.key, entry)
        if other is not entry:
            found.append(
                Diagnostic(
                    CATALOGUE["M133"],
                    f"{entry.module} {_short(entry.vsn)} stands there twice, in lines {other.line} and {entry.line}",
                    "it cannot be told which of them is true"
                    if entry.body != other.body
                    else "one of them is too much",
                    f"{path}:{entry.line}",
                    ("delete one of the two entries, from its {module, …} line to the empty line",),
                    module=entry.module,
                )
            )
    return found


def merged(before: Iterable[Entry], added: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries of both; of the same module and version the added one holds."""
    return in_order({entry.key: entry for entry in (*before, *added)}.values())
