"""What would change on a machine, seen on real files below a folder; and what is never shown."""

import json
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from station.cli import main
from station.errors import StationError
from station.fleet import Fleet
from station.hosts.rendering import HostFiles, memory, render
from station.hosts.rendering.found import look
from station.hosts.rendering.hiding import hidden, short
from station.hosts.rendering.plan import Change, Plan, plan

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root: files get other owners")

MORE = """
user = "nota"
[apps.notes.dev]
user = "ann"
[team]
members = ["ann", "ben"]
"""
MORE_APP = '[secrets]\ntoken = "generate"\n'
UIDS = {"root": 0, "station": 901, "nota": 902, "apps-deploy": 903, "ann": 1001, "ben": 1002}
PASSWD = """root:x:0:0:root:/root:/bin/bash
station:x:901:901::/var/lib/station:/usr/sbin/nologin
nota:x:902:902::/var/lib/notes:/usr/sbin/nologin
ann:x:1001:1001::/home/ann:/bin/bash
ben:x:1002:1002::/home/ben:/bin/bash
"""
GROUP = """root:x:0:
station:x:901:
nota:x:902:
apps-deploy:x:903:ann,ben
systemd-journal:x:904:ann,ben
ann:x:1001:
ben:x:1002:
"""
WEB = "/etc/systemd/system/notes-web.service"


class Machine:
    """A machine's files below a folder, as they are once everything wanted is there."""

    def __init__(self, fleet: Fleet, root: Path) -> None:
        self.wanted = render(fleet, fleet.hosts["pi1"])
        self.root = root
        self.write("/etc/passwd", PASSWD)
        self.write("/etc/group", GROUP)
        for person in ("ann", "ben"):
            self.at(f"/home/{person}").mkdir(parents=True)
        for path, folder in self.wanted.folders.items():
            self.at(path).mkdir(parents=True, exist_ok=True)
            if folder.inherited:
                os.setxattr(self.at(path), "system.posix_acl_default", _list())
            self.give(path, folder.mode, folder.owner, folder.group)
        for one in self.wanted.needed:
            self.write(one.path, "hunter2\n", one.mode)
        for path, file in self.wanted.files.items():
            self.write(path, file.text, file.mode)
        for unit in self.wanted.enable:
            self.link(f"/etc/systemd/system/multi-user.target.wants/{unit}", f"/etc/systemd/system/{unit}")
        for unit in self.wanted.for_users:
            self.link(f"/etc/systemd/user/default.target.wants/{unit}", f"/etc/systemd/user/{unit}")
        for unit in self.wanted.retire:
            self.link(f"/etc/systemd/system/{unit}", "/dev/null")
        for user in self.wanted.linger:
            self.write(f"/var/lib/systemd/linger/{user}", "")
        self.remember(memory.memory_of(self.wanted))

    def at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).write_text(text, encoding="utf-8")
        self.give(path, mode, "root", "root")

    def give(self, path: str, mode: int, owner: str, group: str) -> None:
        os.chown(self.at(path), UIDS[owner], UIDS[group])
        self.at(path).chmod(mode)

    def link(self, path: str, target: str) -> None:
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).symlink_to(target)

    def remember(self, known: memory.Memory) -> None:
        self.write(memory.PLACE, memory.written(known))

    def plan(self, wanted: HostFiles | None = None) -> Plan:
        wanted = wanted or self.wanted
        return plan("pi1", wanted, look(wanted, self.root))

    def only_change(self) -> Change:
        [change] = self.plan().changes
        return change


def _list() -> bytes:
    """The access list that code has, as the kernel keeps it."""
    entries = [(0x01, 7, 2**32 - 1), (0x04, 7, 2**32 - 1), (0x08, 7, 903), (0x10, 7, 2**32 - 1), (0x20, 5, 2**32 - 1)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.fixture
def machine(machines: Callable[..., Fleet], tmp_path: Path) -> Machine:
    fleet = machines(f'{MORE}[hosts.pi3]\naddress = "pi3"\nretire = ["old.service"]\n', MORE_APP)
    return Machine(fleet, tmp_path / "root")


def test_a_machine_that_has_everything_has_nothing_to_do(machine: Machine) -> None:
    assert machine.plan().changes == ()


def test_an_empty_machine_gets_everything(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = plan("pi1", machine.wanted, look(machine.wanted, tmp_path / "empty"))
    added = {change.name for change in found.changes if change.kind == "file"}
    assert added == machine.wanted.files.keys()
    assert {change.action for change in found.changes} == {"add", "change", "enable"}
    assert [change.name for change in found.changes if change.kind == "secret"] == ["/etc/notes/credentials/token"]


def test_what_somebody_changed_in_a_file_shows_as_a_diff(machine: Machine) -> None:
    text = machine.at(WEB).read_text().replace("RestartSec=2", "RestartSec=99")
    machine.write(WEB, text)
    change = machine.only_change()
    assert (change.kind, change.name, change.action) == ("file", WEB, "change")
    assert change.detail == ("somebody changed it by hand",)
    assert "\n-RestartSec=99\n+RestartSec=2\n" in change.diff


def test_a_file_that_was_there_before_us_is_told_as_such(machine: Machine) -> None:
    machine.write(WEB, "[Service]\nExecStart=/bin/other\n")
    machine.remember(memory.Memory())
    assert machine.only_change().detail == ("it was there before and is not ours: it will be kept aside",)


def test_mode_and_owner_of_a_file_are_part_of_it(machine: Machine) -> None:
    machine.give("/etc/notes/notes.env", 0o644, "nota", "root")
    assert machine.only_change().detail == ("mode 0644 -> 0600", "owner nota -> root")
    assert machine.only_change().diff == ""


def test_a_folder_that_others_can_write_to_is_named(machine: Machine) -> None:
    machine.give("/var/lib/notes", 0o777, "nota", "apps-deploy")
    change = machine.only_change()
    assert (change.kind, change.name) == ("folder", "/var/lib/notes")
    assert change.detail == ("mode 0777 -> 0750", "group apps-deploy -> nota")


def test_an_access_list_that_is_gone_is_named(machine: Machine) -> None:
    os.removexattr(machine.at("/opt/apps/notes"), "system.posix_acl_default")
    change = machine.only_change()
    assert change.name == "/opt/apps/notes"
    assert change.detail[0].startswith("inherited rights none -> user::rwx,group::rwx,group:apps-deploy:rwx,")


def test_a_file_in_place_of_a_folder_is_named(machine: Machine) -> None:
    machine.at("/opt/apps/notes/releases").rmdir()
    machine.at("/opt/apps/notes/releases").symlink_to("/tmp")
    assert machine.only_change().detail[0] == "it is a link"


def test_who_joins_and_who_leaves_the_group_is_told(machine: Machine) -> None:
    machine.write("/etc/group", GROUP.replace("ann,ben", "ann,eve", 1))
    change = machine.only_change()
    assert (change.kind, change.name, change.detail) == ("members", "apps-deploy", ("+ ben", "- eve"))


def test_a_runtime_user_who_can_sign_in_is_told(machine: Machine) -> None:
    machine.write("/etc/passwd", PASSWD.replace("/var/lib/notes:/usr/sbin/nologin", "/var/lib/notes:/bin/bash"))
    change = machine.only_change()
    assert (change.kind, change.name) == ("user", "nota")
    assert change.detail == ("shell /bin/bash -> /usr/sbin/nologin",)


def test_units_that_do_not_start_by_themselves_are_told(machine: Machine) -> None:
    machine.at("/etc/systemd/system/multi-user.target.wants/notes-web.service").unlink()
    machine.at("/etc/systemd/user/default.target.wants/notes-dev.service").unlink()
    machine.at("/var/lib/systemd/linger/ann").unlink()
    told = [(change.kind, change.name, change.action) for change in machine.plan().changes]
    assert told == [
        ("unit", "notes-web.service", "enable"),
        ("unit", "notes-dev.service", "enable"),
        ("linger", "ann", "add"),
    ]


def test_a_unit_of_former_days_is_retired_until_it_is_masked(machines: Callable[..., Fleet], tmp_path: Path) -> None:
    fleet = machines('[hosts.pi3]\naddress = "pi3"\nretire = ["old.service"]\n')
    wanted = render(fleet, fleet.hosts["pi3"])
    old = tmp_path / "root/etc/systemd/system/old.service"
    old.parent.mkdir(parents=True)
    old.write_text("[Service]\n")
    retire = [
        change for change in plan("pi3", wanted, look(wanted, tmp_path / "root")).changes if change.name == old.name
    ]
    assert [change.action for change in retire] == ["retire"]
    old.unlink()
    old.symlink_to("/lib/systemd/system/old.service")
    assert any(change.name == old.name for change in plan("pi3", wanted, look(wanted, tmp_path / "root")).changes)
    old.unlink()
    old.symlink_to("/dev/null")
    again = plan("pi3", wanted, look(wanted, tmp_path / "root")).changes
    assert not any(change.name == old.name for change in again)


def test_only_what_an_earlier_rendering_left_is_removed(machine: Machine) -> None:
    known = memory.memory_of(machine.wanted)
    for name in ("ours", "theirs"):
        machine.write(f"/etc/systemd/system/{name}.service", "[Service]\n")
    ours = "/etc/systemd/system/ours.service"
    machine.remember(memory.Memory({**known.files, ours: memory.digest(b"[Service]\n")}, known.enabled))
    change = machine.only_change()
    assert (change.kind, change.name, change.action, change.detail) == ("file", ours, "remove", ())
    machine.write(ours, "[Service]\nNice=5\n")
    assert machine.only_change().detail == ("somebody changed it by hand",)


def test_a_unit_that_is_wanted_no_more_is_disabled(machine: Machine) -> None:
    known = memory.memory_of(machine.wanted)
    machine.remember(memory.Memory(known.files, (*known.enabled, "gone.service")))
    machine.link("/etc/systemd/system/timers.target.wants/gone.service", "/etc/systemd/system/gone.service")
    change = machine.only_change()
    assert (change.name, change.action) == ("gone.service", "disable")


def test_a_list_of_rendered_files_that_is_none_is_refused(machine: Machine) -> None:
    machine.write(memory.PLACE, '{"version": 2, "files": {}, "enabled": []}')
    with pytest.raises(StationError, match="it is of version 2"):
        machine.plan()
    machine.write(memory.PLACE, "[]")
    with pytest.raises(StationError, match="it is no list of rendered files"):
        machine.plan()
    assert memory.read(memory.written(memory.memory_of(machine.wanted))) == memory.memory_of(machine.wanted)


def test_a_secret_is_made_once_and_never_shown(machine: Machine) -> None:
    place = machine.at("/etc/notes/credentials/token")
    place.chmod(0o644)
    assert machine.only_change().detail == ("mode 0644 -> 0600",)
    assert "hunter2" not in json.dumps([change.__dict__ for change in machine.plan().changes])
    place.unlink()
    assert machine.only_change().detail == ("notes: it will be made", "0600 root:root")


def test_of_the_file_with_variables_no_value_is_shown_and_a_change_is(machine: Machine) -> None:
    there = machine.at("/etc/notes/notes.env").read_text()
    shown = []
    for value in ("hunter2", "hunter3"):
        machine.write("/etc/notes/notes.env", f"{there}DROPBOX_APP=hunter1\nDATABASE_PATH={value}\n", 0o600)
        shown.append(machine.only_change().diff)
    assert "hunter" not in shown[0] + shown[1]
    assert "-DATABASE_PATH=(hidden, #" in shown[0]
    assert shown[0] != shown[1]


SECRETS = [
    "Environment=DROPBOX_APP_SECRET=hunter2",
    'Environment="SLACK_WEBHOOK_URL=hunter2"',
    "ExecStart=/bin/mount -t cifs //a/b /mnt -o username=x,password='hunter2',vers=2.0",
    "ExecStart=/bin/x --token=hunter2",
    'ExecStart=/bin/x --api-key "hunter2" --password: hunter2',
    "ExecStart=/usr/bin/curl https://me:hunter2@example.com/",
]


@pytest.mark.parametrize("line", SECRETS)
def test_what_looks_like_a_secret_is_hidden_in_any_file(line: str) -> None:
    assert "hunter2" not in hidden(line, secret=False)
    assert "(hidden, #" in hidden(line, secret=False)


PLAIN = [
    "LoadCredential=token:/etc/notes/credentials/token",
    "Options=credentials=/etc/station/cifs/drive,uid=notes",
    "ExecStart=/opt/venvs/notes/current/bin/notes serve",
    "# A comment about a password.",
]


@pytest.mark.parametrize("line", PLAIN)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert hidden(line, secret=False) == line


def test_the_digest_changes_with_what_is_there_and_with_what_is_wanted(machine: Machine) -> None:
    digests = {machine.plan().digest}
    for colour in ("red", "green"):
        machine.write(WEB, f"# {colour}\n")
        digests.add(machine.plan().digest)
        assert machine.plan().digest == machine.plan().digest
    assert len(digests) == 3


def test_the_digest_tells_two_secrets_apart_that_look_the_same(machine: Machine) -> None:
    """Four digits are shown of a value's hash: of so many values two have the same."""
    seen: dict[str, str] = {}
    twins = next(
        (seen[short(f"{n}")], f"{n}")
        for n in range(10_000)
        if short(f"{n}") in seen or seen.update({short(f"{n}"): f"{n}"})
    )
    there = machine.at("/etc/notes/notes.env").read_text()
    plans = []
    for value in twins:
        machine.write("/etc/notes/notes.env", f"{there}X={value}\n", 0o600)
        plans.append(machine.plan())
    assert plans[0].changes[0].diff == plans[1].changes[0].diff
    assert plans[0].digest != plans[1].digest


@pytest.fixture
def command(machine: Machine, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    def run(*words: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main.run(["--fleet", str(tmp_path / "fleet.toml"), *map(str, words)])
        shown = capfd.readouterr()
        return code, shown.out, shown.err

    return run


def test_the_command_tells_by_its_exit_code_whether_there_is_something_to_do(command, machine: Machine) -> None:
    code, out, _ = command("plan", "pi1", "--root", machine.root)
    assert (code, out.split(";")[0]) == (0, "pi1 has all that it should have")
    machine.write(WEB, "# red\n")
    code, out, _ = command("plan", "pi1", "--root", machine.root)
    assert code == 3
    assert out.startswith(f"~ file {WEB}: somebody changed it by hand\n    --- {WEB} (there)\n")
    assert out.splitlines()[-1].startswith("pi1 needs a change; nothing was changed; plan ")


def test_the_command_prints_one_object(command, machine: Machine) -> None:
    shutil.rmtree(machine.at("/etc/systemd"))
    code, out, _ = command("plan", "pi1", "--root", machine.root, "--json")
    said = json.loads(out)
    assert code == 3
    assert said.keys() == {"host", "changes", "digest"}
    assert {key for change in said["changes"] for key in change} == {"kind", "name", "action", "detail", "diff"}


def test_a_folder_host_has_no_plan(fleet: Fleet, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--fleet", str(fleet.path), "plan", "pi2"]) == 20
    assert "is the folder" in capfd.readouterr().err


def test_a_fleet_of_machines_is_not_started_in_folders(command) -> None:
    code, _, err = command("up")
    assert code == 20
    assert "pi1 is a machine" in err
