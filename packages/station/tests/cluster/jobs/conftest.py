"""One host that is primary, the jobs of an app on it, and a clock that the test sets."""

import json
import os
import subprocess
import sys
import time as clock
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from station.clock import to_text, utc_now
from station.cluster.following import Workplace
from station.cluster.heartbeat import Events
from station.cluster.jobs import Jobs
from station.cluster.lease import Lease
from station.cluster.roles import write_epoch
from station.fleet import load_fleet
from station.hosts.host_units import HostUnits
from station.hosts.units import Programs
from station.stores.directory import DirectoryStore

STATION = Path(sys.executable).with_name("station")
EVENING = utc_now()  # the job looks at the real clock; the night comes by setting ours forward from here
FLEET = f"""
name = "testing"
time_zone = "UTC"
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
[apps.counter.copy]
at = "{EVENING + timedelta(hours=6):%H:%M}"
jitter_s = 60
"""
APP = """
name = "counter"
[databases.main]
file = "counter.db"
[processes.web]
command = ["python3", "-V"]
port = 8000
[processes.web.health]
"""


class Night:
    """One host that is primary, its jobs, and a clock that the test sets."""

    def __init__(self, folder: Path, more: str = "", stores: tuple[str, ...] = ("disk",), *, log: bool = False) -> None:
        others = "".join(f'[stores.{name}]\nkind = "directory"\npath = "{name}"\n' for name in stores[1:])
        named = FLEET.replace('stores = ["disk"]', f"stores = {list(stores)}".replace("'", '"'))
        named = named.replace("[apps.counter.copy]", 'log = "log/counter.log"\n[apps.counter.copy]') if log else named
        (folder / "fleet.toml").write_text(named + more + others)
        (folder / "app.toml").write_text(APP)
        self.fleet = load_fleet(folder / "fleet.toml")
        self.host = self.fleet.hosts["one"]
        self.app = self.fleet.apps["counter"]
        self.state = self.host.paths.state("counter")
        self.store = DirectoryStore("disk", self.fleet.stores["disk"].path)
        self.others = [DirectoryStore(name, self.fleet.stores[name].path) for name in stores[1:]]
        for store in (self.store, *self.others):
            store.initialise()
        self.database = self.host.paths.database("counter", self.app.databases["main"])
        self.database.parent.mkdir(parents=True)
        self.sql("pragma journal_mode = wal; create table t (n); insert into t values (1)")
        Lease(self.store, "counter").take("one", 0, "first start", EVENING)
        write_epoch(self.state, 1, EVENING)
        self.now, self.mono_s = EVENING, 0.0
        self.units = HostUnits(self.fleet, self.host, Programs.of(Path(sys.executable), os.environ), lambda: self.now)
        self.start()

    def start(self) -> None:
        """As an agent does when it starts: nothing is remembered but what is on disk."""
        place = Workplace(self.host, self.units, Events(self.host, lambda: self.now), lambda: self.now)
        self.jobs = Jobs(self.app, place, calm_s=20, monotonic=lambda: self.mono_s)
        self.look()
        self.mono_s += 20

    def sql(self, text: str) -> None:
        with closing(apsw.Connection(str(self.database))) as writer:
            writer.execute(text).fetchall()

    def look(self, *, serving: bool = True) -> None:
        self.units.supervise()
        self.jobs.look(serving=serving)

    def runs(self, job: str = "copy") -> bool:
        return bool(self.jobs.status()["jobs"][job]["running"])

    def until(self, hours: float) -> None:
        """Let the clock go on and look as often as an agent would until all that is due is done."""
        self.now += timedelta(hours=hours)
        self.mono_s += hours * 3600
        self.look()
        deadline_s = clock.monotonic() + 30
        while self.runs():
            assert clock.monotonic() < deadline_s
            clock.sleep(0.02)
            self.look()

    def events(self) -> list[str]:
        try:
            lines = self.host.paths.events.read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line)["text"] for line in lines]

    def copies(self, store: DirectoryStore | None = None) -> list[str]:
        found = (store or self.store).list("counter/main/")
        return [entry.key for entry in found if entry.key.endswith("database.db")]

    def begin(self, job: str) -> subprocess.Popen[str]:
        """The job as a process of its own."""
        words = [STATION, "--fleet", self.fleet.path, "job", "counter", job, "--host", "one", "--due", to_text(EVENING)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def log(self) -> list[str]:
        """The lines of the app's log file, without their times."""
        lines = (self.host.folder.parent / "log" / "counter.log").read_text().splitlines()
        return [line.split(" ", 2)[2] for line in lines]


@pytest.fixture
def night(tmp_path):
    made = []

    def make(more: str = "", stores: tuple[str, ...] = ("disk",), *, log: bool = False) -> Night:
        made.append(Night(tmp_path, more, stores, log=log))
        return made[-1]

    yield make
    for each in made:
        each.units.end()
