"""What in Erlang lives on by itself, and which types and functions of OTP tell that a value stands for it.

Sources: the manual pages of the modules named, https://www.erlang.org/doc/man/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.typenames import parts_of, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.typenames import Side
    from migrator.uses import Call, Depth


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing that a value stands for.

    `lives_on` says what it does when nobody knows it any more, with {where} for where messages arrive; `clean_up` is a
    call that ends it, with X for the value.
    """

    name: str
    lives_on: str
    clean_up: str = ""


TIMER = Holding("a timer", "the timer still fires, and its message arrives{where}", "erlang:cancel_timer(X)")
TIMER_SERVERS = Holding(
    "a timer of the module timer",
    "the timer still fires (an interval again and again), and its message arrives{where}",
    "timer:cancel(X)",
)
MONITOR = Holding(
    "a monitor",
    "the monitor stays, and its 'DOWN' message arrives{where}",
    "erlang:demonitor(X, [flush])",
)
REFERENCE = Holding(
    "a reference",
    "what it is of, a timer, a monitor or a request, lives on, and a message with it arrives{where}",
    # Neither minds a reference of another kind.
    "begin erlang:cancel_timer(X), erlang:demonitor(X, [flush]) end",
)
TABLE = Holding("an ETS table", "the table stays in memory for as long as its process lives", "ets:delete(X)")
DISK_TABLE = Holding("a Dets table", "the table stays open for as long as its process lives", "dets:close(X)")
PORT = Holding("a port", "the port stays open, and its messages arrive{where}", "port_close(X)")
TCP = Holding("a socket", "the socket stays open, and what it receives arrives{where}", "gen_tcp:close(X)")
UDP = Holding("a socket", TCP.lives_on, "gen_udp:close(X)")
SCTP = Holding("a socket", TCP.lives_on, "gen_sctp:close(X)")
TLS = Holding("a TLS socket", TCP.lives_on, "ssl:close(X)")
SOCKET = Holding("a socket", TCP.lives_on, "socket:close(X)")
FILE = Holding("an open file", "the file stays open for as long as its process lives", "file:close(X)")
LOG = Holding("an open disk log", "the log stays open for as long as its process lives", "disk_log:close(X)")
PROCESS = Holding("a process", "the process lives on, and nobody here knows of it", "exit(X, shutdown)")

_TYPES = {"reference": REFERENCE, "pid": PROCESS, "port": PORT}
_REMOTE_TYPES = {
    ("timer", "tref"): TIMER_SERVERS,
    ("ets", "tid"): TABLE,
    ("ets", "tab"): TABLE,
    ("ets", "table"): TABLE,
    ("dets", "tab_name"): DISK_TABLE,
    ("gen_tcp", "socket"): TCP,
    ("inet", "socket"): TCP,
    ("gen_udp", "socket"): UDP,
    ("gen_sctp", "sctp_socket"): SCTP,
    ("ssl", "sslsocket"): TLS,
    ("ssl", "socket"): TLS,
    ("socket", "socket"): SOCKET,
    ("file", "io_device"): FILE,
    ("file", "fd"): FILE,
    ("io", "device"): FILE,
    ("disk_log", "log"): LOG,
    ("erlang", "timer_ref"): TIMER,
}

# What a call gives, and as which element of the tuple that it gives (0: the result itself).
_STARTS = frozenset({"start_link", "start_monitor"})
_GIVES: dict[tuple[str, str], dict[int, Holding]] = {
    **{("erlang", name): {0: TIMER} for name in ("send_after", "start_timer")},
    **{("erlang", name): {0: PROCESS} for name in ("spawn", "spawn_link")},
    **{("erlang", name): {0: PROCESS, 1: PROCESS, 2: MONITOR} for name in ("spawn_monitor", "spawn_opt")},
    **{("proc_lib", name): {0: PROCESS} for name in ("spawn", "spawn_link", "spawn_opt")},
    **{(name, "start"): {2: PROCESS} for name in ("gen_server", "gen_statem", "gen_event", "gen_fsm", "proc_lib")},
    ("supervisor", "start_child"): {2: PROCESS},
    ("erlang", "monitor"): {0: MONITOR},
    ("erlang", "make_ref"): {0: REFERENCE},
    ("erlang", "open_port"): {0: PORT},
    **{
        ("timer", name): {2: TIMER_SERVERS}
        for name in (
            *("send_after", "send_interval", "apply_after", "apply_interval", "apply_repeatedly"),
            *("exit_after", "kill_after"),
        )
    },
    ("ets", "new"): {0: TABLE},
    ("ets", "file2tab"): {2: TABLE},
    ("dets", "open_file"): {2: DISK_TABLE},
    **{("gen_tcp", name): {2: TCP} for name in ("listen", "connect", "accept")},
    ("gen_udp", "open"): {2: UDP},
    **{("gen_sctp", name): {2: SCTP} for name in ("open", "peeloff")},
    **{("ssl", name): {2: TLS} for name in ("listen", "connect", "transport_accept", "ssl_accept", "handshake")},
    **{("socket", name): {2: SOCKET} for name in ("open", "accept")},
    ("file", "open"): {2: FILE},
    ("disk_log", "open"): {2: LOG},
}

# What a call takes as its first argument.
_TAKES: dict[tuple[str, str], Holding] = {
    **{("erlang", name): TIMER for name in ("cancel_timer", "read_timer")},
    ("timer", "cancel"): TIMER_SERVERS,
    ("erlang", "demonitor"): MONITOR,
    **{("erlang", name): PROCESS for name in ("link", "unlink", "is_process_alive", "process_info")},
    **{("erlang", name): PORT for name in ("port_command", "port_close", "port_connect", "port_control")},
    **{(name, "stop"): PROCESS for name in ("gen_server", "gen_statem", "gen_event", "gen_fsm", "proc_lib")},
    **{
        ("file", name): FILE
        for name in (
            *("write", "close", "read", "pwrite", "pread", "position", "sync", "datasync", "read_line", "truncate"),
            "advise",
        )
    },
    **{
        ("inet", name): TCP
        for name in ("setopts", "getopts", "close", "peername", "sockname", "port", "getstat", "peernames", "monitor")
    },
    **{("disk_log", name): LOG for name in ("log", "alog", "blog", "balog", "close", "sync", "truncate")},
}
_TAKEN_BY_ALL = {"gen_tcp": TCP, "gen_udp": UDP, "gen_sctp": SCTP, "ssl": TLS, "socket": SOCKET}
_TABLES = {"ets": TABLE, "dets": DISK_TABLE}
# Functions whose first argument is none of theirs.
_OTHERWISE = {
    "ets": {
        *("new", "all", "file2tab", "from_dets", "fun2ms", "is_compiled_ms", "match_spec_compile", "match_spec_run"),
        *("repair_continuation", "tabfile_info", "foldl", "foldr", "i", "test_ms", "whereis"),
    },
    "dets": {
        "all",
        "open_file",
        "is_dets_file",
        "repair_continuation",
        "is_compatible_bchunk_format",
        "foldl",
        "foldr",
    },
    "gen_tcp": {"listen", "connect"},
    "gen_udp": {"open"},
    "gen_sctp": {"open", "error_string"},
    "ssl": {
        *("listen", "connect", "start", "stop", "cipher_suites", "versions", "format_error", "clear_pem_cache"),
        *("suite_to_str", "str_to_suite", "filter_cipher_suites", "prepend_cipher_suites", "append_cipher_suites"),
        *("eccs", "signature_algs"),
    },
    "socket": {"open", "is_supported", "supports", "use_registry", "number_of", "which_sockets", "i", "info"},
}


def given_by(call: Call, element: int) -> Holding | None:
    """What the call gives as that element, where that lives on."""
    if call.name in _STARTS:
        return PROCESS if element in {0, 2} else MONITOR if element == 3 else None  # noqa: PLR2004 - {ok, {Pid, Ref}}
    gives = _GIVES.get((call.module, call.name), {})
    # {ok, X} as it came is not taken apart by whoever keeps it whole.
    return gives.get(element) or (next(iter(gives.values()), None) if element == 0 else None)


def taken_by(call: Call, position: int) -> Holding | None:
    """What the call takes as that argument, where that lives on."""
    key = (call.module, call.name)
    if key == ("erlang", "exit"):
        return PROCESS if (call.arity, position) == (2, 1) else None
    if key == ("erlang", "monitor"):
        return PROCESS if position == 2 else None  # noqa: PLR2004 - erlang:monitor(process, Pid)
    if call.module in _TABLES and call.name in {"foldl", "foldr"}:
        return _TABLES[call.module] if position == 3 else None  # noqa: PLR2004 - ets:foldl(Fun, Acc, Table)
    if position != 1 or call.name in _OTHERWISE.get(call.module, ()):
        return None
    return _TAKES.get(key) or (_TABLES | _TAKEN_BY_ALL).get(call.module)


# A type that names itself with other parameters has no end.
_DEEPEST = 12


def typed_as(type_: t.Type, side: Side) -> Iterator[tuple[Holding, Depth]]:
    """What values of the type stand for, and what they have inside (but pids there: they may be of any process)."""
    yield from _typed(type_, side, "is", frozenset())


def _typed(type_: t.Type, side: Side, depth: Depth, seen: frozenset[t.Type]) -> Iterator[tuple[Holding, Depth]]:
    resolved = resolve(type_, side)
    if resolved in seen or len(seen) > _DEEPEST:
        return
    for member in resolved.members if isinstance(resolved, t.Union) else (resolved,):
        found = _named(member)
        if found is not None and (depth == "is" or found != PROCESS):
            yield found, depth
        if isinstance(member, t.ListOf | t.MapOf | t.TupleOf):
            for part in parts_of(member):
                yield from _typed(part, side, "holds", seen | {resolved})


def _named(type_: t.Type) -> Holding | None:
    match type_:
        case t.Named(name):
            return _TYPES.get(name)
        case t.RemoteType(module, name):
            return _REMOTE_TYPES.get((module, name))
    return None
