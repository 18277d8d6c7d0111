"""A database with several writers that do, by the dice, whatever an app may do to its database."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import apsw
import pytest

from station.sqlite.follow import Moment
from station.sqlite.scan import Database, scan_database

PAGE_SIZES = [512, 512, 1024, 4096, 4096, 8192, 65536]


class Writers:
    """Three connections to one database. Every choice comes from `dice`, so a seed is a history."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        self.path = path
        self.dice = dice
        self.connections: list[apsw.Connection] = []
        self.create()

    def create(self) -> None:
        dice = self.dice
        with closing(apsw.Connection(str(self.path))) as first:
            first.pragma("page_size", dice.choice(PAGE_SIZES))
            first.pragma("auto_vacuum", dice.choice([0, 0, 0, 1, 2]))
            first.execute("pragma journal_mode = wal; create table t (id integer primary key, b blob)").fetchall()
            first.execute("create index i on t (b)")
        self.open()

    def open(self) -> None:
        for _ in range(3):
            connection = apsw.Connection(str(self.path))
            connection.pragma("cache_size", self.dice.choice([1, 5, 1000]))
            connection.pragma("wal_autocheckpoint", self.dice.choice([0, 10, 50, 200, 1000]))
            connection.pragma("synchronous", 0)
            if self.dice.random() < 0.15:
                connection.pragma("journal_size_limit", self.dice.choice([0, 30_000, 100_000]))
            self.connections.append(connection)

    def close(self) -> None:
        for connection in self.connections:
            connection.close(True)
        self.connections.clear()

    def do_something(self) -> None:
        """One step. A step that meets a lock does nothing."""
        steps: list[tuple[int, Callable[[apsw.Connection], None]]] = [
            (50, self._write),
            (6, self._end),
            (5, self._look_and_hold),
            (9, self._checkpoint),
            (2, self._vacuum),
            (2, self._drop),
            (1, self._limit),
        ]
        (step,) = self.dice.choices([step for _, step in steps], [weight for weight, _ in steps])
        with suppress(apsw.BusyError, apsw.LockedError, apsw.SQLError):
            step(self.dice.choice(self.connections))

    def leave_wal_and_return(self) -> None:
        """Needs everybody else to have closed the database."""
        self.close()
        with closing(apsw.Connection(str(self.path))) as alone:
            alone.execute("pragma journal_mode = delete").fetchall()
            self._change(alone)
            alone.execute("pragma journal_mode = wal").fetchall()
        self.open()

    def replace(self) -> None:
        """Another database takes this one's name."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        self.create()

    def settle(self) -> None:
        """End every transaction that is still open."""
        for connection in self.connections:
            self._end(connection)

    def _write(self, connection: apsw.Connection) -> None:
        if not connection.in_transaction and self.dice.random() < 0.3:
            connection.execute("begin immediate")
        for _ in range(self.dice.choice([1, 1, 2, 5, 20])):
            self._change(connection)
        if connection.in_transaction and self.dice.random() < 0.6:
            self._end(connection)

    def _change(self, connection: apsw.Connection) -> None:
        dice = self.dice
        size = dice.choice([10, 100, 700, 5000])
        row = dice.randrange(1, 60)
        kind = dice.random()
        if kind < 0.45:
            connection.execute("insert or replace into t values (?, ?)", (row, dice.randbytes(size)))
        elif kind < 0.7:
            connection.execute("update t set b = ? where id between ? and ?", (dice.randbytes(size), row, row + 5))
        elif kind < 0.85:
            connection.execute("delete from t where id between ? and ?", (row, row + dice.choice([0, 3, 30])))
        else:
            connection.execute(
                f"create table if not exists u{row % 3} (c); insert into u{row % 3} values (?)", (dice.randbytes(size),)
            )

    def _end(self, connection: apsw.Connection) -> None:
        if connection.in_transaction:
            connection.execute("commit" if self.dice.random() < 0.6 else "rollback")

    def _look_and_hold(self, connection: apsw.Connection) -> None:
        if not connection.in_transaction:
            connection.execute("begin; select count(*) from t")

    def _checkpoint(self, connection: apsw.Connection) -> None:
        mode = self.dice.choice(["passive", "passive", "full", "restart", "restart", "truncate"])
        connection.execute(f"pragma wal_checkpoint({mode})").fetchall()

    def _vacuum(self, connection: apsw.Connection) -> None:
        connection.execute(
            self.dice.choice(["vacuum", "pragma incremental_vacuum(3)", "pragma incremental_vacuum"])
        ).fetchall()

    def _drop(self, connection: apsw.Connection) -> None:
        connection.execute(f"drop table if exists u{self.dice.randrange(3)}")

    def _limit(self, connection: apsw.Connection) -> None:
        connection.pragma("journal_size_limit", self.dice.choice([-1, 0, 50_000]))


@pytest.fixture(scope="session")
def writers(tmp_path_factory: pytest.TempPathFactory) -> Callable[[random.Random], Writers]:
    """Makes the writers of the history that these dice throw."""
    return lambda dice: Writers(tmp_path_factory.mktemp("history") / "live.db", dice)


class App(apsw.Connection):
    """A writer that never checkpoints by itself, with 300 rows of a page each; every `write` is 2 frames or so."""

    def write(self, row: int, times: int = 1) -> None:
        for time in range(times):
            self.execute("update t set b = randomblob(3500) where id = ?", (row + time,))

    def checkpoint(self, mode: str = "restart") -> None:
        busy, frames, copied = self.execute(f"pragma wal_checkpoint({mode})").fetchall()[0]
        assert not busy and frames == copied


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "live.db"


@pytest.fixture
def app(file: Path) -> Iterator[App]:
    with closing(App(str(file))) as app:
        app.execute("pragma journal_mode = wal; pragma wal_autocheckpoint = 0; pragma synchronous = 0").fetchall()
        app.execute("create table t (id integer primary key, b)")
        with app:
            app.executemany("insert into t (b) values (?)", [(bytes(3500),)] * 300)
        yield app


@pytest.fixture
def look() -> Callable[[Database], Moment | None]:
    """Follow, and hold what comes against a scan."""

    def follow(database: Database) -> Moment | None:
        with database.reading() as snapshot:
            moment = snapshot.follow()
            if moment is None:
                snapshot.scan()
            else:
                truth = scan_database(database.path)
                assert moment.pages == truth and moment.pages.digest == truth.digest
                assert snapshot.confirm(moment) is True
        return moment

    return follow
