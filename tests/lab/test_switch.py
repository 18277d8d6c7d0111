"""Switches of a real app on a booted host, asked 50 times a second meanwhile: no request fails, no row is lost."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from lab.host import Host
from lab.installed import install_platform

COUNTER = Path(__file__).parent / "counter"
PYTHON = "/opt/venvs/station/current/bin/python"
HERE = "/root/counter"
JOURNAL = "/var/lib/station/counter/deploy.json"
HEALTHY = ("sh", "-c", f"test ! -e {JOURNAL} && curl --silent --fail --max-time 5 localhost:8100/health")
NAIVE = """
[Service]
Type=simple
ExecStart=/opt/apps/counter/current/bin/counter serve
Environment=BIND=127.0.0.1 PORT=8200 DATABASE_PATH=/run/naive.db
"""


@dataclass
class Asked:
    """What came of the requests: how many, why some failed, the rows whose POST was answered, and by which release."""

    asked: int = 0
    failed: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    by: dict[str, int] = field(default_factory=dict)
    late_s: list[float] = field(default_factory=list)


class Counter:
    """The app on the host, and what can be done with it."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._names = (f"r{number}" for number in count())
        self._loads = count()

    def release(self, **how: object) -> str:
        """The name of a new release that is as `how` says."""
        name = next(self._names)
        self.host.run(PYTHON, f"{HERE}/make_release.py", name, json.dumps(how))
        return name

    def deploy(self, name: str, fault: str = "") -> "subprocess.CompletedProcess[str]":
        words = ["env", f"STATION_DEPLOY_FAULT={fault}", PYTHON, f"{HERE}/deploy.py", name]
        return self.host.run(*words, check=False, timeout_s=120)

    @contextmanager
    def load(self, port: int = 8100, per_second: int = 50) -> Iterator[Asked]:
        """Ask while the block runs. What came of it is there after the block."""
        number = next(self._loads)
        stop, told = f"/run/stop-{number}", Asked()
        words = ("python3", f"{HERE}/load.py", port, per_second, f"load{number}", stop)
        with subprocess.Popen(self.host.entering(*words), stdout=subprocess.PIPE, text=True) as process:
            try:
                time.sleep(0.7)
                yield told
                time.sleep(0.3)
            finally:
                self.host.run("touch", stop)
                said, _ = process.communicate(timeout=90)
        told.__dict__ |= json.loads(said)

    @property
    def current(self) -> str:
        """The release that both links name."""
        names = {
            self.host.run("basename", self.host.run("readlink", f"/opt/{kind}/counter/current").stdout.strip()).stdout
            for kind in ("apps", "venvs")
        }
        [name] = names
        return name.strip()

    def rows(self) -> list[str]:
        told = self.host.run("sqlite3", "/var/lib/counter/counter.db", "SELECT name FROM row").stdout
        return told.split()

    def all_is_well(self, told: Asked, *, serves: str) -> None:
        """Nobody was refused, every row that was promised is there and no other, and the release serves."""
        assert told.failed == []
        assert told.asked > 20
        written = set(told.written)
        load = next(iter(written)).partition("-")[0]
        assert sorted(row for row in self.rows() if row.startswith(f"{load}-")) == sorted(told.written)
        assert self.current == serves
        assert self.host.run("curl", "--silent", "localhost:8100/rows").stdout.startswith(f"{serves} ")
        assert self.left() == []

    def left(self) -> list[str]:
        """What a switch must not leave behind."""
        names = ["/run/station/next-counter", JOURNAL, "/var/lib/station/counter/deploy"]
        names += [f"/opt/{kind}/counter/next" for kind in ("apps", "venvs")]
        return [name for name in names if self.host.run("test", "-e", name, check=False).returncode == 0]


@pytest.fixture(scope="module")
def counter(host: Host, wheels: str) -> Counter:
    """The app with its first release, on a host whose agent runs."""
    install_platform(host, wheels, COUNTER / "fleet.toml")
    host.put(COUNTER, HERE)
    host.run("mkdir", "-p", "/srv/store")
    host.run("station", "apply", "--yes", timeout_s=120)
    app = Counter(host)
    host.until("station", "guard", "counter", within_s=30)
    deployed = app.deploy(app.release())
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    return app


@pytest.fixture
def overlapping(counter: Counter) -> Iterator[Counter]:
    """The same, with a switch in which both releases serve for a moment."""
    host, file = counter.host, "/etc/station/manifest/app.toml"
    held = host.read(file)
    overlap = held.replace('migrate = "migrate"', 'switch = "overlap"').partition("[commands]")[0]
    host.write(file, overlap)
    host.run("station", "apply", "--yes", timeout_s=120)
    yield counter
    host.write(file, held)
    host.run("station", "apply", "--yes", timeout_s=120)


def test_without_a_release_before_it_the_app_serves_and_owns_its_database(counter: Counter) -> None:
    assert counter.host.run("stat", "-c", "%U %a", "/var/lib/counter/counter.db").stdout == "counter 640\n"
    for unit in ("counter-web", "counter-worker", "counter-points"):
        counter.host.until("systemctl", "is-active", unit)


def test_a_stopped_app_stays_stopped_and_who_asks_it_waits(counter: Counter) -> None:
    host = counter.host
    host.run("systemctl", "stop", "station-agent", "counter-web")  # the agent would start it again
    asked = subprocess.Popen(host.entering("curl", "--silent", "localhost:8100/rows"), stdout=subprocess.PIPE)
    with asked:
        time.sleep(1)
        assert asked.poll() is None
        assert host.show("counter-web.service", "ActiveState") == {"ActiveState": "inactive"}
        host.run("systemctl", "start", "counter-web", "station-agent")
        said, _ = asked.communicate(timeout=20)
    assert said.startswith(counter.current.encode())


def test_a_good_deploy_refuses_nobody_and_keeps_every_row(counter: Counter) -> None:
    new = counter.release(boot_s=0.5, migrate="add")
    with counter.load() as told:
        deployed = counter.deploy(new)
    assert deployed.returncode == 0, deployed.stdout
    counter.all_is_well(told, serves=new)
    assert told.by[new] > 0
    assert counter.host.run("stat", "-c", "%U %a", "/var/lib/counter/counter.db").stdout == "counter 640\n"
    counter.host.until("systemctl", "is-active", "counter-points", "counter-worker")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"start": "fail"}, "No module named 'no_such_module'"),
        ({"migrate": "destroy"}, "GET /health: 500 instead of 200"),
        pytest.param({"worker": "fail"}, "this worker does not work", marks=pytest.mark.slow),
        pytest.param({"health": 503}, "GET /health: 503 instead of 200", marks=pytest.mark.slow),
    ],
    ids=["import-error", "destructive-migration", "failing-worker", "failing-health"],
)
def test_a_bad_deploy_is_undone_code_and_database_and_nobody_notices(
    counter: Counter, how: dict[str, str], why: str
) -> None:
    before, bad = counter.current, counter.release(**how)
    with counter.load() as told:
        deployed = counter.deploy(bad)
    assert deployed.returncode == 17
    assert f"GateFailed: {bad} was not deployed" in deployed.stdout
    assert why in deployed.stdout
    assert f"{before} serves again" in deployed.stdout
    counter.all_is_well(told, serves=before)
    assert set(told.by) == {before}


def test_a_plain_restart_of_the_same_app_refuses_people(counter: Counter) -> None:
    host = counter.host
    host.write("/run/systemd/system/naive.service", NAIVE)
    host.run("env", "DATABASE_PATH=/run/naive.db", "/opt/apps/counter/current/bin/counter", "migrate")
    host.run("systemctl", "start", "naive")
    host.until("curl", "--silent", "localhost:8200/health")
    with counter.load(port=8200) as naive:
        host.run("systemctl", "restart", "naive")
        time.sleep(0.5)
    with counter.load() as ours:
        host.run("systemctl", "restart", "counter-web")
        time.sleep(0.5)
    host.run("systemctl", "stop", "naive")
    assert naive.failed != []
    assert ours.failed == []


def test_with_an_overlap_nobody_even_waits(overlapping: Counter) -> None:
    new = overlapping.release(boot_s=7)
    with overlapping.load() as told:
        deployed = overlapping.deploy(new)
    assert deployed.returncode == 0, deployed.stdout
    overlapping.all_is_well(told, serves=new)
    assert told.slowest_s < 7  # its start alone takes longer


@pytest.mark.slow
def test_an_overlap_with_a_bad_release_is_undone(overlapping: Counter) -> None:
    before, bad = overlapping.current, overlapping.release(health=503)
    with overlapping.load() as told:
        assert overlapping.deploy(bad).returncode == 17
    overlapping.all_is_well(told, serves=before)
    assert set(told.by) == {before}


@pytest.mark.parametrize(
    ("step", "forward"),
    [
        ("migrated", False),
        *(pytest.param(step, False, marks=pytest.mark.slow) for step in ("stopped", "tried")),
        pytest.param("linked", True, marks=pytest.mark.slow),
    ],
)
def test_a_deploy_that_is_killed_is_ended_by_the_agent(counter: Counter, step: str, forward: bool) -> None:
    before, new = counter.current, counter.release(migrate="add")
    with counter.load() as told:
        assert counter.deploy(new, f"{step}=SIGKILL").returncode in (-9, 137)
        counter.host.until(*HEALTHY, within_s=60)
    counter.host.until("test", "!", "-e", JOURNAL)
    counter.all_is_well(told, serves=new if forward else before)


def test_a_host_that_loses_power_in_a_migration_heals_as_it_boots(counter: Counter) -> None:
    host, before = counter.host, counter.current
    bad = counter.release(migrate="destroy")
    with counter.load() as told:
        pass
    host.run("sync")
    fault = "--setenv=STATION_DEPLOY_FAULT=migrated=SIGSTOP"
    host.run("systemd-run", "--quiet", "--no-block", fault, PYTHON, f"{HERE}/deploy.py", bad)
    migrated = "sqlite3 -readonly /var/lib/counter/counter.db .tables | grep other"
    host.until("sh", "-c", f"grep changing {JOURNAL} && {migrated}")
    host.pull_plug()
    host.boot()
    host.until(*HEALTHY, within_s=60)
    counter.all_is_well(told, serves=before)
