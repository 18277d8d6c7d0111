"""A real ledger on a real file: one that a test books into line by line, one that the importer has filled."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count

import pytest

from bookedbiz.sample.fill import SampleRequest, fill
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
Book = Callable[..., None]


@pytest.fixture
def db(ledger: sqlite3.Connection) -> sqlite3.Connection:
    return ledger


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    folder = tmp_path_factory.mktemp("sample")
    with closing(open_database(folder / "ledger.db")) as connection:
        migrate(connection, "bookedbiz.schema")
        fill(connection, SampleRequest(1200, 7, NOW), folder, None, lambda _: None)
        yield connection


@pytest.fixture
def book(db: sqlite3.Connection) -> Book:
    """Book cents for a customer in a month; names are made when they are first used."""
    numbers = count(1000)

    def named(table: str, column: str, value: str, **more: object) -> int:
        found = db.execute(f"SELECT id FROM {table} WHERE {column} = ?", (value,)).fetchone()
        if found:
            return int(found[0])
        values = {column: value, **more}
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks}) RETURNING id"
        return int(db.execute(sql, tuple(values.values())).fetchone()[0])

    def bill_code(customer: str, sector: str | None, *, resolved: bool) -> int:
        customer_id = None
        if resolved:
            advertiser = named("advertiser", "name", customer, key=customer.lower())
            sector_id = None if sector is None else named("sector", "name", sector, grp="Other")
            customer_id = named(
                "customer",
                "name",
                customer,
                key=customer.lower(),
                advertiser_id=advertiser,
                sector_id=sector_id,
                created_at="2020-01-01",
            )
        return named(
            "bill_code",
            "raw",
            customer,
            key=customer.lower(),
            customer_text=customer,
            is_worldlink=0,
            customer_id=customer_id,
        )

    def make(
        month: int,
        customer: str,
        cents: int,
        *,
        net: int | None = None,
        ae: str | None = "House",
        revenue_type: str = "Internal Ad Sales",
        sector: str | None = None,
        market: str = "SEA",
        resolved: bool = True,
    ) -> None:
        ae_id = None if ae is None else named("ae", "name", ae, key=ae.lower())
        seller = named("sales_person", "raw", ae or "Somebody", key=(ae or "somebody").lower(), ae_id=ae_id)
        kind = db.execute("SELECT id FROM revenue_type WHERE name = ?", (revenue_type,)).fetchone()[0]
        place = db.execute("SELECT id FROM market WHERE code = ?", (market,)).fetchone()[0]
        db.execute(
            """INSERT INTO booked (month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
                   spot_type_id, is_agency, spots, gross_cents, net_cents, broker_cents, paid_spots, paid_gross_cents)
               VALUES (?, ?, ?, ?, ?, 0, 1, ?, 1, ?, ?, 0, 1, ?)""",
            (
                month,
                kind,
                bill_code(customer, sector, resolved=resolved),
                seller,
                place,
                next(numbers),
                cents,
                cents if net is None else net,
                cents,
            ),
        )

    return make
