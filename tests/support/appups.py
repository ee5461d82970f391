"""Applications in several versions, and OTP's own judgement of their appups: real beams, real `systools`."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.release.merging import parse_appup
from migrator.terms import term_text, text_of
from tests.support.cases import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.terms import Term

_RELUP = Path(__file__).parent / "live_relup.escript"


@dataclass(frozen=True)
class App:
    """An application: its version, the sources of its modules by name, and the applications that it needs."""

    vsn: str
    modules: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def module(name: str, *forms: str, exports: str = "", behaviour: str = "") -> str:
    """A module's source."""
    said = f"-behaviour({behaviour}).\n" if behaviour else ""
    return f"-module({name}).\n{said}-export([{exports}]).\n" + "\n".join(forms) + "\n"


def server(name: str, body: str = "ok", *forms: str) -> str:
    """A `gen_server` with a `code_change`."""
    return module(
        name,
        "init(_) -> {ok, nothing}.",
        f"handle_call(_, _, State) -> {{reply, {body}, State}}.",
        "handle_cast(_, State) -> {noreply, State}.",
        "code_change(_, State, _) -> {ok, State}.",
        *forms,
        exports="init/1, handle_call/3, handle_cast/2, code_change/3",
        behaviour="gen_server",
    )


def release(root: Path, **applications: App) -> Path:
    """A folder `lib` under `root` with these applications, compiled."""
    for name, app in applications.items():
        ebin = root / "lib" / f"{name}-{app.vsn}" / "ebin"
        sources = root / "src" / name
        for folder in (ebin, sources):
            folder.mkdir(parents=True)
        for module_name, source in app.modules.items():
            (sources / f"{module_name}.erl").write_text(source, encoding="utf-8")
        if app.modules:
            files = [str(sources / f"{each}.erl") for each in app.modules]
            subprocess.run(["erlc", "+debug_info", "-o", str(ebin), *files], check=True)
        needs, modules = ", ".join(("kernel", "stdlib", *app.needs)), ", ".join(app.modules)
        (ebin / f"{name}.app").write_text(
            f'{{application, {name}, [{{description, ""}}, {{vsn, "{app.vsn}"}}, {{modules, [{modules}]}},'
            f" {{registered, []}}, {{applications, [{needs}]}}]}}.\n"
        )
    return root / "lib"


def entries(path: Path) -> tuple[str, dict[str | None, Term], dict[str | None, Term]]:
    """An appup: its version, and the instructions up and down by old version."""
    appup = parse_appup(path.read_text(encoding="utf-8"), str(path))
    up, down = ({text_of(each.key): each.instructions for each in side.entries} for side in (appup.up, appup.down))
    return appup.vsn, up, down


def relup(old: Path, new: Path) -> str:
    """What `systools:make_relup/4` makes of two `lib` folders: the relup as text, or what it says against it."""
    done = subprocess.run(
        ["escript", str(_RELUP), str(old), str(new)], capture_output=True, text=True, check=False, timeout=120
    )
    return done.stdout + done.stderr


def release_file(root: Path, vsn: str, applications: Mapping[str, str]) -> None:
    """Makes a release root of a folder with `lib`: its `.rel`, with these applications and versions."""
    place = root / "releases" / vsn
    place.mkdir(parents=True)
    listed = ", ".join(f'{{{name}, "{each}"}}' for name, each in applications.items())
    rel = f'{{release, {{"shop", "{vsn}"}}, {{erts, "13.1.5"}}, [{listed}]}}.\n'
    (place / "shop.rel").write_text(rel, encoding="utf-8")


def texts(instructions: Term) -> list[str]:
    """Instructions as text, without the space behind commas."""
    assert isinstance(instructions, list)
    return [term_text(each) for each in instructions]


def written(tmp_path: Path, name: str, new: Path, *arguments: object, **changes: str) -> tuple[list[str], list[str]]:
    """The entry of an application from its only old version, up and down, after a run that succeeds."""
    done = run("appup", *arguments, tmp_path / "old/lib", new, **changes)
    assert done.returncode == 0, done.stderr
    (path,) = new.glob(f"{name}-*/ebin/{name}.appup")
    _, up, down = entries(path)
    (upward,) = up.values()
    (downward,) = down.values()
    return texts(upward), texts(downward)


def two(tmp_path: Path, old: dict[str, str], new: dict[str, str], name: str = "shop") -> Path:
    """Two releases of one application, 1.0.0 and 1.1.0; gives the new one."""
    release(tmp_path / "old", **{name: App("1.0.0", old)})
    return release(tmp_path / "new", **{name: App("1.1.0", new)})
