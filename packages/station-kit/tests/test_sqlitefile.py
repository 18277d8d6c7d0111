"""Opening a database and writing to it, with real files."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from station_kit import sqlitefile
from station_kit.errors import DatabaseUnusable, NestedTransaction
from station_kit.sqlitefile import open_database, transaction


def pragma(db: sqlite3.Connection, name: str) -> object:
    return db.execute(f"PRAGMA {name}").fetchone()[0]


def rows(path: Path) -> list[int]:
    with closing(open_database(path, read_only=True)) as db:
        return [row["x"] for row in db.execute("SELECT x FROM t ORDER BY x")]


@pytest.fixture
def table(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE t (x INTEGER UNIQUE)")


def test_a_database_is_opened_with_the_settings_that_are_promised(db: sqlite3.Connection) -> None:
    assert pragma(db, "journal_mode") == "wal"
    assert pragma(db, "foreign_keys") == 1
    assert pragma(db, "synchronous") == 1
    assert pragma(db, "busy_timeout") == 5000
    assert db.isolation_level is None
    assert db.row_factory is sqlite3.Row


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=f"there is no folder {tmp_path}/nowhere"):
        open_database(tmp_path / "nowhere" / "app.db")


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="it is a folder"):
        open_database(tmp_path)


def test_a_file_that_is_no_database_is_named_and_left_alone(path: Path) -> None:
    path.write_bytes(b"once upon a time " * 100)
    for read_only in (True, False):
        with pytest.raises(DatabaseUnusable, match=r"app\.db not opened: it is not a SQLite database"):
            open_database(path, read_only=read_only)
    assert path.read_bytes() == b"once upon a time " * 100


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_says_what_is_needed(path: Path) -> None:
    path.touch(mode=0)
    with pytest.raises(DatabaseUnusable, match="must be able to read and write"):
        open_database(path)


def test_a_name_with_characters_of_a_url_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "50% of?what#.db"
    open_database(path).close()
    assert path.exists()
    open_database(path, read_only=True).close()


@pytest.mark.usefixtures("table")
def test_read_only_refuses_every_write(path: Path) -> None:
    with closing(open_database(path, read_only=True)) as reader, pytest.raises(sqlite3.OperationalError):
        reader.execute("INSERT INTO t VALUES (1)")


def test_read_only_refuses_writes_to_an_attached_database_too(path: Path, tmp_path: Path) -> None:
    open_database(path).close()
    other = tmp_path / "other.db"
    with closing(open_database(path, read_only=True)) as reader:
        reader.execute("ATTACH :other AS other", {"other": f"{other.as_uri()}?mode=rwc"})
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("CREATE TABLE other.t (x)")


def test_read_only_makes_no_file(path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="no such file"):
        open_database(path, read_only=True)
    assert not path.exists()


@pytest.mark.usefixtures("table")
def test_a_transaction_is_kept_when_its_block_ends(db: sqlite3.Connection, path: Path) -> None:
    with transaction(db):
        db.execute("INSERT INTO t VALUES (1)")
        db.execute("INSERT INTO t VALUES (2)")
    assert rows(path) == [1, 2]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("raised", [ValueError, KeyboardInterrupt, sqlite3.IntegrityError])
def test_a_transaction_leaves_nothing_when_anything_is_raised(
    db: sqlite3.Connection, path: Path, raised: type[BaseException]
) -> None:
    with pytest.raises(raised), transaction(db):
        db.execute("INSERT INTO t VALUES (1)")
        raise raised
    assert rows(path) == []
    assert not db.in_transaction


@pytest.mark.usefixtures("table")
def test_a_transaction_inside_another_is_refused_and_the_outer_one_rolls_back(
    db: sqlite3.Connection, path: Path
) -> None:
    with pytest.raises(NestedTransaction), transaction(db):
        db.execute("INSERT INTO t VALUES (1)")
        with transaction(db):
            pass
    assert rows(path) == []


@pytest.mark.usefixtures("table")
def test_a_transaction_takes_the_write_lock_at_once(
    db: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlitefile, "BUSY_TIMEOUT_S", 0.05)
    with (
        closing(open_database(path)) as other,
        transaction(db),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


@pytest.mark.usefixtures("table")
def test_a_commit_that_fails_leaves_no_transaction_open(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE child (x REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError), transaction(db):
        db.execute("INSERT INTO child VALUES (7)")
    assert not db.in_transaction
