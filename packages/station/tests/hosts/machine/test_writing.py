"""Files put in place whole, closed from their first moment; nothing is followed, and nothing thrown away."""

import os
from pathlib import Path

import pytest

from station.hosts.machine.people import make_home
from station.hosts.machine.writing import keep_aside, mend, put, sweep, take_away
from station.hosts.rendering.files import File

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root: files get other owners")
OTHERS = File("", mode=0o640, owner="nobody", group="nogroup")


def rights(path: Path) -> tuple[str, str, str]:
    about = path.lstat()
    return f"{about.st_mode & 0o7777:o}", path.owner(), path.group()


def test_a_file_has_its_mode_and_owner_when_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    rename = Path.rename

    def looked(path: Path, target: Path) -> Path:
        seen.append((rights(path), path.read_bytes(), target.read_bytes()))
        return rename(path, target)

    (tmp_path / "x.env").write_bytes(b"old")
    monkeypatch.setattr(Path, "rename", looked)
    put(tmp_path / "x.env", b"new", OTHERS)
    assert seen == [(("640", "nobody", "nogroup"), b"new", b"old")]
    assert (tmp_path / "x.env").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["x.env"]


def test_a_file_is_closed_to_others_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    chown = os.fchown

    def looked(handle: int, user: int, group: int) -> None:
        seen.append(os.fstat(handle).st_mode & 0o777)
        chown(handle, user, group)

    monkeypatch.setattr(os, "fchown", looked)
    put(tmp_path / "secret", b"hunter2", File("", mode=0o600))
    assert seen == [0o600]


def test_a_link_in_place_of_a_file_is_replaced_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"theirs")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        mend(tmp_path / "link", OTHERS)
    put(tmp_path / "link", b"ours", OTHERS)
    assert (tmp_path / "target").read_bytes() == b"theirs"
    assert not (tmp_path / "link").is_symlink()
    assert rights(tmp_path / "target")[0] == "644"


def test_what_was_there_is_kept_with_its_rights_where_only_root_looks(tmp_path: Path) -> None:
    there = tmp_path / "etc" / "x.service"
    there.parent.mkdir()
    there.write_text("theirs")
    os.chown(there, 65534, 65534)
    kept = keep_aside(there, tmp_path / "aside", copy=True)
    assert (kept.read_text(), rights(kept)) == ("theirs", ("644", "nobody", "nogroup"))
    assert there.read_text() == "theirs"
    assert rights(tmp_path / "aside")[0] == "700"
    there.parent.joinpath("folder").mkdir()
    moved = keep_aside(there.parent / "folder", tmp_path / "aside")
    assert moved.is_dir()
    assert not (there.parent / "folder").exists()


def test_what_a_killed_run_left_beside_a_file_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(path: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            put(tmp_path / "x.env", b"new", OTHERS)
    assert len(list(tmp_path.iterdir())) == 1
    sweep([str(tmp_path / "x.env")])
    assert list(tmp_path.iterdir()) == []
    take_away(tmp_path / "x.env")


def test_a_home_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skeleton = tmp_path / "skel"
    (skeleton / "below").mkdir(parents=True)
    (skeleton / "below" / ".profile").write_text("x")
    make_home(tmp_path / "home" / "ann", 65534, 65534, skeleton)
    assert rights(tmp_path / "home" / "ann") == ("750", "nobody", "nogroup")
    assert rights(tmp_path / "home" / "ann" / "below" / ".profile")[1:] == ("nobody", "nogroup")
    (tmp_path / "home" / "ann" / "mine").write_text("")
    make_home(tmp_path / "home" / "ann", 0, 0, skeleton)
    assert (tmp_path / "home" / "ann" / "mine").exists()
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["ann"]
