"""What was changed by hand since the last apply, seen on real files; whatever the manifest says by now."""

import os
from pathlib import Path

import pytest

from station.errors import StationError
from station.hosts.machine.drift import drift
from station.hosts.rendering import memory, pending
from station.hosts.rendering.files import File, Folder, HostFiles, Needed

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root: whose a file is counts")

LEFT = HostFiles(
    files={
        "/etc/systemd/system/x.service": File("[Service]\nRestartSec=2\n"),
        "/etc/x/x.env": File("COLOUR=hunter1\n", mode=0o600, secret=True),
    },
    folders={"/var/lib/x": Folder(0o750)},
    groups={"devs": ("ann",)},
    managed=("devs",),
    needed=(Needed("/etc/x/key", "given", "a key"), Needed("/etc/x/token", "generate", "a token")),
    enable=("x.service",),
    retire=("old.service",),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine's files as an apply left them."""
    for path, text in {
        "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nann:x:1001:1001::/home/ann:/bin/bash\n",
        "etc/group": "root:x:0:\ndevs:x:900:ann\n",
        "etc/x/token": "t",
        **{path[1:]: file.text for path, file in LEFT.files.items()},
        memory.PLACE[1:]: memory.written(memory.memory_of(LEFT)),
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    for secret in ("etc/x/token", "etc/x/x.env"):
        (tmp_path / secret).chmod(0o600)
    (tmp_path / "var/lib/x").mkdir()
    (tmp_path / "var/lib/x").chmod(0o750)
    units = tmp_path / "etc/systemd/system"
    (units / "multi-user.target.wants").mkdir()
    (units / "multi-user.target.wants/x.service").symlink_to("/etc/systemd/system/x.service")
    (units / "old.service").symlink_to("/dev/null")
    return tmp_path


def test_a_machine_that_nobody_touched_has_not_drifted(root: Path) -> None:
    assert drift(root) == []  # a secret that a person has yet to write is no drift


def test_what_was_edited_is_shown_and_a_secret_is_not(root: Path) -> None:
    (root / "etc/systemd/system/x.service").write_text("[Service]\nRestartSec=99\n")
    (root / "etc/x/x.env").write_text("COLOUR=hunter2\n")
    unit, env = drift(root)
    assert "-RestartSec=99\n+RestartSec=2" in unit.diff
    assert (env.name, env.what, env.diff) == ("/etc/x/x.env", ("somebody changed it by hand",), "")


def test_everything_else_that_a_hand_can_change_is_told(root: Path) -> None:
    (root / "var/lib/x").chmod(0o777)
    (root / "etc/x/token").unlink()
    (root / "etc/group").write_text("root:x:0:\ndevs:x:900:eve\n")
    (root / "etc/systemd/system/old.service").unlink()
    (root / "etc/systemd/system/multi-user.target.wants/x.service").unlink()
    (root / "etc/systemd/system/x.service.d").mkdir()
    (root / "etc/systemd/system/x.service.d/override.conf").write_text("")
    told = {(one.kind, one.name): one.what for one in drift(root)}
    assert told[("folder", "/var/lib/x")] == ("mode 0777, was left as 0750",)
    assert told[("secret", "/etc/x/token")] == ("it is gone",)
    assert told[("members", "devs")] == ("ann was taken out of the group", "eve was put into the group")
    assert told[("unit", "old.service")][0].startswith("it came back")
    assert "somebody added /etc/systemd/system/x.service.d/override.conf" in told[("unit", "x.service")][0]
    assert len(told) == 5


def test_an_apply_that_was_cut_is_told(root: Path) -> None:
    (root / pending.PLACE[1:]).write_text(pending.written(pending.Pending({"/etc/y": "1"})))
    assert [one.name for one in drift(root)] == [pending.PLACE]


def test_without_an_apply_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(StationError, match="no apply has ever ended here"):
        drift(tmp_path)
