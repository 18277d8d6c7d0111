"""systemd's own tools make the users and folders of a machine below a root, and the plan has nothing to add to them."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from station.fleet import Fleet
from station.hosts.rendering import HostFiles, render
from station.hosts.rendering.found import look
from station.hosts.rendering.plan import Change, plan

TOOLS = [shutil.which("systemd-sysusers"), shutil.which("systemd-tmpfiles")]
pytestmark = pytest.mark.skipif(os.getuid() != 0 or None in TOOLS, reason="needs root, and Debian's package systemd")

PEOPLE = "daseme:x:1001:1001::/home/daseme:/bin/bash\njellee26:x:1002:1002::/home/jellee26:/bin/bash\n"
DJG = "djg:x:1003:1003::/home/djg:/bin/bash\n"


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "") or all(
        line.startswith("Creating ") for line in done.stderr.splitlines()
    ), done.stderr


@pytest.fixture(params=["pi-ctv", "pi2", "pi-vision"])
def made(office: Fleet, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[HostFiles, Path]:
    """A machine after the files were written and the two tools ran, nothing else."""
    # a group that this machine has too, with the same number: the tool looks up who is in an access list here
    fleet = replace(office, team=replace(office.team, group="users"))
    wanted = render(fleet, fleet.hosts[request.param])
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n" + PEOPLE + DJG)
    (tmp_path / "etc/group").write_text("root:x:0:\ndaseme:x:1001:\njellee26:x:1002:\ndjg:x:1003:\nusers:x:100:\n")
    for person in ("daseme", "jellee26", "djg"):
        (tmp_path / "home" / person).mkdir(parents=True)
    for path, file in wanted.files.items():
        place = tmp_path / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.text)
        place.chmod(file.mode)
    for tool in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
        run(*tool, f"--root={tmp_path}", "station.conf")
    return wanted, tmp_path


def changes(made: tuple[HostFiles, Path], *kinds: str) -> list[Change]:
    wanted, root = made
    return [change for change in plan("it", wanted, look(wanted, root)).changes if change.kind in kinds]


def test_users_groups_folders_and_files_are_as_they_should_be(made: tuple[HostFiles, Path]) -> None:
    assert changes(made, "user", "group", "folder", "file") == []


def test_all_that_is_left_are_members_secrets_and_units(made: tuple[HostFiles, Path]) -> None:
    wanted, _ = made
    members = sorted((change.name, change.detail) for change in changes(made, "members"))
    joins = ("+ daseme", "+ jellee26")
    assert members == [("systemd-journal", joins), ("users", joins)]
    assert [change.name for change in changes(made, "secret")] == [one.path for one in wanted.needed]


def test_the_tools_mend_what_somebody_changed(made: tuple[HostFiles, Path]) -> None:
    _, root = made
    (root / "var/lib/station").chmod(0o777)
    os.chown(root / "var/log/station", 1001, 1001)
    assert [change.name for change in changes(made, "folder")] == ["/var/lib/station", "/var/log/station"]
    run("systemd-tmpfiles", "--create", f"--root={root}", "station.conf")
    assert changes(made, "folder") == []


@pytest.mark.parametrize("made", ["pi-ctv", "pi2"], indirect=True)
def test_whatever_the_umask_a_developers_file_can_be_written_by_the_others(made: tuple[HostFiles, Path]) -> None:
    wanted, root = made
    code = root / "opt/apps/ctv-bookedbiz-db/releases"
    assert look(wanted, root).paths["/opt/apps/ctv-bookedbiz-db/releases"].inherited
    before = os.umask(0o077)
    try:
        (code / "new.py").write_text("")
    finally:
        os.umask(before)
    assert (code / "new.py").stat().st_mode & 0o060 == 0o060
