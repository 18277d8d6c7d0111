"""Bring a database to the schema of the code: numbered `NNN_name.sql` files, counted in `PRAGMA user_version`."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from station_kit.errors import MigrationRefused
from station_kit.sources import Source, folder_of, sql_files
from station_kit.sqlitefile import transaction

_FILE_NAME = re.compile(r"(\d{3})_([a-z0-9_]+)\.sql")
_WRITING = (
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_ALTER_TABLE,
)


@dataclass(frozen=True)
class Migration:
    """One step from schema `number - 1` to schema `number`."""

    number: int
    file_name: str
    sql: str


def migrate(db: sqlite3.Connection, source: Source) -> int:
    """Apply what is pending, each file in a transaction of its own, and return the schema's number.

    A file that fails leaves nothing behind; those before it stay. Two processes may call this at once: each file is
    applied once. While a file runs foreign keys are not enforced, so that tables can be rebuilt; before its commit they
    are checked in every table that it wrote to, and in those that point there. MigrationRefused as `pending` raises it,
    or with the file and statement that failed.
    """
    for migration in pending(db, source):
        _apply(db, migration)
    return _version(db)


def pending(db: sqlite3.Connection, source: Source) -> list[Migration]:
    """The migrations that the database has not had, in order.

    MigrationRefused when there are none at all, when their numbers are not 1, 2, 3, … without gap or double, or when
    the database is newer than the last of them.
    """
    migrations = _read(source)
    newest = migrations[-1].number
    version = _version(db)
    if version > newest:
        raise MigrationRefused(
            f"Database not migrated: it has schema {version}, this code knows schemas up to {newest}",
            "Run the newer release that wrote it, or restore a point from before that release",
        )
    return migrations[version:]


def _read(source: Source) -> list[Migration]:
    migrations: list[Migration] = []
    for file in sql_files(folder_of(source)):
        match = _FILE_NAME.fullmatch(file.name)
        if match is None:
            raise MigrationRefused(f"{source}: {file.name} is no migration's name", "Name it like 001_first_tables.sql")
        migrations.append(Migration(int(match[1]), file.name, file.read_text(encoding="utf-8")))
    if not migrations:
        raise MigrationRefused(f"{source} holds no migrations", "Add 001_first_tables.sql, and ship it with the app")
    for expected, migration in enumerate(migrations, start=1):
        if migration.number != expected:
            wrong = "comes twice" if migration.number < expected else f"follows number {expected - 1}"
            raise MigrationRefused(
                f"{source}: {migration.file_name} {wrong}, expected number {expected:03d}",
                "Number the files 001, 002, 003 … without a gap; an applied file keeps its number for good",
            )
    return migrations


def _apply(db: sqlite3.Connection, migration: Migration) -> None:
    if db.in_transaction:
        raise MigrationRefused(f"{migration.file_name} not applied: a transaction is open", "Migrate outside of one")
    enforced = db.execute("PRAGMA foreign_keys").fetchone()[0]
    db.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction, so before it
    try:
        with transaction(db):
            if _version(db) >= migration.number:  # another process was quicker
                return
            written: set[str] = set()
            for statement in split_statements(migration.sql):
                written |= _run(db, migration, statement)
            _check_foreign_keys(db, migration, written)
            db.execute(f"PRAGMA user_version = {migration.number:d}")
    finally:
        db.execute(f"PRAGMA foreign_keys = {enforced:d}")


def split_statements(sql: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit before the first and stop nowhere whole."""
    statement = ""
    for part in re.split("(;)", sql):
        statement += part
        if part == ";" and sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    if statement.strip():
        yield statement.strip()


def _run(db: sqlite3.Connection, migration: Migration, statement: str) -> set[str]:
    """The tables that it wrote to, in small letters, those included that its triggers wrote to."""
    asked_for_control: list[str] = []
    written: set[str] = set()

    def watch(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action in (sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT):
            asked_for_control.append(first or "")
            return sqlite3.SQLITE_DENY
        if action in _WRITING:
            named = second if action == sqlite3.SQLITE_ALTER_TABLE else first
            written.add((named or "").lower())
        return sqlite3.SQLITE_OK

    db.set_authorizer(watch)  # a COMMIT in the file would make half of it final
    try:
        db.execute(statement).fetchall()
    except sqlite3.Error as why:
        reason = f"it says {asked_for_control[0]}" if asked_for_control else str(why)
        raise MigrationRefused(
            f"{migration.file_name} not applied, and nothing of it kept: {reason}, in: {_shortened(statement)}",
            "A migration is one transaction already: leave BEGIN and COMMIT out" if asked_for_control else "",
        ) from why
    finally:
        db.set_authorizer(None)
    return written


def _check_foreign_keys(db: sqlite3.Connection, migration: Migration, written: set[str]) -> None:
    """What a file leaves alone is not read: a schema may have many files, and a table a million lines."""
    pointing = db.execute(
        'SELECT lower(child.name), lower(key."table") FROM sqlite_schema AS child '
        "LEFT JOIN pragma_foreign_key_list(child.name) AS key WHERE child.type = 'table'"
    ).fetchall()
    affected = {child for child, parent in pointing if child in written or parent in written}
    broken = [row for table in sorted(affected) for row in db.execute(f"PRAGMA foreign_key_check({_quoted(table)})")]
    if broken:
        tables = sorted({f"{row[0]} → {row[2]}" for row in broken})
        raise MigrationRefused(
            f"{migration.file_name} not applied: {len(broken)} lines would point to nothing ({', '.join(tables)})"
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _shortened(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= 120 else f"{text[:119]}…"
