"""A ledger that books spots day by day, as imports would leave it, and its accounts."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from bookedbiz.importing.summary import rebuild_summary
from bookedbiz.months import month_of
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_ae, create_customer
from bookedbiz.names.resolve import resolve_bill_codes

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BY = By("tester", "2026-11-20T20:00:00.000Z")
Air = Callable[..., int]


@pytest.fixture
def db(ledger: sqlite3.Connection) -> sqlite3.Connection:
    ledger.execute(
        """INSERT INTO batch (started_at, finished_at, mode, file_name, file_sha256, status, imported_by)
           VALUES ('2026-11-20', '2026-11-20', 'MANUAL', 'x', 'x', 'completed', 'tester')"""
    )
    ledger.execute("INSERT INTO sheet (id, name) VALUES (1, 'Commercials') ON CONFLICT DO NOTHING")
    return ledger


@pytest.fixture
def air(db: sqlite3.Connection) -> Air:
    """Air one spot: `air("Orbit:Cedar", date(2026, 3, 2), 500, ae="Kim")`; the customer's account."""

    def make(
        customer: str, day: date | None, dollars: int, *, ae: str = "House", month: int = 0, kind: str = ""
    ) -> int:
        customer_id = create_customer(db, customer, BY)
        create_ae(db, ae, BY)
        code = db.execute("SELECT id FROM bill_code WHERE raw = ?", (customer,)).fetchone()
        if code is None:
            agency, _, last = customer.rpartition(":")
            code = db.execute(
                """INSERT INTO bill_code (raw, key, agency_text, customer_text, is_worldlink)
                   VALUES (?, lower(?), ?, ?, 0) RETURNING id""",
                (customer, customer, agency or None, last),
            ).fetchone()
            resolve_bill_codes(db)
        seller = db.execute("SELECT id FROM sales_person WHERE raw = ?", (ae,)).fetchone()
        if seller is None:
            seller = db.execute(
                """INSERT INTO sales_person (raw, key, ae_id) VALUES (?, lower(?),
                       (SELECT id FROM ae WHERE name = ?)) RETURNING id""",
                (ae, ae, ae),
            ).fetchone()
        label = month or month_of(day or TODAY)
        db.execute(
            """INSERT INTO spot (row_hash, batch_id, sheet_id, month, month_derived, bill_code_id, air_day,
                   language_id, spot_type_id, gross_cents, net_cents, sales_person_id, revenue_type_id, market_id)
               VALUES (random(), 1, 1, ?, 0, ?, ?, 0, 1, ?, ?, ?, (SELECT id FROM revenue_type WHERE name = ?), 1)""",
            (
                label,
                code[0],
                None if day is None else (day - date(1970, 1, 1)).days,
                dollars * 100,
                dollars * 85,
                seller[0],
                kind or "Internal Ad Sales",
            ),
        )
        rebuild_summary(db, [label])
        row = db.execute("SELECT id FROM account WHERE customer_id = ?", (customer_id,)).fetchone()
        return int(row[0])

    return make
