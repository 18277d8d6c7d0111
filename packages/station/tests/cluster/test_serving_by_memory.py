"""A host that starts while the store with the lease is away: who served last serves, and takes points."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.cluster.content import Content
from station.cluster.duty import Duty
from station.cluster.fence import mark_fenced
from station.cluster.following import Workplace
from station.cluster.heartbeat import Events
from station.cluster.lease import Lease
from station.cluster.roles import Role, write_epoch
from station.errors import StationError
from station.fleet import App, Database, Host, Points
from station.stores.directory import DirectoryStore

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SERVES, STOPPED = (True, "points"), (False, None)


class Wishes:
    """What the agent asked for last; nothing runs."""

    def __init__(self) -> None:
        self.last: tuple[bool, str | None] | None = None
        self.busy = ""

    def run(self, app: str, *, processes: bool, loop: str | None) -> None:
        if self.last != (processes, loop) and self.busy == "broken":
            raise StationError("systemd does not answer")
        self.last = (processes, loop)

    def held(self, app: str) -> str:
        return "" if self.busy == "broken" else self.busy

    def status(self, app: str) -> dict[str, Any]:
        return {}

    def waits_for(self, app: str) -> str:
        return ""


class Yard:
    """The host `one`, which served epoch 1, and a store that is away: its folder is not there."""

    def __init__(self, folder: Path) -> None:
        self.store = DirectoryStore("disk", folder / "store")
        database = {"main": Database("main", "app.db", "DATABASE_PATH")}
        points = Points(every_s=3.0)
        self.app = App("app", "App", "127.0.0.1", "one", ("two",), ("disk",), points, None, {}, database, {}, {})
        self.host, self.units = Host("one", folder / "one"), Wishes()
        self.file = self.host.paths.database("app", database["main"])
        self.file.parent.mkdir(parents=True)
        with closing(apsw.Connection(str(self.file))) as db:
            db.execute("pragma journal_mode = wal; create table t (x)").fetchall()
        write_epoch(self.host.paths.state("app"), 1, NOW)
        workplace = Workplace(self.host, self.units, Events(self.host, lambda: NOW), lambda: NOW)
        content = Content(self.app, self.host, self.store, lambda: NOW)
        self.duty = Duty(self.app, Lease(self.store, "app"), content, workplace)

    def look(self) -> Role:
        self.duty.look(lambda: None, at_once=True)
        return self.duty.role

    def brings_the_store(self, holders: tuple[str, ...] = ("one",)) -> None:
        self.store.initialise()
        for epoch, holder in enumerate(holders):
            Lease(self.store, "app").take(holder, epoch, "first start", NOW)


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def test_who_served_last_serves_and_takes_points(yard: Yard) -> None:
    assert yard.look() is Role.PRIMARY
    assert yard.units.last == SERVES
    told = yard.duty.status()
    assert (told["epoch"], told["lease"]) == (1, None)
    assert "gone" in told["lease_error"]


def test_when_the_store_answers_the_lease_says_that_it_goes_on(yard: Yard) -> None:
    yard.look()
    yard.brings_the_store()
    assert yard.look() is Role.PRIMARY
    assert yard.units.last == SERVES
    assert yard.duty.status()["lease_error"] is None
    assert yard.file.exists()


def test_when_the_store_answers_and_names_another_it_keeps_what_it_wrote_and_follows(yard: Yard) -> None:
    yard.look()
    yard.brings_the_store(("one", "two"))
    assert yard.look() is Role.STANDBY
    assert yard.units.last == (False, "mirror")
    assert list(yard.host.paths.state("app").glob("replaced/*/app.db"))


def test_who_was_told_to_stop_does_not_serve(yard: Yard) -> None:
    mark_fenced(yard.host, "app", 1, NOW)
    assert yard.look() is Role.STARTING
    assert yard.units.last is None


def test_who_has_never_served_does_not_serve(yard: Yard) -> None:
    (yard.host.paths.state("app") / "role.json").unlink()
    assert yard.look() is Role.STARTING
    assert yard.units.last is None


def test_an_app_that_is_deployed_is_left_alone(yard: Yard) -> None:
    yard.units.busy = "a deploy is under way"
    assert yard.look() is Role.STARTING
    yard.units.busy = ""
    assert yard.look() is Role.PRIMARY


def test_what_cannot_be_started_is_told_and_does_not_end_the_agent(yard: Yard) -> None:
    yard.units.busy = "broken"
    yard.look()
    assert yard.duty.status()["lease_error"] == "systemd does not answer"


def test_it_can_be_told_to_stop_though_nobody_knows_the_lease(yard: Yard) -> None:
    yard.look()
    told = yard.duty.demote(lambda text: None, flush=True, must_flush=False)
    assert (told["epoch"], told["flushed"]) == (1, False)
    assert yard.units.last == STOPPED
    assert yard.look() is Role.DEMOTED
