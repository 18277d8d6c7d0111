"""A ledger of an earlier schema becomes one of this schema, and says the same as one that always had it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import bookedbiz.schema
from bookedbiz.importing.checks import check_ledger
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database

SCHEMA = Path(bookedbiz.schema.__file__).parent


@pytest.fixture
def old(tmp_path: Path, sample_database: Path) -> Iterator[sqlite3.Connection]:
    """The sample as the first release would have kept it: schema 2."""
    folder = tmp_path / "schema-2"
    folder.mkdir()
    for name in ("001_ledger.sql", "002_reference.sql"):
        shutil.copy(SCHEMA / name, folder / name)
    with closing(open_database(tmp_path / "old.db")) as db:
        migrate(db, folder)
        db.execute("ATTACH ? AS new", (f"file:{sample_database}?mode=ro",))
        db.execute("PRAGMA foreign_keys = OFF")
        tables = [row[0] for row in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")]
        for table in tables:
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"DELETE FROM main.{table}")
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        db.execute("DETACH new")
        yield db


def test_an_old_ledger_holds_the_same_revenue_after_its_migration(old, sample_database: Path) -> None:
    migrate(old, "bookedbiz.schema")
    with closing(open_database(sample_database, read_only=True)) as new:
        order = "month, bill_code_id, sales_person_id, market_id, language, spot_type, revenue_type_id, is_agency"
        sql = f"SELECT * FROM revenue ORDER BY {order}"
        assert [tuple(row) for row in old.execute(sql)] == [tuple(row) for row in new.execute(sql)]
    assert old.execute("SELECT count(newest_contract_spot_id) FROM booked").fetchone()[0] > 0
    assert all(check.passed for check in check_ledger(old))
