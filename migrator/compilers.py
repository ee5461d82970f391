"""Which OTP release a compiler's version belongs to: a beam records the latter, people know the former.

Source: the versions of the application compiler in the releases' `otp_versions.table`.
"""

from __future__ import annotations

_FIRST = (
    ((7, 0), "19"),
    ((7, 1), "20"),
    ((7, 2), "21"),
    ((7, 4), "22"),
    ((7, 6), "23"),
    ((8, 0), "24"),
    ((8, 2), "25"),
    ((8, 3), "26"),
    ((8, 5), "27"),
    ((9, 0), "28"),
    ((10, 0), "29"),
)


def otp_of(compiler: str) -> str | None:
    """The OTP release of a compiler version such as 8.2.3; None where it is older, or newer, than the table knows."""
    parts = compiler.split(".")
    try:
        version = int(parts[0]), int(parts[1])
    except (IndexError, ValueError):
        return None
    releases = [release for first, release in _FIRST if first <= version]
    newest = version[0] > _FIRST[-1][0][0]
    return None if newest or not releases else releases[-1]
