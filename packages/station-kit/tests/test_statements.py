"""Named SQL: read from files, and checked against a schema."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from station_kit.errors import BadStatement
from station_kit.statements import compile_errors, load

Folder = Callable[..., Path]


def test_statements_are_named_by_their_files(folder: Folder) -> None:
    statements = load(folder("sql", one="-- What is one?\nSELECT 1", two="-- And two?\nSELECT 2"))
    assert dict(statements) == {"one": "-- What is one?\nSELECT 1", "two": "-- And two?\nSELECT 2"}
    with pytest.raises(TypeError):
        statements["three"] = "SELECT 3"  # type: ignore[index]  # that is the point


@pytest.mark.parametrize("text", ["SELECT 1", "--\nSELECT 1", "-- \nSELECT 1", "", "\n-- Too late\nSELECT 1"])
def test_a_statement_without_its_question_is_refused(folder: Folder, text: str) -> None:
    with pytest.raises(BadStatement, match=r"one\.sql does not say what it answers"):
        load(folder("sql", one=text))


def test_a_package_without_statements_is_refused(folder: Folder) -> None:
    with pytest.raises(BadStatement, match="has no sql"):
        load(folder())


def test_a_package_is_found_by_its_dotted_name() -> None:
    with pytest.raises(BadStatement, match=r"station_kit\.testing has no sql"):
        load("station_kit.testing")


def test_what_would_not_run_is_named_and_nothing_is_run(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE t (x)")
    assert compile_errors(
        db,
        {
            "good": "-- Which?\nSELECT x FROM t WHERE x = :x AND x > @y",
            "writes": "-- No question\nDELETE FROM t",
            "typo": "-- Which?\nSELECT y FROM t",
            "nameless": "-- Which?\nSELECT x FROM t WHERE x = ?",
            "two": "-- Which?\nSELECT 1; SELECT 2",
        },
    ) == [
        "typo: no such column: y",
        "nameless: Binding 1 has no name, but you supplied a dictionary (which has only names).",
        "two: You can only execute one statement at a time.",
    ]
