"""`station db upload`, `backup`, `download`, `list-backups`, `list`, `test`, `drill`, `info`: on a real store."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from station.clock import utc_now
from station.cluster.lease import Lease
from station.cluster.roles import write_epoch
from station.points.holding import locked

CURRENT = "bookedbiz/main/database.db"


@pytest.fixture
def primary(yard):
    """The yard, whose host pi-ctv has its database in place under the lease."""
    write_epoch(yard.fleet.hosts["pi-ctv"].paths.state("bookedbiz"), 1, utc_now())
    return yard


def _rows(file: Path) -> list[int]:
    with closing(sqlite3.connect(file)) as database:
        return [row[0] for row in database.execute("select n from spots order by rowid")]


def _write(yard, value: int) -> None:
    with closing(apsw.Connection(str(yard.database))) as writer:
        writer.execute("insert into spots values (?)", (value,))


def test_upload_then_download_gives_the_rows_back(primary, station, tmp_path: Path) -> None:
    up = station("db", "upload", "--json")
    assert (up.code, up.json["sent"], up.json["key"], up.json["host"]) == (0, "file", CURRENT, "pi-ctv")
    down = station("db", "download", "--to", tmp_path / "back.db", "--json")
    assert (down.code, down.json["sha256"]) == (0, up.json["sha256"])
    assert _rows(tmp_path / "back.db") == [2, 1, 0]


def test_the_result_line_says_what_was_done(primary, station) -> None:
    assert f"{CURRENT} in disk: checked and stored, " in station("db", "upload").out
    assert "unchanged, nothing sent" in station("db", "upload").out
    assert "copied by the store" in station("db", "backup", "one").out


def test_download_names_its_file_when_it_is_given_none(primary, station, tmp_path: Path) -> None:
    station("db", "upload")
    assert f"downloaded {tmp_path}/bookedbiz-main-database.db from disk: " in station("db", "download").out
    assert station("db", "download").code == 20


def test_nothing_is_downloaded_to_where_a_host_keeps_live_data(primary, station) -> None:
    station("db", "upload")
    target = primary.database.with_name("other.db")
    done = station("db", "download", "--to", target)
    assert (done.code, target.exists()) == (20, False)


def test_a_backup_is_named_listed_and_downloaded(primary, station, tmp_path: Path) -> None:
    assert station("db", "backup", "pre_migration").code == 0
    _write(primary, 7)
    assert station("db", "backup", "bookedbiz", "later.db").code == 0
    assert station("db", "backup").code == 0
    names = [each["name"] for each in station("db", "list-backups", "--json").json["backups"]]
    assert names[1:] == ["later.db", "pre_migration.db"]
    assert names[0].startswith("database_backup_2")
    assert station("db", "download", "--backup", "pre_migration", "--to", tmp_path / "back.db").code == 0
    assert _rows(tmp_path / "back.db") == [2, 1, 0]
    assert "pre_migration.db" in station("db", "list-backups").out


def test_a_name_that_exists_is_refused_and_one_that_cannot_be_too(primary, station) -> None:
    station("db", "backup", "one")
    again = station("db", "backup", "one.db")
    assert again.code == 20
    assert "there is one named one.db" in again.err
    assert station("db", "backup", "../one").code == 20
    assert station("db", "backup", "a", "b", "c").code == 2


def test_a_backup_that_is_not_there_is_exit_code_15(primary, station) -> None:
    assert station("db", "download", "--backup", "none").code == 15


def test_a_damaged_copy_is_exit_code_14(primary, station, tmp_path: Path) -> None:
    station("db", "upload")
    (primary.store.path / CURRENT).write_bytes(b"cut")
    assert station("db", "download", "--to", tmp_path / "back.db").code == 14
    assert not (tmp_path / "back.db").exists()


def test_nothing_to_download_is_told(primary, station) -> None:
    done = station("db", "download")
    assert done.code == 16
    assert "no such object" in done.err


def test_without_a_primary_that_is_in_place_nothing_is_copied(yard, station) -> None:
    for verb in ("upload", "backup", "drill"):
        done = station("db", verb)
        assert done.code == 11
        assert "not in place" in done.err


def test_copies_are_made_where_the_lease_is(primary, station) -> None:
    Lease(primary.store, "bookedbiz").take("pi2", 1, "failover", utc_now())
    done = station("db", "upload")
    assert done.code == 11
    assert "pi2 is primary of bookedbiz (epoch 2)" in done.err


def test_a_second_run_is_exit_code_12_and_names_the_first(primary, station) -> None:
    state = primary.fleet.hosts["pi-ctv"].paths.state("bookedbiz")
    with locked(state / "copies-main.lock", "x", "pi-ctv"):
        done = station("db", "upload")
    assert done.code == 12
    assert "process " in done.err
    assert station("db", "upload").code == 0


def test_the_store_passes_its_test_and_nothing_is_left_in_it(primary, station) -> None:
    before = list(primary.store.list())
    done = station("db", "test", "--json")
    assert (done.code, done.json["ok"]) == (0, True)
    (disk,) = done.json["stores"]
    assert [step["step"] for step in disk["steps"]][:4] == [
        "reach it",
        "room and account",
        "create",
        "create again",
    ]
    assert all(step["ok"] and step["took_s"] >= 0 for step in disk["steps"])
    assert disk["about"]["free_bytes"] > 0
    assert list(primary.store.list()) == before
    assert "disk is in order: 10 steps in " in station("db", "test").out


def test_a_store_that_is_gone_fails_its_test_at_the_first_step(primary, station) -> None:
    primary.store.path.rename(primary.folder / "away")
    done = station("db", "test")
    assert done.code == 16
    assert done.out.splitlines()[1].split()[:4] == ["disk", "reach", "it", "FAILED"]
    assert "is gone" in done.err


def test_list_shows_one_level_with_what_is_below(primary, station) -> None:
    station("db", "backup", "one")
    top = station("db", "list", "--json").json
    assert [folder["name"] for folder in top["folders"]] == ["bookedbiz"]
    main = station("db", "list", "/bookedbiz/main/", "--json").json
    assert {"backups", primary.points[0].chain} <= {folder["name"] for folder in main["folders"]}
    backups = station("db", "list", "bookedbiz/main/backups", "--json").json
    assert [each["name"] for each in backups["objects"]] == ["one.db", "one.db.json"]
    assert "backups/" in station("db", "list", "bookedbiz/main").out
    assert station("db", "list", "bookedbiz/nothing").code == 16


def test_info_shows_the_portable_copies(primary, station) -> None:
    station("db", "upload")
    station("db", "backup", "one")
    station("db", "drill")
    (disk,) = station("db", "info", "--json").json["stores"]
    (figures,) = disk["copies"]
    assert figures["bytes"] == (primary.store.path / CURRENT).stat().st_size
    assert (figures["backups"], figures["last_backup"], figures["host"]) == (1, "one.db", "pi-ctv")
    assert figures["last_drill_at"]
    shown = station("db", "info").out
    assert "portable copy" in shown
    assert "last drill" in shown


def test_a_drill_names_what_was_written_since_and_passes(primary, station) -> None:
    _write(primary, 7)
    done = station("db", "drill", "--json")
    assert (done.code, done.json["passed"], done.json["rows"]) == (0, True, 3)
    assert done.json["differences"] == [{"table": "spots", "restored": 3, "live": 4}]
    assert "spots: 3 rows restored, 4 rows live" in station("db", "drill").out


def test_a_drill_of_a_damaged_point_is_exit_code_14(primary, station) -> None:
    damaged = primary.store.path / primary.points[1].object_key
    damaged.write_bytes(damaged.read_bytes()[:-1])
    done = station("db", "drill")
    assert done.code == 14
    kept = json.loads((primary.fleet.hosts["pi-ctv"].paths.state("bookedbiz") / "drill.json").read_text())
    assert not kept["main"]["passed"]


def test_copies_and_drills_are_not_taken_for_damaged_records(primary, station) -> None:
    station("db", "upload")
    station("db", "backup")
    station("db", "drill")
    assert station("db", "list-points", "--json").json["total"] == 3
    assert station("db", "verify", "--deep").code == 0
    assert "cannot be read" not in station("status").out


def test_a_job_that_was_done_after_its_moment_is_not_done_again(primary, station) -> None:
    station("db", "upload")
    before = (primary.store.path / f"{CURRENT}.json").read_bytes()
    _write(primary, 7)
    job = ("job", "bookedbiz", "copy", "--host", "pi-ctv", "--due")
    assert "copied already" in station(*job, "2026-01-01T00:00:00Z").err
    assert (primary.store.path / f"{CURRENT}.json").read_bytes() == before
    assert "copied: " in station(*job, "2999-01-01T00:00:00Z").err


def test_a_drill_that_failed_is_not_taken_for_done(primary, station) -> None:
    damaged = primary.store.path / primary.points[1].object_key
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1])
    job = ("job", "bookedbiz", "drill", "--host", "pi-ctv", "--due", "2026-01-01T00:00:00Z")
    assert station(*job).code == 14
    assert station(*job).code == 14
    damaged.write_bytes(whole)
    assert "passed" in station(*job).err
    assert "done already" in station(*job).err


def test_a_job_of_a_host_that_is_not_primary_is_exit_code_13(primary, station) -> None:
    assert station("job", "bookedbiz", "copy", "--host", "pi2", "--due", "2026-01-01T00:00:00Z").code == 13


def test_sigterm_ends_a_run_cleanly(primary, station) -> None:
    with closing(apsw.Connection(str(primary.database))) as writer:
        writer.execute("create table bulk (b); pragma synchronous = off")
        writer.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) "
            "insert into bulk select randomblob(1000000) from n"
        )
    spool = primary.fleet.hosts["pi-ctv"].paths.state("bookedbiz") / "copies" / "main" / "database.db"
    command = [Path(sys.executable).with_name("station"), "--fleet", primary.fleet.path, "db", "upload"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
        while not spool.exists():
            assert run.poll() is None
            time.sleep(0.002)
        run.send_signal(signal.SIGTERM)
        assert run.wait(20) == 130
        assert run.stderr is not None
        assert run.stderr.read() == "interrupted\n"
    assert not spool.exists()
    assert not (primary.store.path / CURRENT).exists()
    assert station("db", "upload").code == 0
