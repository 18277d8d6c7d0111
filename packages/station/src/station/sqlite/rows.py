"""What is in a database, as a person would check it: is it whole, do its references hold, how many rows has it."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import apsw

from station.sqlite.scan import Database, failures

_TABLES = """
-- Every table that holds rows: SQLite's own are left out, and virtual ones, whose rows lie in tables beside them.
select name from sqlite_schema
where type = 'table' and name not like 'sqlite\\_%' escape '\\' and sql not like 'create virtual %'
order by name
"""


@dataclass(frozen=True)
class Checked:
    """`fault` is what SQLite finds wrong, None when it is whole; `rows` by table."""

    fault: str | None
    broken_references: int
    rows: dict[str, int]


def check_file(path: Path) -> Checked:
    """Check a file that nobody else has open: integrity, foreign keys, rows."""
    with failures(path):
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"file:{quote(str(path))}?immutable=1", flags=flags)
        try:
            found = _integrity(connection)
            if found != "ok":
                return Checked(found, 0, {})
            broken = sum(1 for _ in connection.execute("pragma foreign_key_check"))
            return Checked(None, broken, count_rows(connection))
        finally:
            connection.close()


def live_rows(path: Path) -> dict[str, int]:
    """The rows of every table of a database that may be in use, all of one moment. DatabaseError."""
    with Database(path) as database, database.reading() as snapshot:
        return count_rows(snapshot.connection)


def count_rows(connection: apsw.Connection) -> dict[str, int]:
    """The number of rows of each table."""
    names = [str(name) for (name,) in connection.execute(_TABLES)]
    return {name: _count(connection, name) for name in names}


def _integrity(connection: apsw.Connection) -> str:
    try:
        return "; ".join(str(row[0]) for row in connection.execute("pragma integrity_check(5)"))
    except apsw.CorruptError as why:  # so broken that the check itself gives up
        return str(why)


def _count(connection: apsw.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    # a table's name cannot be a parameter; it comes from the schema itself and is quoted
    return int(next(connection.execute(f'select count(*) from "{quoted}"'))[0])  # noqa: S608
