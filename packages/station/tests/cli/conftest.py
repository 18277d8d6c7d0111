"""A fleet with a real database, a real store and real restore points; nothing of it runs."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.cli import main
from station.clock import utc_now
from station.cluster.lease import Lease
from station.fleet import Fleet
from station.points.point import DatabaseId, Point
from station.points.taker import PointTaker
from station.stores.directory import DirectoryStore


@dataclass
class Yard:
    """The fleet's files. `points` are three points, a minute apart, the last a few seconds old."""

    folder: Path
    fleet: Fleet
    store: DirectoryStore
    database: Path
    points: list[Point]


@pytest.fixture(autouse=True)
def tests_keep_their_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job gives way for good; here it runs in the process of all the tests."""
    monkeypatch.setattr("station.cluster.polite.give_way", lambda points, say: None)


@pytest.fixture
def yard(tmp_path: Path, fleet: Fleet) -> Iterator[Yard]:
    store = DirectoryStore("disk", fleet.stores["disk"].path)
    store.initialise()
    host = fleet.hosts["pi-ctv"]
    database = host.paths.database("bookedbiz", fleet.apps["bookedbiz"].databases["main"])
    database.parent.mkdir(parents=True)
    state = host.paths.state("bookedbiz")
    state.mkdir(parents=True)
    Lease(store, "bookedbiz").take("pi-ctv", 0, "first start", utc_now())
    made = []
    with closing(apsw.Connection(str(database))) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("create table spots (n integer)")
        with PointTaker(database, DatabaseId("bookedbiz", "main"), store, state, "pi-ctv") as taker:
            for minutes in (2, 1, 0):
                writer.execute("insert into spots values (?)", (minutes,))
                taken_at = utc_now() - timedelta(minutes=minutes, seconds=5)
                point = taker.take(1, taken_at, still_ours=lambda: None)
                assert point is not None
                made.append(point)
    yield Yard(tmp_path, fleet, store, database, made)


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Station = Callable[..., Answer]


@pytest.fixture
def station(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Station:
    """Run `station --fleet tmp/fleet.toml ARGUMENTS` in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STATION_FLEET", raising=False)

    def run(*arguments: object) -> Answer:
        capfd.readouterr()
        code = main.run([str(argument) for argument in arguments])
        shown = capfd.readouterr()
        return Answer(code, shown.out, shown.err)

    return run


def local(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


@pytest.fixture
def as_local() -> Callable[[datetime], str]:
    """A moment as a person of this machine would type it."""
    return local
