"""This host's own disk is full, at any page of a restore, a point or a mirror: told, nothing lost, then it works."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.cluster.loop_report import HOST_DISK_ERRORS
from station.errors import StationError
from station.points import shadow
from station.points.catalog import list_points
from station.points.mirror import Mirror
from station.points.restore import restore
from station.points.target import Rules
from station.points.verify import verify
from station.sqlite.scan import scan_file

STEP = 4096
TOLD = (StationError, *HOST_DISK_ERRORS)  # what the loop tells, in words, and tries again


def rooms(most: int) -> Iterator[int]:
    """From no room at all, page by page."""
    return iter(range(0, most, STEP))


@pytest.fixture
def small(bench: Any, disk: Callable[[Path, int], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the host keeps about the database is on a small disk, the shadow too."""
    made = disk(bench.folder / "small", 4 << 20)
    monkeypatch.setattr(shadow, "SPARE_BYTES", 0)
    bench.state = made.path / "pi-ctv"
    return made


@pytest.mark.parametrize(("encoding", "fresh"), [("plain", False), ("delta", False), ("plain", True), ("delta", True)])
def test_a_point_is_taken_or_told_at_every_page_of_room(bench: Any, small: Any, encoding: str, fresh: bool) -> None:
    bench.rules = Rules(encoding=encoding)
    failures, taken = 0, []
    if not fresh:
        taken.append(bench.take_once())
    for room in rooms(160 << 10):
        bench.add_rows(3)
        bench.sql("update spots set note = note || '.' where id % 7 = 0")
        small.fill(room)
        try:
            made = bench.take_once()
        except TOLD as why:
            failures += 1
            assert str(why)
        else:
            taken += [made] if made else []  # None: it was there, and this host did not know it yet
        assert set(taken) <= set(list_points(bench.store, bench.identity))
        small.make_room()
        if failures % 3 == 2:  # more often than not the disk stays full
            failures += 1
            bench.take_once()
    bench.add_rows(3)
    last = bench.take_once()
    assert failures > 3 and bench.restores_to_now(last)
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))
    points = list_points(bench.store, bench.identity)
    assert len({point.chain for point in points}) == 1, "a full disk began a new chain"
    assert list((bench.state / "outbox").iterdir()) == []


def test_one_taker_goes_on_after_its_disk_was_full(bench: Any, small: Any) -> None:
    bench.rules = Rules(encoding="delta")
    failures = 0
    with bench.taker() as taker:
        bench.take(taker)
        for room in rooms(96 << 10):
            bench.add_rows(3)
            small.fill(room)
            try:
                bench.take(taker)
            except TOLD:
                failures += 1
            small.make_room()
        bench.add_rows(3)
        last = bench.take(taker)
    assert failures > 3 and bench.restores_to_now(last)
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))


@pytest.mark.parametrize("encoding", ["plain", "delta"])
def test_a_restore_without_room_says_so_and_leaves_nothing(
    bench: Any, disk: Callable[[Path, int], Any], encoding: str
) -> None:
    bench.rules = Rules(encoding=encoding)
    bench.take_once()
    bench.sql("update spots set note = 'changed'")
    bench.add_rows(40)
    point = bench.take_once()
    small = disk(bench.folder / "small", 1 << 20)
    target = small.path / "restored.db"
    failures = 0
    for room in rooms(128 << 10):
        small.fill(room)
        try:
            restore(bench.store, point, target)
        except StationError as why:
            assert "No space left" in why.message and "full" in why.hint
            failures += 1
            assert [file.name for file in small.path.iterdir() if not file.name.startswith(".")] == []
        small.make_room()
        if target.exists():
            break
    assert failures > 5 and scan_file(target).digest == point.digest


@pytest.mark.parametrize("encoding", ["plain", "delta"])
def test_a_mirror_without_room_stays_where_it_is_and_then_goes_on(
    bench: Any, disk: Callable[[Path, int], Any], encoding: str
) -> None:
    bench.rules = Rules(encoding=encoding)
    small = disk(bench.folder / "small", 4 << 20)
    first = bench.take_once()
    mirror = Mirror(small.path / "mirror", bench.store, bench.identity)
    failures, position = 0, None
    for room in rooms(256 << 10):
        small.fill(room)
        try:
            position = mirror.catch_up()
        except TOLD:
            failures += 1
        assert mirror.damage == []
        small.make_room()
        known = mirror.position
        assert known is None or position is None or known.seq >= position.seq, "the mirror went back"
        if room % (4 * STEP) == 0:
            bench.add_rows(3)
            bench.take_once()
    last = mirror.catch_up()
    mirror.prove()
    assert failures > 3 and last == list_points(bench.store, bench.identity)[-1]
    assert last.chain == first.chain
    with closing(apsw.Connection(str(mirror.file))) as copy:
        assert copy.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_a_database_whose_own_disk_is_full_still_gets_its_points(bench: Any, disk: Callable[[Path, int], Any]) -> None:
    small = disk(bench.folder / "small", 2 << 20)
    live = small.path / "live.db"
    live.write_bytes(bench.database.read_bytes())
    bench.database = live
    with closing(apsw.Connection(str(live))) as app:
        app.execute("pragma journal_mode = wal; update spots set note = 'x' where id = 1").fetchall()
        small.fill()
        with pytest.raises(apsw.Error):
            app.execute("update spots set bytes = randomblob(9000)").fetchall()
        assert bench.restores_to_now(bench.take_once())
