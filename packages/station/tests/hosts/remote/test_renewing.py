"""Which services run another Control Station than the one that counts."""

from pathlib import Path

import pytest

from station.errors import StationError
from station.hosts.remote.renewing import choose, installed, outdated


@pytest.fixture
def venvs(tmp_path: Path) -> Path:
    folder = tmp_path / "venvs"
    for name in ("one", "two", "half"):
        (folder / name / "bin").mkdir(parents=True)
        if name != "half":
            (folder / name / ".whole").touch()
    (folder / "current").symlink_to("two")
    return folder


@pytest.fixture
def runs(tmp_path: Path, venvs: Path):
    """Lets a process run a Control Station in a control group."""

    def run(pid: int, name: str, group: str) -> None:
        process = tmp_path / "proc" / str(pid)
        process.mkdir(parents=True)
        process.joinpath("cmdline").write_text(f"{venvs}/{name}/bin/python\0{venvs}/current/bin/station\0agent\0")
        process.joinpath("cgroup").write_text(f"0::{group}\n")

    return run


def test_what_runs_an_older_one_is_restarted_and_jobs_may_end(tmp_path: Path, venvs: Path, runs) -> None:
    runs(1, "one", "/system.slice/station-agent.service")
    runs(2, "two", "/system.slice/station-page.service")
    runs(3, "one", "/system.slice/system-notes\\x2dcopy.slice/notes-copy@2026.service")
    runs(4, "one", "/user.slice/user-0.slice/session-1.scope")
    runs(5, "one", "/system.slice/notes-points.service")
    assert outdated(venvs, tmp_path / "proc") == ["notes-points.service", "station-agent.service"]


def test_only_a_whole_one_can_be_chosen(venvs: Path) -> None:
    assert sorted(installed(venvs)) == ["one", "two"]
    choose("one", venvs)
    assert (venvs / "current").readlink() == Path("one")
    with pytest.raises(StationError, match="no whole Control Station half"):
        choose("half", venvs)
    assert (venvs / "current").readlink() == Path("one")
