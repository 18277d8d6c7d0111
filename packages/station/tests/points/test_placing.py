"""Files that come into somebody else's folder: whose they are, and moves to another file system."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from station.errors import StationError
from station.points.placing import Owner, hand_over, make_folder, move, owner_named
from station.sqlite.scan import scan_file

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
APP = Owner(12345, 12346)


def whose(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


@needs_root
def test_a_released_mirror_is_the_apps_and_so_is_the_folder_that_was_made_for_it(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    target = bench.folder / "data" / "below" / "bookedbiz.db"
    bench.mirror.release(target, APP)
    assert whose(target) == (12345, 12346, 0o640)
    assert [whose(folder)[:2] for folder in (target.parent, target.parent.parent)] == [(12345, 12346)] * 2
    assert whose(bench.folder)[0] == 0


@needs_root
def test_a_mirror_that_is_released_to_another_disk_is_the_apps_too(bench: Any, another_disk: Path) -> None:
    taken = bench.take_once()
    bench.mirror.catch_up()
    target = another_disk / "bookedbiz.db"
    bench.mirror.release(target, APP)
    assert whose(target) == (12345, 12346, 0o640)
    assert scan_file(target).digest == taken.digest and not bench.mirror.file.exists()


@needs_root
def test_a_file_that_moves_to_another_disk_keeps_owner_and_mode(tmp_path: Path, another_disk: Path) -> None:
    source = tmp_path / "a.db"
    source.write_bytes(b"rows")
    hand_over(source, Owner(12345, 12346, 0o604))
    move(source, another_disk / "a.db")
    assert whose(another_disk / "a.db") == (12345, 12346, 0o604) and not source.exists()


def test_what_an_app_put_in_the_way_is_not_written_through(tmp_path: Path, another_disk: Path) -> None:
    source, others = tmp_path / "a.db", tmp_path / "others"
    source.write_bytes(b"rows")
    others.write_bytes(b"untouched")
    (another_disk / ".a.db.arriving").symlink_to(others)
    move(source, another_disk / "a.db")
    assert others.read_bytes() == b"untouched" and (another_disk / "a.db").read_bytes() == b"rows"


def test_a_link_is_not_given_away(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "others")
    with pytest.raises(OSError, match="symbolic"):
        hand_over(tmp_path / "link", APP)


def test_a_folder_that_is_there_stays_whose_it_is(tmp_path: Path) -> None:
    before = whose(tmp_path)
    make_folder(tmp_path, APP)
    assert whose(tmp_path) == before


def test_an_account_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StationError, match="no user nobody-of-that-name"):
        owner_named("nobody-of-that-name")
