"""`station db`: listing, restoring, verifying, on a store with real points."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest


def _rows(file: Path) -> list[int]:
    with closing(sqlite3.connect(file)) as database:
        return [row[0] for row in database.execute("select n from spots order by rowid")]


def test_points_are_listed_newest_first(yard, station) -> None:
    listed = station("db", "list-points", "--json")
    assert listed.code == 0
    assert [each["name"] for each in listed.json["points"]] == [point.name for point in reversed(yard.points)]
    assert listed.json["points"][0]["object_bytes"] == yard.points[-1].object_bytes
    assert listed.json["total"] == 3


def test_the_limit_leaves_older_points_out(yard, station) -> None:
    listed = station("db", "list-points", "bookedbiz", "--limit", 1)
    assert yard.points[-1].name in listed.out
    assert yard.points[0].name not in listed.out
    assert listed.err == "1 of 3 points in disk\n"


def test_the_newest_point_is_restored_when_none_is_named(yard, station, tmp_path: Path) -> None:
    done = station("db", "restore", "--to", tmp_path / "back.db", "--json")
    assert done.code == 0
    assert done.json["point"] == yard.points[-1].name
    assert (done.json["pages"], done.json["integrity"]) == (yard.points[-1].page_count, "ok")
    assert _rows(tmp_path / "back.db") == [2, 1, 0]


def test_a_file_name_is_printed_as_it_is(yard, station, tmp_path: Path) -> None:
    assert f"restored {tmp_path}/[bold]:bee:.db: " in station("db", "restore", "--to", "[bold]:bee:.db").out


def test_a_point_is_restored_by_its_name(yard, station, tmp_path: Path) -> None:
    station("db", "restore", "--point", yard.points[0].name, "--to", tmp_path / "back.db")
    assert _rows(tmp_path / "back.db") == [2]


def test_the_newest_point_before_a_moment_is_restored_and_told(
    yard, station, tmp_path: Path, as_local: Callable[[datetime], str]
) -> None:
    wanted = yard.points[1].taken_at + timedelta(seconds=30)
    done = station("db", "restore", "--at", as_local(wanted), "--to", tmp_path / "back.db")
    assert yard.points[1].name in done.err
    assert "before the moment asked for" in done.err
    assert _rows(tmp_path / "back.db") == [2, 1]


def test_a_moment_before_every_point_is_exit_code_15(yard, station, tmp_path: Path) -> None:
    assert station("db", "restore", "--at", "3d ago", "--to", tmp_path / "back.db").code == 15
    assert not (tmp_path / "back.db").exists()


def test_an_existing_file_is_not_overwritten(yard, station, tmp_path: Path) -> None:
    (tmp_path / "back.db").write_text("precious")
    done = station("db", "restore", "--to", tmp_path / "back.db")
    assert done.code == 20
    assert (tmp_path / "back.db").read_text() == "precious"


@pytest.mark.parametrize("host", ["pi-ctv", "pi2"])
def test_nothing_is_restored_to_where_a_host_keeps_live_data(yard, station, host: str) -> None:
    target = yard.fleet.hosts[host].paths.data("bookedbiz") / "other.db"
    done = station("db", "restore", "--to", target)
    assert done.code == 20
    assert not target.exists()


def test_a_time_and_a_name_together_are_wrong_usage(yard, station, tmp_path: Path) -> None:
    assert station("db", "restore", "--at", "1m ago", "--point", "x", "--to", tmp_path / "back.db").code == 2


def test_a_whole_store_verifies(yard, station) -> None:
    done = station("db", "verify", "--deep", "--json")
    assert done.code == 0
    assert (done.json["objects"], done.json["damaged"]) == (4, [])  # three objects and one chain that restores


def test_a_damaged_object_is_named_with_exit_code_14(yard, station) -> None:
    damaged = yard.store.path / yard.points[1].object_key
    damaged.write_bytes(damaged.read_bytes()[:-1])
    done = station("db", "verify")
    assert done.code == 14
    assert yard.points[1].object_key in done.out
    assert done.err.count("error: 1 of 3 findings are damage") == 1


def test_info_adds_up_what_the_store_holds(yard, station) -> None:
    (disk,) = station("db", "info", "--json").json["stores"]
    (figures,) = disk["databases"]
    assert figures["points"] == 3
    assert figures["stored_bytes"] == sum(point.object_bytes for point in yard.points)
    assert figures["last"] == yard.points[-1].name


def test_a_point_cannot_be_taken_when_nothing_runs(yard, station) -> None:
    done = station("db", "point")
    assert done.code == 11
    assert "station up" in done.err


def test_an_app_that_is_not_there_is_wrong_usage(yard, station) -> None:
    done = station("db", "info", "ledger")
    assert done.code == 2
    assert "bookedbiz" in done.err
