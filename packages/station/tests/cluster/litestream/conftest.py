"""The real Litestream, fetched once by `scripts/litestream`, and an app that has it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import psutil
import pytest

from station.clock import to_text, utc_now
from station.cluster.litestream import replica_status, report_file
from station.cluster.litestream_program import Program
from station.cluster.litestream_restore import Replicas
from station.cluster.roles import write_epoch
from station.fleet import Fleet, StoreSpec, load_fleet
from station.points.point import DatabaseId
from station.stores.directory import DirectoryStore

STATION = Path(sys.executable).with_name("station")
ROOT = Path(__file__).parents[5]

FLEET = """
name = "testing"
[control]
host = "two"
port = 5001
[hosts.one]
folder = "one"
[hosts.two]
folder = "two"
[stores.disk]
kind = "directory"
path = "store"
[apps.counter]
manifest = "app.toml"
primary = "one"
standby = ["two"]
stores = ["disk"]
[apps.counter.litestream]
store = "disk"
sync_every_s = 0.2
late_after_s = 30
"""
APP = """
name = "counter"
[databases.main]
file = "counter.db"
[databases.notes]
file = "notes.db"
env = "NOTES_PATH"
[processes.web]
command = ["python3", "-V"]
port = 8000
[processes.web.health]
"""


@pytest.fixture(scope="session")
def program() -> str:
    """The path of Litestream 0.3.11."""
    found = subprocess.run([ROOT / "scripts" / "litestream"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(found.stderr.strip().rpartition("error: ")[2] or "no Litestream here")
    return found.stdout.strip()


@pytest.fixture
def new_manifest(tmp_path: Path) -> Callable[..., Fleet]:
    """A function that writes the manifest, with these replacements, and loads it."""

    def make(*replacements: tuple[str, str]) -> Fleet:
        text = FLEET
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "fleet.toml").write_text(text)
        (tmp_path / "app.toml").write_text(APP)
        return load_fleet(tmp_path / "fleet.toml")

    return make


@pytest.fixture
def s3() -> StoreSpec:
    return StoreSpec(
        "cloud",
        "s3",
        Path("office"),
        credentials=Path("/etc/station/s3.env"),
        bucket="ctv-backups",
        endpoint="https://s3.eu-central-003.backblazeb2.com",
        region="eu-central-003",
    )


@pytest.fixture
def sftp() -> StoreSpec:
    return StoreSpec(
        "pi2",
        "sftp",
        Path("/srv/copies"),
        server="pi2.tailnet.ts.net",
        port=2222,
        user="backup",
        private_key=Path("/etc/station/ssh/id_ed25519"),
        known_hosts=Path("/etc/station/ssh/known_hosts"),
    )


@pytest.fixture
def stores(s3: StoreSpec, sftp: StoreSpec) -> dict[str, StoreSpec]:
    """A store of each kind that Litestream can write to, and one whole bucket."""
    directory = StoreSpec("disk", "directory", Path("/mnt/usb/store"))
    whole = replace(s3, path=Path(), endpoint="", region="eu-central-1")
    return {"directory": directory, "s3": s3, "s3-whole-bucket": whole, "sftp": sftp}


class Running:
    """`station litestream counter --host one` as an agent starts it, and the two databases beside it."""

    def __init__(self, fleet: Fleet, epoch: int = 1) -> None:
        self.fleet = fleet
        self.app = fleet.apps["counter"]
        self.host = fleet.hosts["one"]
        self.state = self.host.paths.state("counter")
        self.databases = {name: self.host.paths.database("counter", each) for name, each in self.app.databases.items()}
        for database in self.databases.values():
            database.parent.mkdir(parents=True, exist_ok=True)
            self.sql("pragma journal_mode = wal; create table t (n)", database)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.start(epoch)

    def start(self, epoch: int) -> None:
        write_epoch(self.state, epoch, utc_now())
        words = [STATION, "--fleet", self.fleet.path, "litestream", "counter", "--host", "one"]
        with (self.fleet.path.parent / "log").open("ab") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log)
        self.processes.append(process)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self.processes[-1]

    def litestream(self) -> psutil.Process | None:
        """The program itself, once it runs."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if child.name() == "litestream" and "replicate" in child.cmdline():
                    return child
        return None

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)

    def log(self) -> str:
        return (self.fleet.path.parent / "log").read_text()

    def sql(self, text: str, database: Path | None = None) -> None:
        with closing(apsw.Connection(str(database or self.databases["main"]))) as writer:
            writer.set_busy_timeout(5000)
            writer.execute(text).fetchall()

    def status(self, database: str = "main") -> dict[str, Any]:
        file = self.databases[database]
        written_s = max(
            each.stat().st_mtime for each in file.parent.glob(f"{file.name}*") if not each.name.endswith("shm")
        )
        written_at = datetime.fromtimestamp(written_s, UTC)
        assert self.app.litestream is not None
        return replica_status(report_file(self.state, database), self.app.litestream, written_at, utc_now())

    def wait(self, condition: Callable[[], object], what: str, within_s: float = 60) -> None:
        deadline_s = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline_s, f"{what} did not come: {self.status()}\n{self.log()}"
            time.sleep(0.05)

    def wait_until_shipped(self) -> None:
        """Until the replicas surely hold what was written before this call."""
        since = to_text(utc_now())
        for name in self.databases:
            self.wait(lambda name=name: (self.status(name)["newest"] or "") > since, "the replica")

    def replicas(self, program: str, env: dict[str, str] | None = None, database: str = "main") -> Replicas:
        assert self.app.litestream is not None
        spec = self.fleet.stores[self.app.litestream.store]
        return Replicas(Program(program, {**os.environ, **(env or {})}), spec, DatabaseId("counter", database))


def rows(file: Path) -> int:
    with closing(apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)) as db:
        return int(db.execute("select count(*) from t").get)


@pytest.fixture
def count_rows() -> Callable[[Path], int]:
    return rows


@pytest.fixture
def run(new_manifest, program) -> Iterator[Callable[..., Running]]:
    """A function that starts it; whatever runs is ended with the test."""
    made: list[Running] = []

    def start(*replacements: tuple[str, str], epoch: int = 1) -> Running:
        fleet = new_manifest(('store = "disk"\n', f'store = "disk"\nprogram = "{program}"\n'), *replacements)
        DirectoryStore("disk", fleet.stores["disk"].path).initialise()
        made.append(Running(fleet, epoch))
        return made[-1]

    yield start
    for each in made:
        for process in each.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
