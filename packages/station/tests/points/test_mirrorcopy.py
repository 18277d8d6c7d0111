"""A mirror is copied while it goes on, and the copy is one of its points."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from station.errors import Busy, Refused, StationError
from station.points import mirrorcopy, room
from station.points.mirrorcopy import copy_mirror, mirror_point
from station.sqlite.scan import check_integrity, scan_file


def test_the_copy_is_the_mirrors_point(bench: Any, tmp_path: Path) -> None:
    point = bench.take_once()
    bench.mirror.catch_up()
    assert mirror_point(bench.mirror.folder, "main") == point
    assert copy_mirror(bench.mirror.folder, "main", tmp_path / "copy.db") == point
    assert scan_file(tmp_path / "copy.db").digest == point.digest


def test_without_a_mirror_there_is_no_copy_and_nothing_is_left(bench: Any, tmp_path: Path) -> None:
    empty = tmp_path / "nothing"
    empty.mkdir()
    assert mirror_point(empty, "main") is None
    assert copy_mirror(empty, "main", tmp_path / "copy.db") is None
    assert not list(tmp_path.glob("copy.db*"))


def test_a_copy_takes_nobodys_place(bench: Any, tmp_path: Path) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    (tmp_path / "copy.db").write_text("somebody's")
    with pytest.raises(Refused, match="exists already"):
        copy_mirror(bench.mirror.folder, "main", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "somebody's"


def test_a_change_that_comes_meanwhile_is_taken_over(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the file is read, and afterwards, when the database has become smaller."""
    bench.add_rows(400)
    bench.take_once()
    bench.mirror.catch_up()
    whole = mirrorcopy._whole

    def change(sql: str) -> None:
        bench.sql(sql)
        bench.take_once()
        bench.mirror.catch_up()

    def meanwhile(*given: Any) -> bytearray:
        change("update spots set note = 'changed' where id = 7")
        hashes = whole(*given)
        change("delete from spots where id > 430; update spots set note = 'again' where id = 7; vacuum")
        return hashes

    monkeypatch.setattr(mirrorcopy, "_whole", meanwhile)
    monkeypatch.setattr(mirrorcopy, "LOOK_S", 0)
    point = copy_mirror(bench.mirror.folder, "main", tmp_path / "copy.db")
    assert point is not None
    assert scan_file(tmp_path / "copy.db").digest == point.digest
    assert (tmp_path / "copy.db").stat().st_size == point.page_count * point.page_size


def test_every_copy_beside_a_busy_mirror_is_whole(bench: Any, tmp_path: Path) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    copies = []
    ended = threading.Event()

    def copying() -> None:
        while not ended.is_set():
            target = tmp_path / f"{len(copies)}.db"
            copies.append((target, copy_mirror(bench.mirror.folder, "main", target)))

    reader = threading.Thread(target=copying)
    reader.start()
    until = time.monotonic() + 2
    while time.monotonic() < until:
        bench.add_rows(20)
        bench.sql("delete from spots where id % 7 = 0")
        bench.take_once()
        bench.mirror.catch_up()
    ended.set()
    reader.join()
    assert len(copies) > 2
    assert len({point.name for _, point in copies if point}) > 1
    for target, point in copies:
        assert point is not None
        assert scan_file(target).digest == point.digest
        assert check_integrity(target) is None


def test_a_copy_that_would_fill_the_disk_is_not_begun(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    monkeypatch.setattr(room, "SPARE_BYTES", 1 << 60)
    with pytest.raises(StationError, match="MB of room"):
        copy_mirror(bench.mirror.folder, "main", tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))


def test_a_mirror_that_is_not_what_it_says_is_not_copied(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    with bench.mirror.file.open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    monkeypatch.setattr(mirrorcopy, "LOOK_S", 0)
    with pytest.raises(Busy):
        copy_mirror(bench.mirror.folder, "main", tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))
