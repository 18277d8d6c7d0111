"""What must hold whatever a workbook says: small workbooks of any lines, imported in any order."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookedbiz.exports.fingerprint import normalised, row_hash
from bookedbiz.exports.tuples import tuples
from bookedbiz.importing.checks import check_ledger
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.report import ImportReport
from bookedbiz.importing.request import ImportRequest
from bookedbiz.names.audit import By
from bookedbiz.names.deeds import merge
from bookedbiz.names.directory import Alias, create_alias, create_customer
from bookedbiz.names.resolve import resolve_bill_codes
from bookedbiz.names.undoing import undo_deed
from bookedbiz.sample.book import Book, Truth
from bookedbiz.sample.cells import NOT_AVAILABLE, SampleCell, junk_line
from bookedbiz.sample.writing import write_book
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database, transaction

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
BY = By("test", "2026-11-20T20:00:00.000Z")
few = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))

dirty = st.fixed_dictionaries(
    {},
    optional={
        "bill_code": st.sampled_from(
            ["Cedar Bank", " cedar bank ", "Orbit Media:Cedar Bank", "WorldLink:Mop", "", ":"]
        ),
        "gross_rate": st.sampled_from([100.0, 0.0, -45.5, "$1,234.50", "(45.00)", "-", "see contract", NOT_AVAILABLE]),
        "station_net": st.sampled_from([85.0, 0.0, "", NOT_AVAILABLE]),
        "broadcast_month": st.sampled_from(["Nov-26", "Dec-26", "2027-01-01", "", "January 2027"]),
        "air_date": st.sampled_from(["11/23/2026", "", "soon"]),
        "sales_person": st.sampled_from(["House", "HOUSE ", "Avery Quill - TRANSFER", ""]),
        "revenue_type": st.sampled_from(["Internal Ad Sales", "A&O", "", "Trade", "trade ", "Barter?"]),
        "language": st.sampled_from(["M", "m ", "L", "X9", ""]),
        "market": st.sampled_from(["SFO", "sfo ", "PHX", ""]),
        "spot_type": st.sampled_from(["COM", "Spot", "BNS", "ZZ", ""]),
        "contract": st.sampled_from([100_001.0, "100001", "N", 0.0, ""]),
        "length": st.sampled_from([":30", "30", "tbd", ""]),
    },
)
junk = st.sampled_from(["blank", "header", "total", "no month or date"])
sheets = st.dictionaries(
    st.sampled_from(["Commercials", "Worldlink Lines", "Pending"]), st.lists(dirty | junk, max_size=8), min_size=1
)


class Station:
    """A ledger in memory, and workbooks that are imported into it."""

    def __init__(self, db: sqlite3.Connection, folder: Path, line) -> None:
        self.db, self.folder, self.line = db, folder, line

    def bring(self, content: dict[str, list], **options: object) -> ImportReport:
        lines: dict[str, list[list[SampleCell]]] = {
            name: [junk_line(each, 100) if isinstance(each, str) else self.line(**each) for each in of]
            for name, of in content.items()
        }
        lines.setdefault("Commercials", []).append(self.line())  # a workbook without any row is refused
        path = self.folder / "log.xlsx"
        write_book(Book(lines, Truth()), path)
        asked = {"file": path, "by": "test", "now": NOW, "accept_drop": True} | options
        return import_workbook(self.db, ImportRequest(**asked), self.folder)

    def spots(self) -> list[tuple[int, int]]:
        return [tuple(row) for row in self.db.execute("SELECT id, row_hash FROM spot ORDER BY id")]

    def hashes(self) -> list[int]:
        return sorted(row_hash for _, row_hash in self.spots())

    def revenue(self) -> int:
        return int(self.db.execute("SELECT COALESCE(SUM(gross_cents), 0) FROM revenue").fetchone()[0])

    def by_customer(self) -> dict[int, int]:
        rows = self.db.execute("SELECT customer_id, SUM(gross_cents) FROM sales GROUP BY 1")
        return {customer: cents for customer, cents in rows}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    with closing(open_database(tmp_path_factory.mktemp("empty") / "ledger.db")) as db:
        migrate(db, "bookedbiz.schema")
        yield db


@pytest.fixture
def station(empty: sqlite3.Connection, tmp_path: Path, line):
    """Makes a station with nothing in it; each is closed with the test."""
    made: list[sqlite3.Connection] = []

    def make() -> Station:
        db = sqlite3.connect(":memory:", isolation_level=None)
        made.append(db)
        empty.backup(db)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        return Station(db, tmp_path, line)

    yield make
    for db in made:
        db.close()


@few
@given(content=sheets)
def test_every_line_of_every_sheet_is_stored_or_skipped_with_a_reason(station, content) -> None:
    here = station()
    report = here.bring(content)
    for sheet in report.sheets:
        assert sheet.rows_read == sheet.rows_stored + sheet.rows_skipped
    assert report.rows_stored == len(here.spots()) + report.rows_left
    assert [check.name for check in check_ledger(here.db) if check.found] == []


@few
@given(content=sheets)
def test_the_same_rows_again_change_nothing_and_keep_their_ids(station, content) -> None:
    here = station()
    here.bring(content)
    spots, booked = here.spots(), [tuple(row) for row in here.db.execute("SELECT * FROM booked")]
    report = here.bring({name: [*lines, "blank"] for name, lines in content.items()})
    assert (report.rows_added, report.rows_removed) == (0, 0)
    assert here.spots() == spots
    assert [tuple(row) for row in here.db.execute("SELECT * FROM booked")] == booked


@few
@given(one=st.lists(dirty, min_size=3, max_size=8), other=st.lists(dirty, min_size=1, max_size=8))
def test_a_then_b_then_a_ends_as_a(station, one, other) -> None:
    anchors = [
        {"broadcast_month": text} for text in ("Nov-26", "Dec-26", "2027-01-01")
    ]  # every month stays in the file
    here = station()
    here.bring({"Commercials": [*one, *anchors]})
    hashes, revenue, customers = here.hashes(), here.revenue(), here.by_customer()
    here.bring({"Commercials": [*other, *anchors]})
    here.bring({"Commercials": [*one, *anchors, "blank"]})
    assert (here.hashes(), here.revenue(), here.by_customer()) == (hashes, revenue, customers)


@few
@given(lines=st.lists(dirty, max_size=4), cents=st.integers(1, 9_999_99))
def test_trade_changes_no_revenue_and_a_blank_type_does(station, lines, cents: int) -> None:
    sums = []
    for kinds in ([], ["Trade"], ["trade "], [""]):
        here = station()
        more = [{"revenue_type": kind, "gross_rate": cents / 100, "spot_value": cents / 100} for kind in kinds]
        here.bring({"Commercials": [{}, *lines, *more]})
        sums.append(here.revenue())
    assert sums == [sums[0], sums[0], sums[0], sums[0] + cents]


@few
@given(lines=st.lists(dirty, min_size=1, max_size=8))
def test_names_move_money_between_customers_and_never_make_or_lose_any(station, lines) -> None:
    here = station()
    here.bring({"Commercials": [{"bill_code": "Cedar Bank"}, {"bill_code": "Lotus Market"}, *lines]})
    revenue = here.revenue()
    with transaction(here.db):
        cedar, lotus = (create_customer(here.db, name, BY) for name in ("Cedar Bank", "Lotus Market"))
        create_alias(here.db, Alias("bill_code", "Orbit Media:Cedar Bank", cedar), BY)
        resolve_bill_codes(here.db)
    before = here.by_customer()
    assert sum(before.values()) == here.revenue() == revenue
    with transaction(here.db):
        merge(here.db, lotus, cedar, BY)
    assert lotus not in here.by_customer()
    assert sum(here.by_customer().values()) == here.revenue() == revenue
    line = here.db.execute("SELECT max(id) FROM audit WHERE action = 'customer_merge'").fetchone()[0]
    with transaction(here.db):
        undo_deed(here.db, line, BY)
    assert here.by_customer() == before


@given(st.lists(st.text(max_size=12), min_size=6, max_size=6), st.sampled_from(["", " ", "\t", "\u3000"]))
def test_the_hash_knows_neither_case_nor_outer_spaces(texts: list[str], space: str) -> None:
    drifted = [f"{space}{text.lower()}{space}" for text in texts]
    assert row_hash(tuple(map(normalised, drifted))) == row_hash(tuple(map(normalised, texts)))


@few
@given(
    codes=st.lists(st.sampled_from(["Caf\u00e9", "CAF\u00c9 ", " caf\u00e9", "Cafe", "Lotus"]), min_size=1, max_size=6)
)
def test_rows_are_one_tuple_exactly_when_their_hash_is_one(station, codes) -> None:
    here = station()
    here.bring({"Commercials": [{"bill_code": code} for code in codes]})
    found = tuples(here.db)
    assert (
        len({each.row_hash for each in found}) == len(found) == len({*map(normalised, codes), "orbit media:cedar bank"})
    )
    assert sum(money.gross for each in found for _, money in each.months) == here.revenue()
