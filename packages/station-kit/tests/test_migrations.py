"""Migrations on real databases: each file whole or not at all."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from station_kit.errors import MigrationRefused
from station_kit.migrations import migrate, pending, split_statements
from station_kit.sqlitefile import open_database, transaction

Folder = Callable[..., Path]


def tables(db: sqlite3.Connection) -> set[str]:
    return {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_migrations_are_applied_in_order_and_once(db: sqlite3.Connection, folder: Folder) -> None:
    files = folder(_002_more="INSERT INTO a VALUES (1);", _001_first="CREATE TABLE a (x);")
    assert [step.file_name for step in pending(db, files)] == ["001_first.sql", "002_more.sql"]
    assert migrate(db, files) == 2
    assert migrate(db, files) == 2
    assert db.execute("SELECT count(*) FROM a").fetchone()[0] == 1
    assert pending(db, files) == []


def test_a_migration_that_fails_leaves_nothing_and_keeps_those_before(db: sqlite3.Connection, folder: Folder) -> None:
    files = folder(_001_a="CREATE TABLE a (x);", _002_b="CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(MigrationRefused, match=r"002_b\.sql not applied.*no such table.*INSERT INTO nowhere"):
        migrate(db, files)
    assert tables(db) == {"a"}
    assert version(db) == 1


def test_a_commit_inside_a_migration_is_refused_before_it_can_do_harm(db: sqlite3.Connection, folder: Folder) -> None:
    files = folder(_001_a="CREATE TABLE a (x); COMMIT; CREATE TABLE b (x);")
    with pytest.raises(MigrationRefused, match="it says COMMIT"):
        migrate(db, files)
    assert tables(db) == set()
    with transaction(db):  # the connection is as usable as before
        db.execute("CREATE TABLE c (x)")


def test_a_trigger_and_texts_with_semicolons_are_one_statement_each(db: sqlite3.Connection, folder: Folder) -> None:
    script = """
        -- a comment; with a semicolon
        CREATE TABLE a (x TEXT DEFAULT ';', y);
        CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET y = 1; UPDATE a SET x = 'a;b'; END;
        INSERT INTO a (y) VALUES (0); -- the end"""
    assert len(list(split_statements(script))) == 4  # the last is the comment
    migrate(db, folder(_001_a=script))
    assert tuple(db.execute("SELECT x, y FROM a").fetchone()) == ("a;b", 1)


def test_a_database_of_a_newer_release_is_refused(db: sqlite3.Connection, folder: Folder) -> None:
    db.execute("PRAGMA user_version = 7")
    with pytest.raises(MigrationRefused, match="it has schema 7, this code knows schemas up to 1"):
        migrate(db, folder(_001_a="CREATE TABLE a (x);"))
    assert tables(db) == set()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["_001_a", "_003_c"], "003_c.sql follows number 1, expected number 002"),
        (["_001_a", "_001_b"], "001_b.sql comes twice"),
        (["_002_b"], "002_b.sql follows number 0, expected number 001"),
        (["_1_a"], "1_a.sql is no migration's name"),
        ([], "holds no migrations"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(
    db: sqlite3.Connection, folder: Folder, names: list[str], message: str
) -> None:
    with pytest.raises(MigrationRefused, match=message):
        migrate(db, folder(**dict.fromkeys(names, "CREATE TABLE a (x);")))
    assert tables(db) == set()


def test_a_table_that_others_point_to_can_be_rebuilt(db: sqlite3.Connection, folder: Folder) -> None:
    files = folder(
        _001_a="CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p (id) ON DELETE CASCADE);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
        _002_b="CREATE TABLE p2 (id INTEGER PRIMARY KEY, x); INSERT INTO p2 SELECT id, 0 FROM p;"
        "DROP TABLE p; ALTER TABLE p2 RENAME TO p;",
    )
    assert migrate(db, files) == 2
    assert db.execute("SELECT count(*) FROM c").fetchone()[0] == 1
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_migration_that_leaves_lines_pointing_to_nothing_is_refused(db: sqlite3.Connection, folder: Folder) -> None:
    files = folder(
        _001_a="CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p (id));",
        _002_b="INSERT INTO c VALUES (9);",
    )
    with pytest.raises(MigrationRefused, match=r"002_b.sql not applied: 1 lines would point to nothing \(c → p\)"):
        migrate(db, files)
    assert db.execute("SELECT count(*) FROM c").fetchone()[0] == 0


@pytest.mark.parametrize(
    "script",
    [
        "DELETE FROM p;",
        "DROP TABLE p;",
        "UPDATE p SET id = 2;",
        "CREATE TABLE e (x); CREATE TRIGGER t AFTER INSERT ON e BEGIN DELETE FROM P; END; INSERT INTO e VALUES (1);",
        "CREATE TABLE p2 (id INTEGER PRIMARY KEY); DROP TABLE p; ALTER TABLE p2 RENAME TO p;",
    ],
)
def test_lines_that_lose_what_they_point_to_are_found_however_it_went(
    db: sqlite3.Connection, folder: Folder, script: str
) -> None:
    first = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES P (id)); INSERT INTO p VALUES (1);"
    files = folder(_001_a=f"{first} INSERT INTO c VALUES (1);", _002_b=script)
    with pytest.raises(MigrationRefused, match=r"002_b.sql not applied: 1 lines would point to nothing \(c → P\)"):
        migrate(db, files)


def test_of_what_a_migration_leaves_alone_nothing_is_read(db: sqlite3.Connection, folder: Folder) -> None:
    first = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p); CREATE TABLE d (p REFERENCES p);"
    migrate(db, folder(_001_a=first))
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("INSERT INTO c VALUES (9)")  # broken before, and no fault of the migration
    assert migrate(db, folder(_001_a=first, _002_b="INSERT INTO d VALUES (NULL); CREATE INDEX i ON c (p);")) == 2


def test_two_that_migrate_at_once_apply_each_file_once(path: Path, folder: Folder) -> None:
    files = folder(
        _001_a="CREATE TABLE a (x);", **{f"_{n:03d}_b": f"INSERT INTO a VALUES ({n});" for n in range(2, 12)}
    )

    def run(_: int) -> int:
        with closing(open_database(path)) as db:
            return migrate(db, files)

    with ThreadPoolExecutor(2) as pool, closing(open_database(path)) as holder:
        with transaction(holder):  # both see that everything is pending, and wait for the same lock
            runs = [pool.submit(run, number) for number in range(2)]
            time.sleep(0.3)
        assert [run.result() for run in runs] == [11, 11]
    with closing(open_database(path, read_only=True)) as db:
        assert [row[0] for row in db.execute("SELECT x FROM a ORDER BY x")] == list(range(2, 12))


def test_migrating_inside_a_transaction_is_refused(db: sqlite3.Connection, folder: Folder) -> None:
    with pytest.raises(MigrationRefused, match="a transaction is open"), transaction(db):
        migrate(db, folder(_001_a="CREATE TABLE a (x);"))
