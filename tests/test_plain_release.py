"""A project without any state, one module with a typo: each step of a release and its upgrade, with what we write."""

from __future__ import annotations

from pathlib import Path

from tests.support.installed import installed
from tests.support.projects import start_project

PLAIN = Path(__file__).parents[1] / "releases" / "plain"
# Of the version in the configuration.
RELEASE = '{release, {plain, "0.1.0"}'


def test_each_step_from_one_version_to_the_next(tmp_path: Path, rebar3_tools: Path | None) -> None:
    """init, release, tar; appup, relup, tar; upgrade, versions, downgrade: all succeed, and nobody wrote an appup."""
    project = start_project(tmp_path, rebar3_tools)
    rel = project.folder / "_build" / "default" / "rel" / "plain"

    project.lay(PLAIN / "0.1.0")
    project.run("migrator", "init", "--write")
    project.run("rebar3", "release")
    project.run("rebar3", "tar")

    project.lay(PLAIN / "0.2.0")
    config = project.folder / "rebar.config"
    config.write_text(config.read_text().replace(RELEASE, RELEASE.replace("0.1.0", "0.2.0")))
    project.run("rebar3", "compile")
    project.run("migrator", "appup", "_build/default/rel/plain@0.1.0", "_build/default/lib")
    project.run("rebar3", "relup", "-n", "plain", "-v", "0.2.0", "-u", "0.1.0")
    project.run("rebar3", "tar", "-n", "plain", "-v", "0.2.0")

    with installed(tmp_path / "plain", "plain", rel / "plain-0.1.0.tar.gz", project.environment) as release:
        assert release.versions == {"0.1.0": "permanent"}
        assert release.evaluate("plain:hello().") == "'helo, world'"
        release.deliver(rel / "plain-0.2.0.tar.gz")
        release.bin("upgrade", "0.2.0")
        assert release.versions == {"0.2.0": "permanent", "0.1.0": "old"}
        assert release.evaluate("plain:hello().") == "'hello, world'"
        release.bin("downgrade", "0.1.0")
        assert release.versions == {"0.2.0": "old", "0.1.0": "permanent"}
        assert release.evaluate("plain:hello().") == "'helo, world'"
