"""`station db` for an app with two stores: which one a verb takes, and what it says when one of them is away."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.cli.holdings import where
from station.clock import utc_now
from station.cluster.roles import write_epoch
from station.fleet import StoreSpec
from station.points.point import DatabaseId, Point
from station.points.taker import PointTaker
from station.stores.directory import DirectoryStore


@dataclass
class Twins:
    """The yard with a second store, which has one point; it has four rows, those of the first have three."""

    yard: Any
    usb: DirectoryStore
    point: Point

    def take_another(self) -> Point:
        """A point in `usb` of what the database holds now."""
        state = self.yard.folder / "usb-state"
        state.mkdir(exist_ok=True)
        with PointTaker(self.yard.database, DatabaseId("bookedbiz", "main"), self.usb, state, "pi-ctv") as taker:
            point = taker.take(1, utc_now(), still_ours=lambda: None)
        assert point is not None
        return point

    def lose(self, name: str) -> None:
        """The store's disk is gone."""
        store = self.usb if name == "usb" else self.yard.store
        store.path.rename(store.path.with_name(f"{name}-away"))


@pytest.fixture
def twins(yard: Any, with_usb: Any) -> Twins:
    yard.fleet = with_usb()
    usb = DirectoryStore("usb", yard.fleet.stores["usb"].path)
    usb.initialise()
    write_epoch(yard.fleet.hosts["pi-ctv"].paths.state("bookedbiz"), 1, utc_now())
    with closing(apsw.Connection(str(yard.database))) as writer:
        writer.execute("insert into spots values (9)")
    made = Twins(yard, usb, yard.points[0])
    made.point = made.take_another()
    return made


def _rows(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute("select count(*) from spots").fetchone()[0])


def test_a_verb_takes_the_first_store_unless_another_is_named(twins, station, tmp_path: Path) -> None:
    first = station("db", "list-points", "--json").json
    assert (first["store"], first["total"]) == ("disk", 3)
    second = station("db", "list-points", "--store", "usb", "--json").json
    assert (second["store"], [each["name"] for each in second["points"]]) == ("usb", [twins.point.name])
    assert station("db", "restore", "--to", tmp_path / "first.db", "--json").json["store"] == "disk"
    assert station("db", "restore", "--store", "usb", "--to", tmp_path / "second.db", "--json").json["store"] == "usb"
    assert (_rows(tmp_path / "first.db"), _rows(tmp_path / "second.db")) == (3, 4)


def test_copies_and_drills_go_to_the_store_that_is_named(twins, station, tmp_path: Path) -> None:
    assert station("db", "upload", "--store", "usb", "--json").json["store"] == "usb"
    assert station("db", "backup", "one", "--store", "usb", "--json").json["sent"] == "copied"
    assert station("db", "drill", "--store", "usb", "--json").json["rows"] == 4
    keys = [entry.key.split("/")[2] for entry in twins.usb.list("bookedbiz/main/")]
    assert {"database.db", "backups", "drills"} <= set(keys)
    assert station("db", "list-backups", "--json").json["backups"] == []
    (kept,) = station("db", "list-backups", "--store", "usb", "--json").json["backups"]
    assert kept["name"] == "one.db"
    back = station("db", "download", "--store", "usb", "--to", tmp_path / "back.db", "--json")
    assert (back.json["store"], _rows(tmp_path / "back.db")) == ("usb", 4)
    assert not list(twins.yard.store.list("bookedbiz/main/database.db"))


@pytest.mark.parametrize(
    "words",
    [
        ("db", "list-points"),
        ("db", "restore", "--to", "back.db"),
        ("db", "upload"),
        ("db", "backup", "one"),
        ("db", "download"),
        ("db", "list-backups"),
        ("db", "drill"),
        ("db", "info"),
        ("db", "verify"),
        ("db", "prune"),
        ("db", "test"),
        ("db", "list"),
    ],
)
def test_a_store_that_is_not_there_is_answered_with_those_there_are(twins, station, words: tuple[str, ...]) -> None:
    done = station(*words, "--store", "cloud", "--json")
    assert done.code == 2
    assert "no store 'cloud'; there is disk, usb" in done.err
    assert "no store 'cloud'; there is disk, usb" in done.json["error"]


def test_all_stores_are_tested_in_one_table(twins, station) -> None:
    done = station("db", "test", "--json").json
    assert [(each["store"], each["ok"]) for each in done["stores"]] == [("disk", True), ("usb", True)]
    shown = station("db", "test").out
    assert "disk is in order: 10 steps in " in shown
    assert "usb is in order: 10 steps in " in shown
    assert [each["store"] for each in station("db", "test", "--store", "usb", "--json").json["stores"]] == ["usb"]


def test_a_store_that_fails_its_test_keeps_no_other_from_its_own(twins, station) -> None:
    twins.lose("disk")
    done = station("db", "test", "--json")
    assert (done.code, done.json["ok"]) == (16, False)
    assert [(each["store"], each["ok"]) for each in done.json["stores"]] == [("disk", False), ("usb", True)]
    assert "is gone" in done.err


def test_info_shows_every_store_and_why_one_is_not_reached(twins, station) -> None:
    disk, usb = station("db", "info", "--json").json["stores"]
    assert (disk["store"], disk["points"], disk["holds_lease"], disk["error"]) == ("disk", 3, True, None)
    assert (usb["kind"], usb["points"], usb["holds_lease"], usb["encrypted"]) == ("directory", 1, False, False)
    assert usb["place"] == str(twins.usb.path)
    assert usb["free_bytes"] > 0
    assert usb["stored_bytes"] == twins.point.object_bytes
    twins.lose("usb")
    left = station("db", "info", "--json")
    assert left.code == 0
    assert left.json["stores"][0]["points"] == 3
    assert left.json["stores"][1]["points"] is None
    assert "is gone" in left.json["stores"][1]["error"]
    shown = station("db", "info").out
    assert "NOT reached" in shown
    assert twins.yard.points[-1].name in shown
    assert max(len(line) for line in shown.splitlines()) < 300  # not filled up with blanks
    twins.lose("disk")
    assert station("db", "info").code == 16


@pytest.mark.parametrize(
    ("kind", "path", "words", "place"),
    [
        ("sftp", "/srv/b", {"server": "pi2", "user": "backup"}, "backup@pi2:/srv/b"),
        ("s3", "pi", {"bucket": "ctv"}, "s3://ctv/pi"),
    ],
)
def test_where_a_store_is_that_is_not_reached(kind: str, path: str, words: dict[str, str], place: str) -> None:
    assert where(StoreSpec("away", kind, Path(path), **words)) == place


def test_when_the_first_store_is_away_the_others_that_hold_points_are_named(twins, station, tmp_path: Path) -> None:
    twins.lose("disk")
    done = station("db", "restore", "--to", tmp_path / "back.db")
    assert done.code == 16
    assert "The store usb holds points up to " in done.err
    assert "--store usb" in done.err
    assert station("db", "restore", "--to", tmp_path / "back.db", "--store", "usb").code == 0
    twins.lose("usb")
    assert "holds points" not in station("db", "list-points").err


def test_when_the_first_store_was_emptied_the_other_is_named(twins, station, tmp_path: Path) -> None:
    for entry in list(twins.yard.store.list("bookedbiz/main/")):
        twins.yard.store.delete(entry.key)
    done = station("db", "restore", "--to", tmp_path / "back.db", "--json")
    assert done.code == 15
    assert "--store usb" in done.json["hint"]


def test_verify_goes_through_all_stores(twins, station) -> None:
    done = station("db", "verify", "--json").json
    assert {name: each["objects"] for name, each in done["stores"].items()} == {"disk": 3, "usb": 1}
    (twins.usb.path / twins.point.object_key).write_bytes(b"cut")
    found = station("db", "verify", "--json")
    assert found.code == 14
    assert [(each["store"], each["key"]) for each in found.json["damaged"]] == [("usb", twins.point.object_key)]
    assert station("db", "verify", "--store", "disk").code == 0


def test_a_deep_look_tells_of_references_that_lead_nowhere(twins, station) -> None:
    with closing(apsw.Connection(str(twins.yard.database))) as writer:
        writer.execute(
            "create table a (id integer primary key); create table b (a references a (id)); insert into b values (7)"
        )
    twins.take_another()
    done = station("db", "verify", "--deep", "--json")
    assert done.code == 0
    assert {name: each["broken_references"] for name, each in done.json["stores"].items()} == {"disk": 0, "usb": 1}
    assert "1 references lead to rows that do not exist" in station("db", "verify", "--deep").out


def test_a_store_that_cannot_be_read_is_told_after_the_others_were_verified(twins, station) -> None:
    twins.lose("disk")
    done = station("db", "verify", "--json")
    assert done.code == 16
    assert done.json["stores"]["usb"]["objects"] == 1
    assert "is gone" in done.json["stores"]["disk"]["error"]
    (twins.usb.path / twins.point.object_key).write_bytes(b"cut")
    assert station("db", "verify").code == 14  # damage is worse than a disk that is not plugged in


def test_prune_goes_through_all_stores_under_the_one_lease(twins, station) -> None:
    for day in (1, 2):  # the younger of them rests: its successor began today
        twins.usb.put(f"bookedbiz/main/000001-pi-ctv-2026010{day}T000000000Z/base.db.zst", b"left by a kill")
    shown = station("db", "prune", "--yes", "--json").json
    assert shown["stores"]["disk"]["databases"]["main"]["freed"] == []
    (freed,) = shown["stores"]["usb"]["databases"]["main"]["freed"]
    assert freed["unreferenced"] == 1
    twins.lose("usb")
    left = station("db", "prune", "--json")
    assert left.code == 16
    assert left.json["stores"]["disk"]["databases"]["main"]["points"] == 3
    assert "is gone" in left.json["stores"]["usb"]["error"]


def test_a_store_is_opened_once_in_a_command(twins, station, monkeypatch) -> None:
    from station.stores import opening

    opened: list[str] = []
    real = opening.open_store
    monkeypatch.setattr(opening, "open_store", lambda spec, *more: opened.append(spec.name) or real(spec, *more))
    for words in (("restore", "--to", "a.db"), ("upload",), ("backup", "b"), ("drill",), ("verify",), ("prune",)):
        opened.clear()
        assert station("db", *words).code == 0
        assert opened.count("disk") == 1, words
