"""The summaries by price and by air date say what the spots say, counted anew in plain Python, whatever was done."""

import random
import shutil
import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import bookedbiz.schema
from bookedbiz.importing.undoing import undo_newest
from bookedbiz.languages.rules import languages, set_language
from bookedbiz.months import broadcast_month, month_of
from bookedbiz.names.audit import By
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database, transaction

BEFORE = 4  # schemas without these summaries
SCHEMA = Path(bookedbiz.schema.__file__).parent
DIMENSIONS = ("revenue_type_id", "bill_code_id", "sales_person_id", "market_id")
BOOKED = (*DIMENSIONS, "language_id", "spot_type_id")
Summaries = tuple[dict[Any, Any], dict[Any, Any], dict[Any, Any]]

PARTS = ((1, 7), (5, 8), (7, 1), (11, 2), (15, 3), (18, 4), (19, 5), (23, 6), (25, 7))  # up to that hour


def length_bucket(seconds: int | None) -> int:
    if not seconds or seconds < 0:
        return 0
    return next((bound for bound in (10, 15, 30, 45, 60, 90, 120, 600) if seconds <= bound), 9999)


def day_part(start: int | None, end: int | None) -> int:
    if start is None:
        return 0
    if end is not None and (end - start) % 86400 >= 12 * 3600:
        return 9
    return next(part for upto, part in PARTS if start // 3600 < upto)


def told(db: sqlite3.Connection) -> Summaries:
    """The three summaries, counted from the spots one by one."""
    columns = ", ".join(("month", *BOOKED, "assigned_language_id"))
    assigned = {tuple(row)[:7]: row[7] for row in db.execute(f"SELECT {columns} FROM booked")}
    priced, parted, aired = defaultdict(list), defaultdict(list), defaultdict(list)
    for spot in db.execute("SELECT * FROM spot"):
        day = None if spot["air_day"] is None else date(1970, 1, 1) + timedelta(days=spot["air_day"])
        both = (month_of(day), broadcast_month(day)) if day else (spot["month"], spot["month"])
        language = assigned[(spot["month"], *(spot[name] for name in BOOKED))]
        shared = (*(spot[name] for name in DIMENSIONS), language)
        kind = 0 if day is None else 1 if day.weekday() < 5 else 2
        priced[(spot["month"], *shared, length_bucket(spot["length_s"]))].append(spot)
        parted[(spot["month"], *shared, day_part(spot["time_in_s"], spot["time_out_s"]), kind)].append(spot)
        aired[(spot["month"], *both, *shared)].append(spot)
    return (
        {key: prices(spots) for key, spots in priced.items()},
        {key: prices(spots)[:6] for key, spots in parted.items()},
        {key: amounts(spots) for key, spots in aired.items()},
    )


def amounts(spots: list[sqlite3.Row]) -> tuple[object, ...]:
    paid = [spot["gross_cents"] for spot in spots if (spot["gross_cents"] or 0) > 0]
    gross, net = (sum(spot[name] or 0 for spot in spots) for name in ("gross_cents", "net_cents"))
    return len(spots), gross, net, len(paid), sum(paid), min(paid, default=None), max(paid, default=None)


def prices(spots: list[sqlite3.Row]) -> tuple[object, ...]:
    paid = [spot for spot in spots if (spot["gross_cents"] or 0) > 0]
    timed = [spot for spot in paid if (spot["length_s"] or 0) > 0]
    count, gross, net, paid_count, paid_gross, least, most = amounts(spots)
    return (
        count, gross, net, paid_count, paid_gross, sum(spot["net_cents"] or 0 for spot in paid),
        float(sum(spot["gross_cents"] ** 2 for spot in paid)), sum(spot["length_s"] for spot in timed),
        sum(spot["gross_cents"] for spot in timed), least, most,
    )  # fmt: skip


def kept(db: sqlite3.Connection) -> Summaries:
    return (
        {tuple(row)[:7]: tuple(row)[7:] for row in db.execute("SELECT * FROM priced")},
        {tuple(row)[:8]: tuple(row)[8:] for row in db.execute("SELECT * FROM parted")},
        {tuple(row)[:8]: tuple(row)[8:] for row in db.execute("SELECT * FROM aired")},
    )


def test_an_imported_station_is_told_right(sample_database: Path) -> None:
    with closing(open_database(sample_database, read_only=True)) as db:
        expected, found = told(db), kept(db)
        assert len(found[0]) > 500
        assert found == expected
        assert any(key[0] != key[1] for key in found[2])
        assert any(key[0] != key[2] for key in found[2])


def test_strange_cells_are_told_right(ledger, import_file, write_log, line) -> None:
    dice = random.Random(3)
    lines = [
        line(
            gross_rate=dice.choice([-100.0, 0.0, 12.5, 100.0, 99_999.0, "#N/A"]),
            length=dice.choice(["0", "5", "10", "11", ":30", "31", "90", "91", "120", "601", "1800", "?"]),
            time_in=dice.choice(["", "00:30:00", "01:00:00", "05:00:00", "18:59:59", "19:00:00", "23:00:00"]),
            time_out=dice.choice(["", "02:00:00", "12:00:00", "23:59:59"]),
            air_date=dice.choice(["11/1/2026", "11/29/2026", "11/30/2026", "12/5/2026", ""]),
            broadcast_month="Nov-26",
        )
        for _ in range(200)
    ]  # fmt: skip
    import_file(write_log(lines))
    assert kept(ledger) == told(ledger)
    _, parted, _ = kept(ledger)
    assert {key[7] for key in parted} == {0, 1, 2}
    assert {key[6] for key in parted} >= {0, 5, 6, 7, 8, 9}


def test_an_absurd_amount_does_not_stop_an_import(ledger, import_file, write_log, line) -> None:
    import_file(write_log([line(gross_rate=999_999_999_999.0, unit=float(number)) for number in range(3)]))
    squares = ledger.execute("SELECT paid_squares FROM priced").fetchone()[0]
    assert 2.99e28 < squares < 3.01e28  # far beyond 64 bits


def test_an_undo_and_an_import_of_less_leave_them_right(ledger, import_file, write_log, line, tmp_path) -> None:
    ahead = [line(unit=float(number), broadcast_month="Dec-26", air_date="12/7/2026") for number in range(2)]
    import_file(write_log([*(line(unit=float(number)) for number in range(6)), *ahead]))
    first = kept(ledger)
    less = [line(unit=float(number), market="LAX") for number in range(4)]
    import_file(write_log([*less, *ahead], name="b.xlsx"), accept_drop=True)
    assert kept(ledger) == told(ledger) != first
    by = By("test", "2026-11-20T21:00:00Z")
    undo_newest(ledger, tmp_path, by, datetime(2026, 11, 20, 21, tzinfo=UTC))
    assert kept(ledger) == first == told(ledger)


def test_a_ledger_of_before_gets_them_from_its_migration(sample_database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    folder.mkdir()
    for file in sorted(SCHEMA.glob("0*.sql"))[:BEFORE]:
        shutil.copy(file, folder)
    with closing(open_database(tmp_path / "old.db")) as db:
        assert migrate(db, folder) == BEFORE
        db.execute("ATTACH ? AS new", (f"file:{sample_database}?mode=ro",))
        db.execute("PRAGMA foreign_keys = OFF")
        for (table,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"DELETE FROM main.{table}")
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        db.execute("DETACH new")
        migrate(db, "bookedbiz.schema")
        assert kept(db) == told(db)


def test_they_follow_a_language_that_somebody_sets(sample_database: Path, tmp_path: Path) -> None:
    with closing(open_database(Path(shutil.copy(sample_database, tmp_path / "ledger.db")))) as db:
        before = kept(db)
        group = db.execute(
            "SELECT bill_code_id, language_id FROM booked WHERE assigned_language_id > 2 LIMIT 1"
        ).fetchone()
        other = next(each["code"] for each in languages(db) if each["id"] != group[1])
        with transaction(db):
            set_language(db, *group, other, By("clerk", "2026-11-20T20:00:00Z"))
        assert kept(db) == told(db) != before
        with transaction(db):
            set_language(db, *group, None, By("clerk", "2026-11-20T20:00:00Z"))
        assert kept(db) == before
