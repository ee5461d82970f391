"""Sources of servers that keep native records (OTP 29), and the records."""

from __future__ import annotations

from tests.support.cases import server


def native(fields: str, *forms: str, vsn: str = '"1"', record: str = "state") -> str:
    """The source of a gen_server that keeps such a native record."""
    init = () if any("\ninit(" in f"\n{form}" for form in forms) else ("init(State) -> {ok, State}.",)
    source = server("", *forms, *init, vsn=vsn, record=record)
    return records_first(source.replace(f"-record({record}, {{}}).", f"-record #{record}{{{fields}}}."))


def records_first(source: str) -> str:
    """The source with the state's record, which comes first, behind the records that it may name."""
    lines = source.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(("-record(state", "-record #")))
    others = [line for line in lines[at + 1 :] if line.startswith(("-record", "-import_record"))]
    return (
        "\n".join([*lines[:at], *others, lines[at], *(line for line in lines[at + 1 :] if line not in others)]) + "\n"
    )


def made(record: str, exported: str = "false", **fields: str) -> str:
    """An Erlang expression for a native record of the module m with these fields."""
    pairs = ", ".join(f"{{{name}, {value}}}" for name, value in fields.items())
    return f"records:create(m, {record}, [{pairs}], #{{is_exported => {exported}}})"
