"""A real fleet of folder hosts with a real app for the tests: `station up` as a child process, driven from outside."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from station.clock import to_text, utc_now

STATION = Path(sys.executable).with_name("station")
APP = Path(__file__).with_name("counter_app.py")


SECRETS = """
[secrets]
first_admin_password = "generate"
"""


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, within_s=60.0, what="it"):
    deadline_s = time.monotonic() + within_s
    while not (found := condition()):
        if time.monotonic() > deadline_s:
            raise AssertionError(f"{what} did not come within {within_s} s")
        time.sleep(0.05)
    return found


class RunningFleet:
    """A fleet in a folder, and the `station up` that runs it."""

    def __init__(self, folder, hosts=("one", "two"), every_s=0.5, first_run=True):
        self.folder = folder
        self.first_run = first_run  # False: the app makes its database itself when it is started
        self.hosts = hosts
        self.port, self.control_port = find_free_port(), find_free_port()
        self.manifest = folder / "fleet.toml"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "app.toml").write_text(self._app_toml())
        self.manifest.write_text(self._fleet_toml(every_s))
        self.process = None
        self.output = folder / "up.log"
        self.acknowledged = []

    def _app_toml(self):
        return f"""
name = "counter"
title = "Counter"
[databases.main]
file = "counter.db"
env = "DATABASE_PATH"
[processes.web]
command = ["{sys.executable}", "{APP}", "{"serve" if self.first_run else "make-and-serve"}"]
port = {self.port}
[processes.web.health]
path = "/health"
status = 200
within_s = 20
{SECRETS if self.first_run else ""}
[commands]
sample = ["{sys.executable}", "{APP}", "fill", "50"]
"""

    def _fleet_toml(self, every_s):
        hosts = "\n".join(f'[hosts.{name}]\nfolder = "{name}"' for name in self.hosts)
        standby = json.dumps(list(self.hosts[1:]))
        return f"""
name = "testing"
[control]
host = "{self.hosts[-1]}"
port = {self.control_port}
{hosts}
[stores.disk]
kind = "directory"
path = "store"
[apps.counter]
manifest = "app.toml"
primary = "{self.hosts[0]}"
standby = {standby}
stores = ["disk"]
{'first_run = "sample"' if self.first_run else ""}
[apps.counter.points]
every_s = {every_s}
"""

    def start(self, *options):
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [STATION, "--fleet", self.manifest, "up", *options], stdout=output, stderr=output, cwd=self.folder
            )
        return self

    def up(self, *options):
        before = self.said().count("Restore points:") if self.output.exists() else 0
        self.start(*options)
        wait_until(lambda: self._said("Restore points:") > before, 60, "the three lines")
        return self

    def _said(self, text):
        if self.process.poll() is not None:
            raise AssertionError(f"station up ended: {self.said()}")
        return self.said().count(text)

    def said(self):
        return self.output.read_text()

    def stop(self, number=signal.SIGINT):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60) if self.process else None

    def station(self, *words, check=True):
        done = subprocess.run(  # noqa: PLW1510 - checked below, with what it said
            [STATION, "--fleet", self.manifest, *words], capture_output=True, text=True, timeout=120, cwd=self.folder
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def begin(self, *words):
        """The command while it runs."""
        command = [STATION, "--fleet", self.manifest, *words]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )

    def status(self, host):
        return json.loads((self.folder / host / "run" / "status.json").read_text())

    def app_status(self, host):
        return self.status(host)["apps"]["counter"]

    def role(self, host):
        return self.app_status(host)["role"]

    def primaries(self):
        return [host for host in self.hosts if self.role(host) == "primary"]

    def agent(self, host):
        return psutil.Process(json.loads((self.folder / host / "run" / "agent.lock").read_text())["pid"])

    def epochs(self):
        folder = self.folder / "store" / "counter" / "epochs"
        return [json.loads(file.read_text()) for file in sorted(folder.iterdir())]

    def processes(self):
        """Everything that runs for this fleet: who was started by it or works in its folder."""
        found = []
        for process in psutil.process_iter():
            try:
                told = " ".join(process.cmdline()) + " ".join(process.environ().values())
            except (psutil.Error, OSError):
                continue
            if str(self.folder) in told and process.pid != os.getpid():
                found.append(process)
        return found

    def _ask(self, method, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, "/", body=body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def add(self, what):
        """One row; remembered when it was acknowledged."""
        status, _ = self._ask("POST", what)
        assert status == 200
        self.acknowledged.append(what)

    def rows(self):
        """(the host that answers, its rows)"""
        status, text = self._ask("GET")
        assert status == 200
        host, *rows = text.split("\n")
        return host, rows

    def missing_rows(self):
        return sorted(set(self.acknowledged) - set(self.rows()[1]))

    def wait_until_healthy(self, within_s=60.0):
        wait_until(self._answers, within_s, "an answer of the app")

    def _answers(self):
        try:
            return self.rows()[0]
        except OSError:
            return None

    def wait_for_mirror(self, within_s=60.0):
        """Until every standby holds what was written before this call."""
        since = to_text(utc_now())
        wait_until(lambda: self._mirrors_equal(since), within_s, "the mirrors")

    def _mirrors_equal(self, since):
        if len(self.primaries()) != 1:
            return False
        databases = {host: self.app_status(host)["databases"]["main"] for host in self.hosts}
        if not all(database["checked_at"] and database["checked_at"] > since for database in databases.values()):
            return False
        return len({(database["point"] or {}).get("digest") for database in databases.values()}) == 1


class Writer:
    """Adds rows as fast as it is answered, through every switch, and knows which were acknowledged."""

    def __init__(self, fleet, name):
        self._fleet = fleet
        self._name = name
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._ending.set()
        self._thread.join()

    def _write(self):
        number = 0
        while not self._ending.is_set():
            number += 1
            with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
                self._fleet.add(f"{self._name} {number}")


@pytest.fixture
def writer(fleet):
    return lambda name: Writer(fleet, name)


@pytest.fixture
def wait_for():
    return wait_until


@pytest.fixture
def free_port():
    return find_free_port


@pytest.fixture
def new_fleet(tmp_path):
    """A function that makes a fleet; whatever it started is ended with the test."""
    made = []

    def make(**options):
        fleet = RunningFleet(tmp_path / f"fleet-{len(made)}", **options)
        made.append(fleet)
        return fleet

    yield make
    for fleet in made:
        _end(fleet)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """One running fleet of two hosts for all tests of a module."""
    running = RunningFleet(tmp_path_factory.mktemp("shared") / "fleet").up()
    yield running
    _end(running)


def _end(fleet):
    fleet.stop()
    left = fleet.processes()
    for process in left:
        process.kill()
    assert not left, left
