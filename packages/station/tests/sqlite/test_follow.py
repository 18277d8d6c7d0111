"""Following a database through its log: what it answers, when it says that it cannot, and what it survives."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.sqlite.follow import LogOvertaken, Moment
from station.sqlite.header import lock_page
from station.sqlite.scan import Database
from station.sqlite.walfile import FRAME, HEADER

App = Any  # tests/sqlite/conftest.py
Look = Callable[[Database], Moment | None]
PAGE = 4096
FRAME_BYTES = FRAME.size + PAGE


def log_of(file: Path) -> Path:
    return Path(f"{file}-wal")


def test_the_first_look_has_to_scan_and_the_next_tells_what_changed(file: Path, app: App, look: Look) -> None:
    with Database(file) as database, database.reading() as snapshot:
        assert snapshot.follow() is None
        before = snapshot.scan()
    with Database(file) as database:
        assert look(database) is None
        app.write(7)
        with database.reading() as snapshot:
            moment = snapshot.follow()
            assert moment is not None and moment.changed == moment.pages.differing(before.hashes)
            assert 1 <= len(moment.changed) <= 2
            scanned: dict[int, bytes] = {}
            pages = snapshot.scan(scanned.__setitem__)
            assert pages == moment.pages
            assert scanned == {number: moment.page(number) for number in range(1, pages.page_count + 1)}
            for number in (0, pages.page_count + 1):
                with pytest.raises(ValueError, match="no page"):
                    moment.page(number)


def test_a_look_at_a_log_that_did_not_grow_finds_nothing(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        moment = look(database)
        assert moment is not None and moment.changed == []


def test_frames_that_no_commit_has_ended_are_not_followed(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        size = log_of(file).stat().st_size
        app.execute("pragma cache_size = 1; begin")
        app.write(1, 50)
        assert log_of(file).stat().st_size > size + 20 * FRAME_BYTES
        moment = look(database)
        assert moment is not None and moment.changed == []
        app.execute("rollback")
        app.write(200)
        moment = look(database)
        assert moment is not None and 1 <= len(moment.changed) <= 2


@pytest.mark.parametrize("mode", ["passive", "full", "restart"])
def test_one_restart_is_followed(file: Path, app: App, mode: str, look: Look) -> None:
    with Database(file) as database:
        look(database)
        app.write(1, 20)
        app.checkpoint(mode)
        app.write(10, 20)
        moment = look(database)
        assert moment is not None and len(moment.changed) >= 29
        app.write(100)
        assert look(database) is not None


def test_two_restarts_are_not_followed(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        for row in (10, 20):
            app.write(row)
            app.checkpoint()
        app.write(30)
        assert look(database) is None


def test_a_restarted_log_that_has_grown_over_our_position_is_not_followed(file: Path, app: App, look: Look) -> None:
    app.checkpoint()
    app.write(1)
    with Database(file) as database:
        look(database)  # some frames into the log
        app.write(10, 20)
        app.checkpoint()
        app.write(50, 5)
        assert look(database) is None
        app.write(60)
        assert look(database) is not None


def test_a_log_that_was_emptied_is_not_followed(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        app.write(10)
        app.checkpoint("truncate")
        assert log_of(file).stat().st_size == 0
        assert look(database) is None
        app.write(20)
        assert look(database) is None
        app.write(30)
        assert look(database) is not None


@pytest.mark.parametrize("limit", [HEADER.size + 60 * FRAME_BYTES + 100, 256_000, 262_144, 84 * FRAME_BYTES + 32])
def test_a_log_that_was_cut_to_its_limit_is_not_followed(file: Path, app: App, limit: int, look: Look) -> None:
    app.checkpoint()
    app.write(1, 15)
    with Database(file) as database:
        look(database)
        app.write(50, 100)
        app.pragma("journal_size_limit", limit)
        app.checkpoint()
        app.write(200)
        assert log_of(file).stat().st_size == limit
        assert look(database) is None


def test_what_was_committed_while_the_scan_ran_is_told_at_the_next_look(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        with database.reading() as snapshot:
            scanned = snapshot.scan(lambda number, page: app.write(5) if number == 3 else None)
        moment = look(database)
        assert moment is not None and moment.changed == moment.pages.differing(scanned.hashes) != []


def test_a_moment_may_be_later_than_the_snapshot_and_is_still_confirmed(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        with database.reading() as snapshot:
            app.write(5, 3)
            moment = snapshot.follow()
            assert moment is not None and len(moment.changed) >= 3
            assert snapshot.confirm(moment) is True
            app.write(50, 3)
            assert snapshot.confirm(moment) is True
            assert [len(moment.page(number)) for number in moment.changed] == [PAGE] * len(moment.changed)


def test_a_moment_that_is_wrong_is_not_confirmed(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        app.write(5)
        with database.reading() as snapshot:
            moment = snapshot.follow()
            assert moment is not None
            moment.pages = moment.pages.changed({40: bytes(16)}, moment.pages.page_count)
            assert snapshot.confirm(moment) is False
            with pytest.raises(LogOvertaken, match="Page 40"):
                moment.page(40)


def test_a_database_that_shrinks_and_grows_is_followed(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        app.execute("delete from t where id > 50; vacuum").fetchall()
        moment = look(database)
        assert moment is not None and moment.pages.page_count < 60
        app.execute("insert into t (b) select randomblob(9000) from t")
        moment = look(database)
        assert moment is not None and moment.pages.page_count > 100


def test_without_a_log_nothing_is_followed(file: Path, look: Look) -> None:
    with closing(apsw.Connection(str(file))) as app, Database(file) as database:
        app.execute("create table t (id integer primary key, b); insert into t values (1, 2)").fetchall()
        for _ in range(2):
            assert look(database) is None


@pytest.mark.parametrize("held", [False, True])
def test_free_pages_that_a_database_grew_by_are_followed_though_it_was_larger_before(
    file: Path, app: App, look: Look, held: bool
) -> None:
    """Their old frames are in the log, and what a checkpoint cut off the database is gone."""
    with Database(file) as database, closing(apsw.Connection(str(file))) as reader:
        look(database)
        app.execute("delete from t where id > 200; vacuum").fetchall()
        assert look(database) is not None
        if held:
            reader.execute("begin; select * from t limit 1").fetchall()  # keeps the log from being restarted
        app.checkpoint("passive")
        before = app.pragma("page_count")
        app.execute("begin; insert into t (id, b) values (999, zeroblob(400000)); delete from t where id = 999; commit")
        assert app.pragma("page_count") > before + 90
        moment = look(database)
        assert moment is not None and len(moment.changed) > 90


def test_a_closed_database_is_scanned_first_when_it_is_opened_again(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        database.close()
        assert look(database) is None


@pytest.mark.slow
def test_growing_over_the_page_that_sqlite_never_uses_is_followed(file: Path, look: Look) -> None:
    with closing(apsw.Connection(str(file))) as app, Database(file) as database:
        app.execute("pragma page_size = 65536; pragma journal_mode = off; pragma synchronous = off").fetchall()
        app.execute("create table t (b blob)")
        app.executemany("insert into t values (zeroblob(?))", [(100_000_000,)] * 10 + [(73_000_000,)])
        app.execute("pragma journal_mode = wal; insert into t values (1)").fetchall()
        look(database)
        before = app.pragma("page_count")
        app.execute("insert into t values (zeroblob(3000000))")
        assert before < lock_page(65536) < app.pragma("page_count")
        moment = look(database)
        assert moment is not None and lock_page(65536) not in moment.changed
        with database.reading() as snapshot:
            assert snapshot.scan() == moment.pages
