"""A store that is full says so, lists nothing that is not whole, and gets the rest when there is room again."""

from collections.abc import Callable
from typing import Any

import pytest

from station.errors import StoreError
from station.points.catalog import list_points
from station.points.mirror import Mirror
from station.points.restore import restore
from station.points.target import Rules
from station.points.verify import verify
from station.sqlite.scan import scan_database, scan_file

KINDS = ["directory", "dropbox", "s3", "sftp"]
FULL = "full|No space left|Failure"


def holds_the_database(bench: Any) -> bool:
    """Whether the newest point is the database as it is, all of the store is whole, and nothing waits."""
    target = bench.folder / "restored.db"
    target.unlink(missing_ok=True)
    restore(bench.store, list_points(bench.store, bench.identity)[-1], target)
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))
    assert list((bench.state / "outbox").iterdir()) == []
    return bool(scan_file(target).digest == scan_database(bench.database).digest)


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_copy_that_has_no_room_is_not_listed_and_goes_on_when_it_has(
    bench: Any, remote: Callable[..., Any], kind: str
) -> None:
    bench.add_rows(1000, 4000)
    far = remote(kind, size_bytes=16 << 20)
    before = far.sent()
    far.fill(leave_bytes=2 << 20)
    for _ in range(3):
        with pytest.raises(StoreError, match=FULL) as told:
            bench.take_once()
        assert told.value.hint
        assert list_points(bench.store, bench.identity) == []
        assert Mirror(bench.folder / "pi2", bench.store, bench.identity).catch_up() is None
    far.make_room()
    bench.add_rows(3)
    bench.store = far.open()
    bench.take_once()
    base, change = list_points(bench.store, bench.identity)
    assert (base.seq, change.seq) == (0, 1)
    if kind != "directory":  # to a disk of this host it is copied again, not sent
        assert far.sent() - before < 1.3 * base.object_bytes, "it was sent in vain, or started over"
    assert holds_the_database(bench)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", ["plain", "delta"])
def test_a_change_that_has_no_room_leaves_what_is_there_alone(
    bench: Any, remote: Callable[..., Any], kind: str, encoding: str
) -> None:
    bench.rules = Rules(encoding=encoding)
    far = remote(kind, size_bytes=8 << 20)
    bench.take_once()
    (base,) = list_points(bench.store, bench.identity)
    far.fill(leave_bytes=0)
    with bench.taker() as taker:
        for _ in range(3):
            bench.add_rows(20)
            with pytest.raises(StoreError, match=FULL):
                bench.take(taker)
        assert list_points(bench.store, bench.identity) == [base]
        restore(bench.store, base, bench.folder / "meanwhile.db")
        far.make_room()
        bench.take(taker)
    assert [point.seq for point in list_points(bench.store, bench.identity)] == [0, 1, 2]
    assert holds_the_database(bench)


@pytest.mark.parametrize("kind", ["directory", "sftp"])
def test_a_disk_that_has_room_for_an_object_and_not_for_its_record_lists_nothing_half(
    bench: Any, remote: Callable[..., Any], kind: str
) -> None:
    far = remote(kind, size_bytes=2 << 20)
    seen = set()
    for leave_bytes in range(0, 128 << 10, 4 << 10):
        far.fill(leave_bytes)
        taken = None
        try:
            taken = bench.take_once()
        except StoreError as why:
            assert why.hint
        far.make_room()
        seen.add(frozenset(entry.key.rpartition("/")[2] for entry in bench.store.list()))
        for point in list_points(bench.store, bench.identity):
            restore(bench.store, point, bench.folder / f"restored-{leave_bytes}.db")
        if taken is not None:
            break
    assert taken is not None and {frozenset(), frozenset({"base.db.zst"})} < seen
    bench.add_rows(3)
    bench.take_once()
    assert holds_the_database(bench)
