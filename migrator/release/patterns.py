"""Whether a version fits a regular expression of an appup: asked of OTP's own `re`, and not for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import HelperFault
from migrator.terms import Atom

if TYPE_CHECKING:
    from migrator.otp import Helper
    from migrator.release.reach import Fits

# For one expression: `re` itself gives up after some ten million steps, which take a second.
_SECONDS = 20.0
# For all of one appup, in seconds.
_IN_ALL = 20.0


def fits_in(helper: Helper, path: str, within: float = _IN_ALL) -> Fits:
    """Answers whether a version fits a regular expression of that appup, as systools has it.

    The first match must be the whole version. An expression that is none fits nothing, nor does one that `re` gives up.

    Args:
        helper: any that runs.
        path: of the appup, for messages.
        within: how many seconds all that is asked of it may take: then the function raises Refused (M167).
    """
    known: dict[tuple[bytes, str], bool] = {}
    spent = [0.0]

    def fits(pattern: bytes, vsn: str) -> bool:
        key = (pattern, vsn)
        if key not in known:
            if spent[0] > within:
                raise Refused(_too_slow(path, pattern))
            begun = time.monotonic()
            known[key] = _asked(helper, pattern, vsn, path)
            spent[0] += time.monotonic() - begun
        return known[key]

    return fits


def _asked(helper: Helper, pattern: bytes, vsn: str, path: str) -> bool:
    try:
        return helper.call((Atom("fits"), pattern, vsn.encode(errors="replace")), _SECONDS) == Atom("true")
    except HelperFault as fault:
        if fault.kind != "deadline":
            raise
        raise Refused(_too_slow(path, pattern)) from fault


def _too_slow(path: str, pattern: bytes) -> Diagnostic:
    shown = pattern.decode(errors="replace")
    return Diagnostic(
        CATALOGUE["M167"],
        f"{path} has regular expressions that take Erlang too long: the last one tried was {shown:.60}",
        "systools would try every one of them too, before it finds an entry",
        path,
        ('{"1.0", [INSTRUCTION]}   % a version in the place of each expression',),
    )
