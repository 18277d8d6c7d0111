"""How often a store is asked when nothing happens: services count calls, and a telephone line costs money."""

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from station.cluster.content import Content
from station.cluster.duty import Duty
from station.cluster.following import BRIEFLY_S, Workplace
from station.cluster.heartbeat import Events
from station.cluster.lease import LIST_EVERY, Lease
from station.cluster.mirror_loop import rhythm
from station.cluster.roles import Next, Role
from station.fleet import App, Database, Host, Points
from station.points.mirror import Mirror
from station.points.point import DatabaseId
from station.points.taker import PointTaker
from station.stores.directory import DirectoryStore
from station.stores.store import MARKER

NOW = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
IDENTITY = DatabaseId("app", "main")


class CountingStore(DirectoryStore):
    """Counts what a service would be asked."""

    def __init__(self, name, path):
        super().__init__(name, path)
        self.calls = Counter()

    def open(self, key):
        self.calls["open"] += 1
        return super().open(key)

    def list(self, prefix=""):
        self.calls["list"] += 1
        return super().list(prefix)

    def put(self, key, source):
        self.calls["put"] += 1
        super().put(key, source)

    def create(self, key, source):
        self.calls["create"] += 1
        super().create(key, source)


class IdleUnits:
    """Runs nothing: the loops are called by the test."""

    def run(self, app, *, processes, loop):
        pass

    def held(self, app):
        return ""

    def waits_for(self, app):
        return ""

    def status(self, app):
        return {}


class FakeTime:
    def __init__(self):
        self.now_s = 1000.0

    def monotonic(self):
        return self.now_s


class Pair:
    """A primary and a standby of one app, driven second by second."""

    def __init__(self, folder: Path, look_every_s: float, time: FakeTime) -> None:
        self.store = CountingStore("cloud", folder / "store")
        self.store.initialise()
        database = {"main": Database("main", "app.db", "DATABASE_PATH")}
        points = Points(every_s=3.0)
        self.app = App("app", "App", "127.0.0.1", "one", ("two",), ("cloud",), points, None, {}, database, {}, {})
        self.time = time
        self.looks = look_every_s
        self.hosts = [Host(name, folder / name) for name in ("one", "two")]
        self.file = self.hosts[0].paths.database("app", database["main"])
        self.file.parent.mkdir(parents=True)
        with closing(apsw.Connection(str(self.file))) as db:
            db.execute("pragma journal_mode = wal; create table t (x); insert into t values (1)").fetchall()
        self.duties = [self._duty(host) for host in self.hosts]
        for duty in self.duties:
            duty.look(lambda: None)
        self.pause_s, hint_every = rhythm(self.app, look_every_s)
        state = self.hosts[1].paths.state("app")
        self.mirror = Mirror(state / "mirror", self.store, IDENTITY, hint_every=hint_every)

    def run(self, seconds: int) -> None:
        lease = Lease(self.store, "app")
        state = self.hosts[0].paths.state("app")
        with PointTaker(self.file, IDENTITY, self.store, state, "one") as taker:
            taker.take(1, NOW, still_ours=lambda: lease.require(1))
            self.mirror.catch_up()
            self.store.calls.clear()
            for second in range(1, seconds + 1):
                self.time.now_s += 1
                for duty in self.duties:
                    duty.look(lambda: None)
                if second % 3 == 0:
                    taker.take(1, NOW + timedelta(seconds=second), still_ours=lambda: lease.require(1))
                if second % max(1, round(self.pause_s)) == 0:
                    self.mirror.catch_up()

    def _duty(self, host: Host) -> Duty:
        workplace = Workplace(host, IdleUnits(), Events(host, lambda: NOW), lambda: NOW)
        return Duty(
            self.app, Lease(self.store, "app"), Content(self.app, host, self.store, lambda: NOW), workplace, self.looks
        )


@pytest.fixture
def time(monkeypatch):
    fake = FakeTime()
    monkeypatch.setattr("station.cluster.following.time", fake)
    return fake


@pytest.mark.parametrize(("look_every_s", "most_per_s"), [(10.0, 0.3), (5.0, 0.6), (1.0, 4.2)])
def test_an_idle_primary_and_its_standby_ask_seldom(tmp_path, time, look_every_s, most_per_s):
    pair = Pair(tmp_path, look_every_s, time)
    assert [duty.role for duty in pair.duties] == [Role.PRIMARY, Role.STANDBY]
    pair.run(1200)
    assert sum(pair.store.calls.values()) / 1200 <= most_per_s, pair.store.calls
    assert set(pair.store.calls) <= {"open", "list"}


def test_a_primary_steps_down_within_one_look(tmp_path, time):
    pair = Pair(tmp_path, 10.0, time)
    pair.run(3)
    Lease(pair.store, "app").take("two", 1, "somebody else", NOW)
    for _ in range(10):
        time.now_s += 1
        pair.duties[0].look(lambda: None)
    assert pair.duties[0].role is Role.STANDBY


def test_a_verb_does_not_wait_for_the_next_look(tmp_path, time):
    pair = Pair(tmp_path, 300.0, time)
    Lease(pair.store, "app").take("two", 1, "somebody else", NOW)
    assert pair.duties[0].resume(lambda: None)["lease"]["epoch"] == 2


def test_a_new_chain_is_noticed_between_two_listings(tmp_path, time):
    pair = Pair(tmp_path, 10.0, time)
    pair.run(30)
    with PointTaker(pair.file, IDENTITY, pair.store, pair.hosts[0].paths.state("app"), "one") as taker:
        point = taker.take(1, NOW + timedelta(hours=1), still_ours=lambda: None, full=True)
    assert point.seq == 0
    assert point in [pair.mirror.catch_up() for _ in range(6)]


def test_the_lease_of_a_store_that_was_emptied_is_noticed(tmp_path):
    store = CountingStore("cloud", tmp_path)
    store.initialise()
    lease = Lease(store, "app")
    lease.take("one", 0, "first start", NOW)
    assert (tmp_path / MARKER).exists()
    store.delete("app/epochs/000001.json")
    assert None in [lease.current() for _ in range(LIST_EVERY)]


def test_an_unchanged_lease_costs_one_call(tmp_path):
    store = CountingStore("cloud", tmp_path)
    store.initialise()
    lease = Lease(store, "app")
    lease.take("one", 0, "first start", NOW)
    store.calls.clear()
    assert lease.current().epoch == 1
    assert store.calls == {"open": 1}
    Lease(store, "app").take("two", 1, "failover", NOW)
    assert lease.current().epoch == 2


def test_who_takes_the_lease_lists_it_first(tmp_path):
    store = CountingStore("cloud", tmp_path)
    store.initialise()
    lease = Lease(store, "app")
    lease.take("one", 0, "first start", NOW)
    store.calls.clear()
    lease.take("one", 1, "again", NOW)
    assert store.calls["list"] == 1


def test_a_last_point_that_takes_long_does_not_use_up_the_brief_wait_after_it(tmp_path, time, monkeypatch):
    pair = Pair(tmp_path, 1.0, time)
    create = pair.store.create

    def slowly(key, source):
        time.now_s += 20
        create(key, source)

    monkeypatch.setattr(pair.store, "create", slowly)
    primary = pair.duties[0]
    assert primary.demote(lambda step: None, flush=True, must_flush=True, briefly=True)["flushed"]
    primary.look(lambda: None)
    assert primary.role is Role.DEMOTED
    time.now_s += BRIEFLY_S
    primary.look(lambda: None)
    assert primary.role is Role.PRIMARY


def test_a_demoted_host_does_not_serve_again_on_a_stale_look(tmp_path, time):
    pair = Pair(tmp_path, 300.0, time)
    primary = pair.duties[0]
    primary.demote(lambda step: None, flush=False, must_flush=False, briefly=True)
    Lease(pair.store, "app").take("two", 1, "somebody else", NOW)
    time.now_s += BRIEFLY_S
    roles = []
    primary._become, become = lambda wanted, pulse: (roles.append(wanted), become(wanted, pulse)), primary._become
    primary.look(lambda: None)
    assert roles == [Next.REJOIN]
