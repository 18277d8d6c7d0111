"""`sold` is `booked` without spellings, whatever happened since: the triggers keep it, and the check sees when not."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookedbiz.importing.checks import check_ledger
from bookedbiz.names.audit import By
from bookedbiz.names.deeds import link, merge, split
from bookedbiz.names.directory import create_ae, create_customer
from bookedbiz.names.resolve import resolve_bill_codes, resolve_sales_persons
from station_kit import statements
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database, transaction

BY = By("test", "2026-11-20T20:00:00.000Z")
CODES = ("Cedar Bank", " CEDAR BANK", "Orbit Media:Cedar Bank", "Lotus Market", "Lumen:Lotus Market")
PERSONS = ("House", "Avery Quill", "AVERY QUILL ", "Rowan Fennick", "")
_CHECK = statements.load("bookedbiz.importing")["check_sold"]


def differing(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.execute(_CHECK)]


def sums(db: sqlite3.Connection, view: str) -> list[tuple[object, ...]]:
    columns = "month, customer_id, customer, sector, ae_id, ae, entity, entity_id, market, language, revenue_type"
    rows = db.execute(
        f"""SELECT {columns}, sector_group, language_group, class, sum(spots), sum(gross_cents), sum(net_cents),
                sum(paid_spots), sum(paid_gross_cents)
            FROM {view} GROUP BY {columns} ORDER BY {columns}"""
    )
    return [tuple(row) for row in rows]


Deed = Callable[[sqlite3.Connection], object]


def _book(db: sqlite3.Connection, code: int, person: int, month: int, cents: int, kind: int) -> None:
    """Book a line, or change the one that is there, as the importer does."""
    db.execute(
        """INSERT INTO booked (month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
               spot_type_id, is_agency, spots, gross_cents, net_cents, broker_cents, paid_spots, paid_gross_cents)
           VALUES (?, ?, ?, ?, 1, 1, ?, 0, 1, ?, ?, 0, 1, ?)
           ON CONFLICT DO UPDATE SET spots = spots + 1, gross_cents = excluded.gross_cents""",
        (month, kind, code, person, kind, cents, cents, cents),
    )


numbers = st.integers(1, len(CODES))
bookings = st.builds(
    lambda *of: lambda db: _book(db, *of),
    numbers, st.integers(1, len(PERSONS)), st.sampled_from([202611, 202612]), st.integers(-500, 500),
    st.sampled_from([1, 2, 7]),
)  # fmt: skip
deeds = st.one_of(
    bookings,
    st.builds(lambda code: lambda db: db.execute("DELETE FROM booked WHERE bill_code_id = ?", (code,)), numbers),
    st.builds(lambda code: lambda db: link(db, code, 1, BY), numbers),
    st.just(lambda db: merge(db, 1, 2, BY)),
    st.just(lambda db: split(db, 1, BY)),
    st.just(lambda db: (create_ae(db, "Avery Quill", BY), resolve_sales_persons(db))),
    st.just(lambda db: (create_customer(db, "Lumen:Lotus Market", BY), resolve_bill_codes(db))),
    st.builds(lambda to: lambda db: db.execute("UPDATE booked SET assigned_language_id = ?", (to,)), st.integers(1, 3)),
)  # fmt: skip


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A ledger with two customers, bill codes and sales persons, and nothing booked."""
    db = open_database(tmp_path_factory.mktemp("sold") / "ledger.db")
    migrate(db, "bookedbiz.schema")
    for name in ("Cedar Bank", "Lotus Market"):
        create_customer(db, name, BY)
    for code in CODES:
        db.execute("INSERT INTO bill_code (raw, key, customer_text, is_worldlink) VALUES (?, ?, ?, 0)", (code,) * 3)
    for person in PERSONS:
        db.execute("INSERT INTO sales_person (raw, key) VALUES (?, ?)", (person, person.strip().lower()))
    resolve_bill_codes(db)
    yield db
    db.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(booked=st.lists(bookings, min_size=4, max_size=9), done=st.lists(deeds, min_size=3, max_size=7))
def test_whatever_is_booked_or_said_of_a_name_both_views_agree(
    empty: sqlite3.Connection, booked: list[Deed], done: list[Deed]
) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        empty.backup(db)
        db.row_factory = sqlite3.Row
        for deed in [*booked, *done]:
            try:
                with transaction(db):
                    deed(db)
            except Exception as why:
                if type(why).__name__ not in ("Refused", "BookedBizError"):
                    raise
        assert differing(db) == []
        assert sums(db, "sales") == sums(db, "revenue")
        assert db.execute("SELECT count(*) FROM sold WHERE spots = 0").fetchone()[0] == 0
    finally:
        db.close()


def test_a_summary_that_was_changed_by_hand_is_found(ledger, import_file, write_log, line) -> None:
    import_file(write_log([line()]))
    assert differing(ledger) == []
    ledger.execute("UPDATE sold SET gross_cents = gross_cents + 1")
    (check,) = [one for one in check_ledger(ledger) if not one.passed]
    assert check.name == "the summary says the same without spellings"
