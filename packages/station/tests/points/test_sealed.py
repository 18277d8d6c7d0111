"""Sealed, then sent: after a cut or a kill the very same bytes go on, though the database has changed meanwhile."""

import hashlib
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from station.errors import LeaseLost, StoreError
from station.points.catalog import list_points
from station.points.publish import Contested
from station.points.restore import restore
from station.points.taker import PointTaker
from station.points.target import Rules
from station.sqlite.scan import scan_database, scan_file

FORK = multiprocessing.get_context("fork")


class Cut:
    """The bench's store, with a line that is cut, or a process that is killed, before or after a call."""

    def __init__(self, bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[str] = []
        self._bench = bench
        for name in ("create", "put"):
            monkeypatch.setattr(bench.store, name, self._watched(getattr(bench.store, name)))
        self.before: Callable[[str], None] = lambda key: None

    def _watched(self, real: Callable[[str, Path | bytes], None]) -> Callable[[str, Path | bytes], None]:
        def call(key: str, source: Path | bytes) -> None:
            self.before(key)
            self.sent.append(key.rpartition("/")[2])
            real(key, source)

        return call

    def at(self, ending: str) -> None:
        """From now on the line is dead for keys with that ending."""

        def check(key: str) -> None:
            if key.endswith(ending):
                raise StoreError("The line is cut")

        self.before = check

    def mended(self) -> None:
        self.sent.clear()
        self.before = lambda key: None


@pytest.fixture(params=["plain", "delta"])
def line(bench: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Cut:
    bench.rules = Rules(encoding=request.param)
    return Cut(bench, monkeypatch)


def sealed_bytes(bench: Any) -> str:
    (file,) = (bench.state / "outbox").glob("*.sealed")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def restores(bench: Any, number: int) -> str:
    point = list_points(bench.store, bench.identity)[number]
    target = bench.folder / f"restored-{point.chain}-{point.seq}.db"
    restore(bench.store, point, target)
    return scan_file(target).digest


@pytest.mark.parametrize("is_base", [True, False])
def test_a_new_process_sends_the_very_bytes_that_were_cut_and_then_what_changed(
    bench: Any, line: Cut, is_base: bool
) -> None:
    if not is_base:
        bench.take_once()
        bench.add_rows(3)
    then = scan_database(bench.database).digest
    line.at(".zst" if is_base or bench.rules.encoding == "plain" else ".delta")
    with pytest.raises(StoreError, match="cut"):
        bench.take_once()
    sealed = sealed_bytes(bench)
    bench.add_rows(30)
    line.mended()
    last = bench.take_once()
    points = list_points(bench.store, bench.identity)
    assert points[-2].object_sha256 == sealed and points[-1] == last
    assert (restores(bench, -2), restores(bench, -1)) == (then, scan_database(bench.database).digest)
    assert list((bench.state / "outbox").iterdir()) == []


def test_the_same_process_sends_it_again_too(bench: Any, line: Cut) -> None:
    with bench.taker() as taker:
        bench.take(taker)
        bench.add_rows(3)
        line.at("000001.json")
        with pytest.raises(StoreError):
            bench.take(taker)
        sealed = sealed_bytes(bench)
        bench.add_rows(3)
        line.mended()
        bench.take(taker)
    assert [point.seq for point in list_points(bench.store, bench.identity)] == [0, 1, 2]
    assert list_points(bench.store, bench.identity)[1].object_sha256 == sealed
    assert restores(bench, -1) == scan_database(bench.database).digest


@pytest.mark.parametrize("key", ["base.db.zst", "restore.sh", "000000.json", "newest"])
def test_a_process_killed_at_any_call_of_the_store_leaves_what_the_next_one_sends(
    bench: Any, line: Cut, key: str
) -> None:
    then = scan_database(bench.database).digest

    def die(called: str) -> None:
        if called.endswith(key):
            os.kill(os.getpid(), signal.SIGKILL)

    line.before = die
    process = FORK.Process(target=bench.take_once)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    line.mended()
    bench.add_rows(3)
    bench.take_once()
    assert [point.seq for point in list_points(bench.store, bench.identity)] == [0, 1]
    assert (restores(bench, 0), restores(bench, 1)) == (then, scan_database(bench.database).digest)
    assert list((bench.state / "outbox").iterdir()) == []


def test_a_large_object_that_the_store_has_is_not_sent_again(bench: Any, line: Cut) -> None:
    bench.add_rows(400, 4000)  # not even when one piece could hold it: over a bad line it would never end
    line.at("000000.json")
    with pytest.raises(StoreError):
        bench.take_once()
    line.mended()
    bench.take_once()
    assert "base.db.zst" not in line.sent and "000000.json" in line.sent
    assert restores(bench, 0) == scan_database(bench.database).digest


def test_a_large_object_that_somebody_took_away_is_sent_again(bench: Any, line: Cut) -> None:
    bench.add_rows(400, 4000)
    line.at("000000.json")
    with pytest.raises(StoreError):
        bench.take_once()
    line.mended()
    for file in bench.store.path.rglob("base.db.zst"):
        file.unlink()
    bench.take_once()
    assert restores(bench, 0) == scan_database(bench.database).digest


@pytest.mark.parametrize(
    ("what", "left"),
    [("emptied", [0]), ("pruned", [0]), ("of another epoch", [0, 0]), ("damaged here", [0, 1])],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_sealed_is_dropped_when_it_cannot_follow_any_more(
    bench: Any, line: Cut, what: str, left: list[int]
) -> None:
    first = bench.take_once()
    bench.add_rows(3)
    line.at("000001.json")
    with pytest.raises(StoreError):
        bench.take_once()
    line.mended()
    if what == "emptied":
        shutil.rmtree(bench.store.path)
        bench.store.initialise()
    elif what == "pruned":
        bench.store.delete(first.record_key)
    elif what == "of another epoch":
        bench.epoch = 2
    else:
        (file,) = (bench.state / "outbox").glob("*.sealed")
        file.write_bytes(file.read_bytes()[:-1])
    with bench.taker() as taker:
        if what == "damaged here":  # what lies there is another's for a minute: he may be about to record it
            with suppress(Contested):
                bench.take(taker)
            bench.later(60)
        bench.take(taker)
    assert [point.seq for point in list_points(bench.store, bench.identity)] == left
    assert restores(bench, -1) == scan_database(bench.database).digest
    assert list((bench.state / "outbox").iterdir()) == []


def test_a_lost_lease_drops_it(bench: Any, line: Cut) -> None:
    def lost() -> None:
        raise LeaseLost("pi2 is primary")

    with bench.taker() as taker, pytest.raises(LeaseLost):
        taker.take(1, bench.now, still_ours=lost)
    assert list((bench.state / "outbox").iterdir()) == []


def test_of_two_stations_that_run_as_one_host_the_slower_is_refused(bench: Any, line: Cut) -> None:
    bench.take_once()
    bench.add_rows(3)
    twin = bench.folder / "twin"
    shutil.copytree(bench.state, twin)
    theirs = []

    def is_quicker(key: str) -> None:
        line.mended()
        with PointTaker(bench.database, bench.identity, bench.store, twin, "pi-ctv") as taker:
            theirs.append((bench.take(taker), bench.object_file(taker.last).read_bytes()))

    line.before = is_quicker
    with pytest.raises(LeaseLost, match="another writer"):
        bench.take_once()
    ((point, content),) = theirs
    assert point.seq == 1 and bench.object_file(point).read_bytes() == content
    assert restores(bench, -1) == point.digest
