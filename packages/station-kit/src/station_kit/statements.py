"""Named SQL: the `sql/NAME.sql` files beside a package's code, each headed by the question it answers."""

import sqlite3
from collections.abc import Mapping
from types import MappingProxyType

from station_kit.errors import BadStatement
from station_kit.sources import Source, folder_of, sql_files


class _AnyParameter(dict[str, None]):
    """Has every named parameter, as NULL."""

    def __missing__(self, name: str) -> None:
        return None


def load(source: Source) -> Mapping[str, str]:
    """The text of every `sql/NAME.sql` of the package (or folder) by NAME.

    BadStatement when there is none, or one does not begin with a comment: the question that it answers.
    """
    found = sql_files(folder_of(source) / "sql")
    if not found:
        raise BadStatement(f"{source} has no sql/*.sql files", "Put them beside the module and ship them with the app")
    statements: dict[str, str] = {}
    for file in found:
        text = file.read_text(encoding="utf-8")
        first_line = text.partition("\n")[0]
        if not first_line.startswith("--") or not first_line.strip("- \t\r"):
            raise BadStatement(
                f"{source}: sql/{file.name} does not say what it answers",
                "Begin it with a comment: -- How much was booked per month?",
            )
        statements[file.name.removesuffix(".sql")] = text
    return MappingProxyType(statements)


def compile_errors(db: sqlite3.Connection, statements: Mapping[str, str]) -> list[str]:
    """What SQLite has against each statement on this schema, as `NAME: reason`; empty when all would run.

    Nothing is run. A statement must be alone in its file and name its parameters (`:month`, not `?`).
    """
    errors: list[str] = []
    for name, sql in statements.items():
        try:
            db.execute(f"EXPLAIN {sql}", _AnyParameter()).fetchall()
        except (sqlite3.Error, sqlite3.Warning) as why:
            errors.append(f"{name}: {why}")
    return errors
