"""A process of each kind under a supervisor, upgraded and downgraded by OTP's own release_handler with an appup."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import library
from tests.support.beams import compile_file
from tests.support.samples import ROOT

if TYPE_CHECKING:
    from migrator.otp import Helper

SUPPORT = Path(__file__).parent / "support"

# sample: its module, the kind of process, what it is started on; its state before, upgraded, and downgraded again
KINDS = {
    "renamed_and_added": ("kv", "gen_server", "shop", "{state,shop,#{a=>1},[x]}", "{state,shop,#{a=>1},5000,0}"),
    "gen_statem": ("door", "gen_statem", '"1"', '{data,"1",2}', '{data,"1",2,3}'),
    "gen_statem_own": ("light", "gen_statem", "none", "{data,4}", "{data,4,undefined,0}"),
    "gen_fsm": ("phone", "gen_fsm", "7", "{line,7,ann}", "{line,7,0,ann}"),
    "gen_event": ("alarms", "gen_event", "[]", '{state,["hot"]}', '{state,["hot"],100,1}'),
    "special_process": ("ticker", "special", "60000", "{state,60000,17}", "{state,0,60000,17}"),
    "state_callback": ("printer", "special", "desk", "{state,desk,12}", "{state,desk,1000,12}"),
}
# Where it is not the state that it was before.
DOWN = {"renamed_and_added": "{state,shop,#{a=>1},[]}"}


def _application(folder: Path, version: str) -> None:
    modules = ",".join(module for module, *_ in KINDS.values())
    (folder / "plant.app").write_text(
        f'{{application, plant, [{{description, "all kinds"}}, {{vsn, "{version}"}}, {{modules, [{modules}]}},'
        " {registered, []}, {applications, [kernel, stdlib, sasl]}, {mod, {live_release, []}}]}.\n"
    )


def test_release_handler_upgrades_and_downgrades_every_kind(helper: Helper, tmp_path: Path) -> None:
    """The processes live on, their states are those of the new code, and after the downgrade those of the old code."""
    ebins = [tmp_path / f"plant-{version}" / "ebin" for version in ("1", "2")]
    for sample, (module, *_) in KINDS.items():
        for place, version in zip(ebins, ("v1", "v2"), strict=True):
            compile_file(ROOT / sample / version / f"{module}.erl", place)
        result = library.inject(helper, [ebins[0] / f"{module}.beam"], ebins[1] / f"{module}.beam")
        assert result.exit == 0
        library.write(result.injected)
    for place, version in zip(ebins, ("1", "2"), strict=True):
        _application(place, version)
    steps = ",".join(f"{{update, {module}, {{advanced, []}}}}" for module, *_ in KINDS.values())
    (ebins[1] / "plant.appup").write_text(f'{{"2", [{{"1", [{steps}]}}], [{{"1", [{steps}]}}]}}.\n')
    (tmp_path / "kinds.terms").write_text(
        "".join(
            f"{{{kind},{module},{argument},{before},{after},{DOWN.get(sample, before)}}}.\n"
            for sample, (module, kind, argument, before, after) in KINDS.items()
        )
    )
    tools = tmp_path / "tools"
    for source in (*SUPPORT.glob("live_*.erl"), ROOT / "state_callback" / "worker.erl"):
        compile_file(source, tools)
    done = subprocess.run(
        [shutil.which("erl") or "erl", "-noinput", "-pa", tools, "-run", "live_release", "main", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stdout + done.stderr
