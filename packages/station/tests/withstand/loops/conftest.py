"""An app on host pi1 whose points loop runs as a real process, with stores of every kind as the manifest opens them."""

import json
import multiprocessing
import os
import signal
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
from station.cluster.lease import Lease
from station.cluster.loop_report import report_file
from station.cluster.points_loop import points_loop
from station.cluster.roles import write_epoch
from station.fleet import StoreSpec, load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET
from station.points.catalog import list_points
from station.points.point import DatabaseId, Point
from station.sqlite.scan import scan_database
from station.stores.keymaking import create_key_file
from station.stores.opening import OpenStore, open_store

START = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
NOTES = DatabaseId("notes", "main")
PARENTS = multiprocessing.get_context("forkserver")  # a parent without threads that has imported what a loop needs
PARENTS.set_forkserver_preload([
    "station.cluster.points_loop",
    "station.stores.dropbox.store",
    "station.stores.s3.store",
    "station.stores.sftp.store",
    "station.stores.keyfile",
])  # fmt: skip

Spec = Callable[[str, str], StoreSpec]


class Station:
    """One app, its database, its stores, and the process that takes its points."""

    def __init__(self, folder: Path, spec: Spec) -> None:
        self.folder = folder
        self._spec = spec
        self.process: Any = None
        self.specs: list[StoreSpec] = []
        self.stores: list[OpenStore] = []
        self._opened: list[OpenStore] = []

    def set_up(self, *kinds: str, encoding: str = "delta", encrypted: bool = False, every_s: float = 0.1) -> None:
        points = f'[apps.notes.points]\nevery_s = {every_s}\nencoding = "{encoding}"\n'
        (self.folder / "fleet.toml").write_text(SMALLEST_FLEET + points)
        (self.folder / "notes").mkdir()
        (self.folder / "notes" / "app.toml").write_text(SMALLEST_APP)
        fleet = load_fleet(self.folder / "fleet.toml")
        self.app, self.host = fleet.apps["notes"], fleet.hosts["pi1"]
        self.state = self.host.paths.state("notes")
        self.file = self.host.paths.database("notes", self.app.databases["main"])
        self.file.parent.mkdir(parents=True)
        for number, kind in enumerate(kinds):
            spec = self._spec(kind, f"store{number}")
            if encrypted:
                spec = replace(spec, key_file=self.folder / f"store{number}.key")
                create_key_file(self.folder / f"store{number}.key", START)
            self.specs.append(spec)
        self.stores = self.open_stores()
        for store in self.stores:
            store.initialise()
        self.lease = Lease(self.stores[0], "notes")
        self.lease.take("pi1", 0, "first start", START)
        write_epoch(self.state, 1, START)
        self.sql("pragma journal_mode = wal; create table t (a)")

    def open_stores(self) -> list[OpenStore]:
        """As a new process would."""
        opened = [open_store(spec) for spec in self.specs]
        self._opened += opened
        return opened

    def start(self) -> None:
        self.process = PARENTS.Process(target=points_loop, args=(self.app, self.host, self.specs, utc_now))
        self.process.start()

    def end(self, number: int = signal.SIGTERM, within_s: float = 60) -> int | None:
        if self.process.is_alive():
            os.kill(self.process.pid, number)
        self.process.join(within_s)
        code: int | None = self.process.exitcode
        return code

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
        for store in self._opened:
            if hasattr(store, "close"):
                store.close()

    def sql(self, script: str) -> None:
        with closing(apsw.Connection(str(self.file))) as writer:
            writer.set_busy_timeout(5000)
            writer.execute(script).fetchall()

    def write(self, size: int = 100) -> None:
        self.sql(f"insert into t values (randomblob({size}))")

    def points(self, store: OpenStore) -> list[Point]:
        return list_points(store, NOTES)

    def is_in(self, store: OpenStore) -> bool:
        """Whether the store's newest point is the database as it is."""
        points = self.points(store)
        return bool(points) and points[-1].digest == scan_database(self.file).digest

    def report(self) -> dict[str, Any]:
        file = report_file(self.state, "main")
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return {"error": None, "stores": {}, "point": None} | found


def _until(condition: Callable[[], Any], within_s: float, what: str) -> Any:
    deadline_s = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline_s, f"not within {within_s} s: {what}"
        time.sleep(0.03)
    return found


@pytest.fixture
def until() -> Callable[[Callable[[], Any], float, str], Any]:
    """Waits for a condition; what it was."""
    return _until


@pytest.fixture
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> Spec:
    """A store of that kind and name as the manifest describes it."""

    def make(kind: str, name: str) -> StoreSpec:
        get = request.getfixturevalue
        if kind == "dropbox":
            entrance = get("entrance")
            place = {"credentials": entrance.credentials, "proxy": entrance.proxy, "ca_file": entrance.ca_file}
            return StoreSpec(name, kind, Path("/station"), **place)
        if kind == "s3":
            found = get("s3_place")
            place = {"bucket": found.bucket, "credentials": found.credentials, "endpoint": found.endpoint}
            return StoreSpec(name, kind, Path("station"), **place)
        if kind == "sftp":
            sshd = get("sshd")
            place = {"server": "127.0.0.1", "port": sshd.port, "user": sshd.user}
            place |= {"private_key": sshd.client_key, "known_hosts": sshd.known_hosts}
            return StoreSpec(name, kind, tmp_path / name, **place)
        return StoreSpec(name, kind, tmp_path / name)

    return make


@pytest.fixture
def station(tmp_path: Path, spec: Spec) -> Iterator[Station]:
    made = Station(tmp_path, spec)
    yield made
    made.close()
