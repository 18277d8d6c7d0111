"""A live database, a store, a taker and a mirror, all real and small."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import pytest

from station.fleet import Keep
from station.points.inventory import Chain, Inventory
from station.points.mirror import Mirror
from station.points.point import DatabaseId, Point, chain_name
from station.points.restore import restore
from station.points.retention import outlived
from station.points.taker import PointTaker
from station.points.target import Rules
from station.sqlite.scan import scan_database, scan_file
from station.stores.directory import DirectoryStore

START = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)


class Bench:
    """One database of one app on host pi-ctv, its store, and the mirror on pi2."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identity = DatabaseId("bookedbiz", "main")
        self.store = DirectoryStore("disk", folder / "store")
        self.store.initialise()
        self.database = folder / "live.db"
        self.state = folder / "pi-ctv"
        self.mirror = Mirror(folder / "pi2" / "mirror", self.store, self.identity)
        self.now = START
        self.epoch = 1
        self.rules = Rules()

    def taker(self, host: str = "pi-ctv") -> PointTaker:
        return PointTaker(self.database, self.identity, self.store, self.state, host, rules=self.rules)

    def later(self, seconds: float = 3) -> None:
        self.now += timedelta(seconds=seconds)

    def take(self, taker: PointTaker, *, force: bool = False, full: bool = False) -> Point | None:
        self.later()
        return taker.take(self.epoch, self.now, still_ours=lambda: None, force=force, full=full)

    def take_once(self, *, force: bool = False, full: bool = False) -> Point | None:
        """As a new process would: nothing is remembered but what is on disk."""
        with self.taker() as taker:
            return self.take(taker, force=force, full=full)

    def sql(self, script: str) -> None:
        with closing(apsw.Connection(str(self.database))) as connection:
            connection.set_busy_timeout(5000)
            connection.execute(script).fetchall()

    def add_rows(self, count: int = 50, width: int = 400) -> None:
        self.sql(
            "create table if not exists spots (id integer primary key, note text, bytes blob);"
            f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) "
            f"insert into spots (note, bytes) select 'row ' || i, randomblob({width}) from n;"
        )

    def rows(self) -> list[tuple[object, ...]]:
        """The live rows. Read by the SQLite that the taker uses: a second library in one process drops its locks."""
        with closing(apsw.Connection(str(self.database))) as connection:
            return connection.execute("select id, note, bytes from spots order by id").fetchall()

    def restores_to_now(self, point: Point | None) -> bool:
        assert point is not None
        target = self.folder / f"restored-{point.chain}-{point.seq}.db"
        restore(self.store, point, target)
        return scan_file(target).hashes == scan_database(self.database).hashes

    def object_file(self, point: Point) -> Path:
        return self.store.path / point.object_key


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.sql("pragma journal_mode = wal")
    made.add_rows()
    return made


@pytest.fixture
def taker(bench: Bench) -> Iterator[PointTaker]:
    with bench.taker() as open_taker:
        yield open_taker


@pytest.fixture
def rows() -> Callable[[Path], list[tuple[object, ...]]]:
    """The rows of a restored file, read by the interpreter's own SQLite: another version than the one that wrote."""

    def read(file: Path) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            return connection.execute("select id, note, bytes from spots order by id").fetchall()

    return read


class History:
    """Points as a taker would have taken them in a store that is only a listing: chains end when they have outlived."""

    def __init__(self, rule: Keep, host: str = "pi-ctv") -> None:
        self.rule = rule
        self.host = host
        self.epoch = 1
        self.base_bytes, self.change_bytes = 400_000_000, 30_000
        self.chains: dict[str, dict[int, Point]] = {}
        self.last: Point | None = None

    def take(self, now: datetime, *, full: bool = False) -> Point:
        last = self.last
        moment = now if last is None else max(now, last.taken_at + timedelta(milliseconds=1))
        if full or last is None or last.epoch != self.epoch or outlived(last, self.rule, now):
            chain, seq, size = chain_name(self.epoch, self.host, moment), 0, self.base_bytes
        else:
            chain, seq, size = last.chain, last.seq + 1, self.change_bytes
        self.last = Point(
            "bookedbiz", "main", chain, seq, self.epoch, self.host, moment, 4096, 350_000, 9, "0" * 32, size, "0" * 64
        )
        self.chains.setdefault(chain, {})[seq] = self.last
        return self.last

    def every(self, pause: timedelta, count: int, start: datetime = START) -> datetime:
        """Points at equal distances, from `start` on; the time at which the next would be due."""
        for number in range(count):
            self.take(start + number * pause)
        return start + count * pause

    def switch(self, host: str) -> None:
        self.epoch, self.host = self.epoch + 1, host

    @property
    def points(self) -> list[Point]:
        return [point for chain in self.chains.values() for point in chain.values()]

    def inventory(self, *diverged_from: str) -> Inventory:
        found = []
        for name in sorted(self.chains):
            points = self.chains[name]
            sizes = {seq: point.object_bytes for seq, point in points.items()}
            found.append(Chain(name, dict.fromkeys(points, 450), sizes, 1800, points))
        return Inventory(DatabaseId("bookedbiz", "main"), tuple(found), frozenset(diverged_from))


@pytest.fixture
def history() -> Callable[..., History]:
    return lambda **rule: History(Keep(**rule))


@pytest.fixture
def another_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than `tmp_path`."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        if Path(folder).stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("/dev/shm is no other file system than the folder of temporary files")
        yield Path(folder)
