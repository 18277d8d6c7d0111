"""A developer's copy is masked, his own, and there wholly or not at all."""

import json
import os
import pwd
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import apsw
import pytest

from station.clock import utc_now
from station.errors import Refused, StationError
from station.fleet import App, Dev, Host, Source, load_fleet
from station.hosts.dev.asdeveloper import take_away
from station.hosts.dev.checkout import steps
from station.hosts.dev.copying import Brought, copy_production
from station.hosts.dev.instance import dev_of, origin_of
from station.points.point import Point

OFFICE = Path(__file__).parents[5] / "fleets" / "office.toml"
ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return replace(load_fleet(OFFICE).hosts["pi-ctv"], folder=tmp_path / "root")


@pytest.fixture
def dev(tmp_path: Path) -> Dev:
    """My own instance, with a checkout; its systemd does not run."""
    (tmp_path / "checkout").mkdir()
    return Dev(ME, 5100, tmp_path / "checkout", "nothing-of-the-kind")


@pytest.fixture
def app(dev: Dev) -> App:
    """An app with a mask of one column."""
    app = load_fleet(OFFICE).apps["ctv-bookedbiz-db"]
    database = replace(app.databases["main"], mask={"customers.name": "name"})
    return replace(app, databases={"main": database}, dev=dev)


@pytest.fixture(autouse=True)
def no_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.hosts.dev.instance._manager_runs", lambda dev: False)


def bring(name: str, target: Path) -> Brought:
    """Production, with one customer."""
    with closing(apsw.Connection(str(target))) as db:
        db.execute("create table customers (name text)")
        db.execute("insert into customers values ('Quimby Harrowgate')")
    return Brought(cast(Point, SimpleNamespace(name="chain/000007", taken_at=utc_now())), "disk")


def names(file: Path) -> list[Any]:
    with closing(apsw.Connection(str(file))) as db:
        return [name for (name,) in db.execute("select name from customers")]


def test_the_copy_is_masked_mine_and_says_what_it_is_of(app: App, host: Host, dev: Dev) -> None:
    [done] = copy_production(app, host, ["main"], bring, masked=True)
    assert done.file == dev.folder / ".data" / "dev.db"
    assert done.file.stat().st_mode & 0o777 == 0o600
    assert names(done.file) != ["Quimby Harrowgate"]
    assert origin_of(app, dev, "main") == {
        "point": "chain/000007",
        "taken_at": json.loads((dev.folder / ".data" / "dev.origin.json").read_text())["taken_at"],
        "origin": "disk",
        "masked": ["customers.name"],
    }
    assert not (host.paths.state(app.name) / "dev").exists()


def test_two_copies_have_other_values(app: App, host: Host) -> None:
    found = []
    for _ in range(2):
        [done] = copy_production(app, host, ["main"], bring, masked=True)
        found.append(names(done.file))
    assert found[0] != found[1]


def test_a_copy_as_it_is_has_the_real_values(app: App, host: Host) -> None:
    [done] = copy_production(app, host, ["main"], bring, masked=False)
    assert names(done.file) == ["Quimby Harrowgate"]
    assert done.masked == {}


def test_a_failure_leaves_the_old_database_and_no_real_value_anywhere(app: App, host: Host, dev: Dev) -> None:
    [before] = copy_production(app, host, ["main"], bring, masked=True)
    there = names(before.file)
    wrong = replace(app.databases["main"], mask={"customers.email": "email"})
    with pytest.raises(Refused, match="no column email"):
        copy_production(replace(app, databases={"main": wrong}), host, ["main"], bring, masked=True)
    assert names(before.file) == there
    assert [path for path in host.folder.rglob("*") if path.is_file()] == []


def test_what_sqlite_keeps_beside_the_old_database_goes_with_it(app: App, host: Host, dev: Dev) -> None:
    (dev.folder / ".data").mkdir()
    for suffix in ("", "-wal", "-shm"):
        (dev.folder / ".data" / f"dev.db{suffix}").write_text("of the old one")
    [done] = copy_production(app, host, ["main"], bring, masked=True)
    assert sorted(path.name for path in done.file.parent.iterdir()) == ["dev.db", "dev.origin.json"]


def test_without_a_checkout_the_way_to_one_is_named(app: App, host: Host, dev: Dev) -> None:
    dev.folder.rmdir()
    with pytest.raises(StationError, match="no checkout") as failed:
        copy_production(app, host, ["main"], bring, masked=True)
    assert failed.value.hint == "station dev setup ctv-bookedbiz-db"


def test_an_app_or_a_host_without_an_instance_is_told_so(app: App, host: Host) -> None:
    with pytest.raises(Refused, match=r"\[apps.ctv-bookedbiz-db.dev\]"):
        dev_of(replace(app, dev=None), host)
    with pytest.raises(Refused, match="is on pi-ctv, not on pi2"):
        dev_of(app, replace(host, name="pi2"))


def test_a_database_is_taken_away_with_its_log(tmp_path: Path) -> None:
    for name in ("a.db", "a.db-wal", "a.db-shm", "b.db"):
        (tmp_path / name).write_text("x")
    take_away([tmp_path / "a.db"], ME)
    assert [path.name for path in tmp_path.iterdir()] == ["b.db"]


def test_steps_that_are_done_are_known(app: App, dev: Dev) -> None:
    assert [step.is_done for step in steps(app, dev)] == [True, False, False, False]
    (dev.folder / ".data").mkdir()
    shutil.copy(__file__, dev.folder / ".data" / "dev.db")
    assert [step.is_done for step in steps(app, dev)] == [True, False, True, False]


def test_an_app_whose_versions_stand_in_a_file_gets_those(app: App, dev: Dev) -> None:
    locked = replace(app, source=Source("git@git.example:office.git", folder="apps/notes", lock="lock.txt"))
    (dev.folder / "apps/notes").mkdir(parents=True)
    command = steps(locked, dev)[1].command
    assert command.startswith(f"cd {dev.folder} && ")
    assert command.endswith("pip install --python .venv/bin/python --requirements lock.txt")
    (dev.folder / "apps/notes/pyproject.toml").touch()
    assert steps(locked, dev)[1].command.endswith(" --constraints lock.txt --editable ./apps/notes")
