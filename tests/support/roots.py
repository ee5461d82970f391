"""Release roots for tests, made without a build tool: applications with real beams, and a `.rel` that names them."""

from __future__ import annotations

import functools
import subprocess
from typing import TYPE_CHECKING

from migrator import otp
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VERSIONS = """
[application:load(Each) || Each <- [sasl]],
[begin {ok, V} = application:get_key(A, vsn), io:format("~w ~s~n", [A, V]) end || A <- [kernel, stdlib, sasl]],
io:format("erts ~s~n", [erlang:system_info(version)]),
halt().
"""


@functools.cache
def otp_versions() -> dict[str, str]:
    """The versions of kernel, stdlib, sasl and erts of the Erlang that the commands use."""
    done = subprocess.run(
        [str(otp.find_erl(None)), "-noinput", "-eval", _VERSIONS], capture_output=True, text=True, check=True
    )
    return dict(line.split() for line in done.stdout.splitlines())


def application(lib: Path, name: str, vsn: str, modules: Mapping[str, str], *, needs: str = "kernel, stdlib") -> Path:
    """An application with these modules, by the source that follows their `-module`; the `ebin`."""
    ebin = lib / f"{name}-{vsn}" / "ebin"
    ebin.mkdir(parents=True, exist_ok=True)
    for module, source in modules.items():
        compile_text(f"-module({module}).\n{source}\n", ebin, module=module).with_suffix(".erl").unlink()
    (ebin / f"{name}.app").write_text(
        f'{{application, {name}, [{{description, ""}}, {{vsn, "{vsn}"}}, {{modules, [{", ".join(modules)}]}},'
        f" {{registered, []}}, {{applications, [{needs}]}}]}}.\n"
    )
    return ebin


def rel(root: Path, vsn: str, applications: Mapping[str, str], *, erts: str = "", without: str = "") -> Path:
    """The `.rel` of a version of the release `shop`, with OTP's own applications but for one that is left out."""
    versions = otp_versions()
    own = {name: versions[name] for name in ("kernel", "stdlib", "sasl") if name != without}
    named = ", ".join(f'{{{name}, "{each}"}}' for name, each in {**own, **applications}.items())
    folder = root / "releases" / vsn
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "shop.rel"
    path.write_text(f'{{release, {{"shop", "{vsn}"}}, {{erts, "{erts or versions["erts"]}"}}, [{named}]}}.\n')
    return path


def shop(root: Path, vsn: str, *, appup: str | None = None, module: str = "") -> Path:
    """A root with one version of the release `shop`, whose one application has that version too."""
    ebin = application(root / "lib", "shop", vsn, {"kv": module or f"-export([v/0]).\nv() -> {vsn!r}."})
    if appup is not None:
        (ebin / "shop.appup").write_text(appup)
    rel(root, vsn, {"shop": vsn})
    return root


def appup_text(vsn: str, *olds: str, instructions: str = "{load_module, kv}") -> str:
    """An appup with the same instructions up from, and down to, each of the old versions."""
    entries = ", ".join(f'{{"{old}", [{instructions}]}}' for old in olds)
    return f'{{"{vsn}", [{entries}], [{entries}]}}.\n'
