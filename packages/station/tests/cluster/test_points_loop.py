"""The loop with several stores, as a real process: one that is away, slow or hangs holds up no other, nor the end."""

import json
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.clock import utc_now
from station.cluster.content import Content
from station.cluster.lease import Lease
from station.cluster.loop_report import report_file
from station.cluster.points_loop import ENDING, NUDGE, listen, points_loop, waited
from station.cluster.roles import write_epoch
from station.errors import LeaseLost
from station.fleet import StoreSpec, load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET
from station.points.catalog import list_points
from station.points.point import DatabaseId, Point
from station.points.restore import restore
from station.points.verify import verify
from station.sqlite.scan import scan_database, scan_file
from station.stores.directory import DirectoryStore

FORK = multiprocessing.get_context("fork")
START = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
NOTES = DatabaseId("notes", "main")


class Yard:
    """An app with a first store, `disk`, and a second, `usb`; and the loop that takes its points."""

    def __init__(self, folder: Path) -> None:
        (folder / "fleet.toml").write_text(SMALLEST_FLEET + "[apps.notes.points]\nevery_s = 0.1\n")
        (folder / "notes").mkdir()
        (folder / "notes" / "app.toml").write_text(SMALLEST_APP)
        fleet = load_fleet(folder / "fleet.toml")
        self.folder = folder
        self.app, self.host = fleet.apps["notes"], fleet.hosts["pi1"]
        self.specs = [fleet.stores["disk"], StoreSpec("usb", "directory", folder / "usb")]
        self.disk, self.usb = (DirectoryStore(spec.name, spec.path) for spec in self.specs)
        for store in (self.disk, self.usb):
            store.initialise()
        self.lease = Lease(self.disk, "notes")
        self.lease.take("pi1", 0, "first start", START)
        write_epoch(self.host.paths.state("notes"), 1, START)
        self.file = self.host.paths.database("notes", self.app.databases["main"])
        self.file.parent.mkdir(parents=True)
        self.sql("pragma journal_mode = wal; create table t (a)")
        self.process: Any = None

    def start(self) -> None:
        self.process = FORK.Process(target=self._run)
        self.process.start()

    def _run(self) -> None:
        try:
            points_loop(self.app, self.host, self.specs, utc_now)
        except LeaseLost:
            os._exit(13)

    def end(self, number: int = signal.SIGTERM, within_s: float = 60) -> int:
        os.kill(self.process.pid, number)
        self.process.join(within_s)
        return self.process.exitcode

    def sql(self, script: str) -> None:
        with closing(apsw.Connection(str(self.file))) as writer:
            writer.set_busy_timeout(5000)
            writer.execute(script).fetchall()

    def write(self, size: int = 100) -> None:
        self.sql(f"insert into t values (randomblob({size}))")

    def points(self, store: DirectoryStore) -> list[Point]:
        return list_points(store, NOTES)

    def is_in(self, store: DirectoryStore) -> bool:
        """Whether the store's newest point is the database as it is."""
        points = self.points(store)
        return bool(points) and points[-1].digest == scan_database(self.file).digest

    def restores(self, store: DirectoryStore) -> bool:
        for number, point in enumerate(self.points(store)):
            target = self.folder / f"restored-{store.name}-{number}.db"
            restore(store, point, target)
            if scan_file(target).digest != point.digest:
                return False
        return True

    def report(self) -> dict[str, Any]:
        file = report_file(self.host.paths.state("notes"), "main")
        return json.loads(file.read_text()) if file.exists() else {"error": None, "stores": {}, "point": None}


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    if made.process is not None:
        made.process.kill()
        made.process.join()


WaitFor = Callable[..., Any]


def test_both_stores_get_every_change_and_the_report_names_them(yard: Yard, wait_for: WaitFor) -> None:
    yard.start()
    for _ in range(3):
        yard.write()
        wait_for(lambda: yard.is_in(yard.disk) and yard.is_in(yard.usb), 60, "the points")
    second = wait_for(lambda: yard.report()["stores"].get("usb", {}).get("point"), 60, "the report")
    wait_for(lambda: yard.report()["stores"]["usb"]["point"]["name"] == yard.points(yard.usb)[-1].name, 60, "its point")
    wait_for(lambda: yard.report()["point"]["name"] == yard.points(yard.disk)[-1].name, 60, "the first store's point")
    report = yard.report()
    assert report["took_s"] > 0
    assert set(report["stores"]["usb"]) == {"point", "error", "sending_since"} and second["epoch"] == 1
    assert yard.end() == 0
    assert yard.restores(yard.disk) and yard.restores(yard.usb)


def test_a_second_store_that_is_away_is_told_and_catches_up_by_itself(yard: Yard, wait_for: WaitFor) -> None:
    away = yard.usb.path.rename(yard.folder / "away")
    yard.start()
    for _ in range(3):
        yard.write()
        wait_for(lambda: yard.is_in(yard.disk), 60, "a point")
    told = wait_for(lambda: yard.report()["stores"].get("usb", {}).get("error"), 60, "the trouble")
    assert "is gone" in told and yard.report()["error"] is None
    away.rename(yard.usb.path)
    wait_for(lambda: yard.is_in(yard.usb), 60, "a point in the second store")
    wait_for(lambda: yard.report()["stores"]["usb"]["error"] is None, 60, "the end of the trouble")


def test_while_the_first_store_is_away_the_second_one_gets_points(yard: Yard, wait_for: WaitFor) -> None:
    yard.start()
    wait_for(lambda: yard.is_in(yard.disk) and yard.is_in(yard.usb), 60, "the first points")
    away = yard.disk.path.rename(yard.folder / "away")
    for _ in range(3):
        yard.write()
        wait_for(lambda: yard.is_in(yard.usb), 60, "a point in the second store")
    wait_for(lambda: "is gone" in (yard.report()["error"] or ""), 60, "the trouble")
    away.rename(yard.disk.path)
    wait_for(lambda: yard.is_in(yard.disk), 60, "a point in the first store")
    wait_for(lambda: yard.report()["error"] is None, 60, "the end of the trouble")
    assert yard.restores(yard.disk) and yard.restores(yard.usb)


def test_a_loop_that_starts_while_the_first_store_is_away_serves_the_second_at_once(
    yard: Yard, wait_for: WaitFor
) -> None:
    away = yard.disk.path.rename(yard.folder / "away")
    yard.start()
    for _ in range(2):
        yard.write()
        wait_for(lambda: yard.is_in(yard.usb), 60, "a point in the second store")
    away.rename(yard.disk.path)
    wait_for(lambda: yard.is_in(yard.disk), 60, "a point in the first store")
    assert yard.restores(yard.disk) and yard.restores(yard.usb)


def hang(store: DirectoryStore, key: str) -> None:
    """From now on nobody comes back who reads that key: a pipe that nobody writes into."""
    file = store.path / key
    file.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(file)


def test_a_second_store_that_hangs_holds_up_neither_the_first_nor_the_end(yard: Yard, wait_for: WaitFor) -> None:
    hang(yard.usb, "notes/main/000001-pi1-20261121T024507123Z/000000.json")
    yard.start()
    for _ in range(3):
        yard.write()
        wait_for(lambda: yard.is_in(yard.disk), 60, "a point")
    wait_for(lambda: yard.report()["stores"]["usb"]["sending_since"], 60, "the report")
    began_s = time.monotonic()
    assert yard.end() == 0
    assert time.monotonic() - began_s < 40


def test_a_first_store_that_hangs_with_the_lease_in_it_does_not_hold_up_the_second(
    yard: Yard, wait_for: WaitFor
) -> None:
    hang(yard.disk, "notes/epochs/000002.json")
    yard.start()
    wait_for(lambda: yard.is_in(yard.usb), 60, "a point in the second store")
    assert yard.points(yard.disk) == []
    assert yard.end() == 0


def test_a_slow_store_gets_what_was_sealed_though_the_loop_is_killed(yard: Yard, wait_for: WaitFor) -> None:
    yard.specs[1] = replace(yard.specs[1], upload_kib_s=64)
    yard.write(1_000_000)
    then = scan_database(yard.file).digest
    yard.start()
    outbox = yard.host.paths.state("notes") / "outbox"
    wait_for(lambda: list(outbox.glob("main@usb.pending")), 60, "something on its way")
    for _ in range(3):
        yard.write()
        wait_for(lambda: yard.is_in(yard.disk), 60, "a point")
    assert yard.points(yard.usb) == []
    yard.end(signal.SIGKILL)
    sealed = (outbox / "main@usb.sealed").read_bytes()
    yard.specs[1] = replace(yard.specs[1], upload_kib_s=None)
    yard.start()
    wait_for(lambda: yard.is_in(yard.usb), 60, "a point in the second store")
    first = yard.points(yard.usb)[0]
    assert (first.digest, (yard.usb.path / first.object_key).read_bytes()) == (then, sealed)
    assert yard.restores(yard.usb)


def test_a_loop_killed_at_any_moment_leaves_whole_points_in_both_stores_and_goes_on(
    yard: Yard, wait_for: WaitFor
) -> None:
    moments = random.Random(20261121)
    for _ in range(12):
        yard.write(moments.randrange(200_000))
        yard.start()
        for _ in range(moments.randrange(1, 8)):
            time.sleep(moments.uniform(0, 0.08))
            yard.write(moments.randrange(20_000))
        yard.end(signal.SIGKILL)
    yard.write()
    yard.start()
    wait_for(lambda: yard.is_in(yard.disk) and yard.is_in(yard.usb), 60, "the last points")
    yard.end()
    for store in (yard.disk, yard.usb):
        assert all(found.whole for found in verify(store, NOTES, deep=True))
        assert len({point.chain for point in yard.points(store)}) == 1, "a kill began a new chain"


def test_a_store_with_a_pace_of_its_own_gets_fewer_points(yard: Yard, wait_for: WaitFor) -> None:
    yard.specs[1] = replace(yard.specs[1], every_s=2.0)
    yard.start()
    wait_for(lambda: yard.is_in(yard.usb), 60, "the first point")
    began_s = time.monotonic()
    while time.monotonic() - began_s < 2.5:
        yard.write()
        time.sleep(0.05)
    assert len(yard.points(yard.disk)) > 2 * len(yard.points(yard.usb))
    wait_for(lambda: yard.is_in(yard.usb), 60, "the last one")


def test_asked_for_a_point_a_store_with_a_long_pace_gets_one(yard: Yard, wait_for: WaitFor) -> None:
    yard.specs[1] = replace(yard.specs[1], every_s=600.0)
    yard.start()
    wait_for(lambda: yard.is_in(yard.disk) and yard.is_in(yard.usb), 60, "the first points")
    yard.write()
    os.kill(yard.process.pid, signal.SIGUSR1)
    wait_for(lambda: yard.is_in(yard.disk) and yard.is_in(yard.usb), 60, "the points")


def test_a_host_that_rejoins_keeps_neither_shadow_nor_what_was_not_sent(yard: Yard, wait_for: WaitFor) -> None:
    yard.usb.path.rename(yard.folder / "away")
    yard.start()
    state = yard.host.paths.state("notes")
    wait_for(lambda: yard.is_in(yard.disk) and (state / "shadow-main.db").exists(), 60, "a point")
    yard.end()
    (state / "outbox" / "main@usb.sealed").write_bytes(b"a point")
    Content(yard.app, yard.host, yard.disk, utc_now).set_aside(START, published=True)
    assert not (state / "shadow-main.db").exists() and not list(state.glob("outbox/*"))


def test_a_lease_that_is_lost_ends_the_loop(yard: Yard, wait_for: WaitFor) -> None:
    yard.start()
    wait_for(lambda: yard.is_in(yard.disk) and yard.is_in(yard.usb), 60, "the first points")
    count = len(yard.points(yard.usb))
    yard.lease.take("pi2", 1, "failover", START)
    yard.write()
    yard.process.join(60)
    assert yard.process.exitcode == 13
    assert len(yard.points(yard.usb)) == count


@pytest.mark.parametrize(("number", "ends"), [(NUDGE, False), (signal.SIGTERM, True)])
def test_a_nudge_ends_a_wait_and_sigterm_the_loop(number: int, ends: bool) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING | {NUDGE})
    try:
        signal.raise_signal(number)
        began_s = time.monotonic()
        assert waited(60) is ends
        assert time.monotonic() - began_s < 30
        assert waited(0.1) is False
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_a_signal_that_another_thread_gets_is_kept_and_kills_nobody() -> None:
    def ends_well() -> None:
        unblocked = threading.Event()
        threading.Thread(target=unblocked.wait, daemon=True).start()  # as a library's, from before
        listen(ENDING | {NUDGE})
        for number, ends in ((NUDGE, False), (signal.SIGTERM, True)):
            os.kill(os.getpid(), number)
            time.sleep(0.1)
            began_s = time.monotonic()
            if waited(20) is not ends or time.monotonic() - began_s > 10:
                os._exit(1)

    process = FORK.Process(target=ends_well)
    process.start()
    process.join(50)
    assert process.exitcode == 0
