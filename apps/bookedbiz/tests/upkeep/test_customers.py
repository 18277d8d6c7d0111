"""Which customers can be retired, and of which class the others are."""

import sqlite3
from datetime import date

import pytest

from bookedbiz.errors import Refused
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_customer
from bookedbiz.names.resolve import resolve_bill_codes
from bookedbiz.names.undoing import undo_deed
from bookedbiz.upkeep.classes import Class, set_class
from bookedbiz.upkeep.listing import customers_by_class
from bookedbiz.upkeep.stale import retire, stale_customers

BY = By("clerk@station.example", "2026-11-20T20:00:00Z")
LONG_AGO = By("clerk@station.example", "2020-01-01T00:00:00Z")
TODAY = date(2026, 11, 20)


@pytest.fixture
def customers(ledger, import_file, write_log, line) -> sqlite3.Connection:
    """One with rows of this year, one with rows of 2023 alone, two without rows, one of them new."""
    import_file(
        write_log(
            [
                line(bill_code="Fern Foods"),
                line(bill_code="Old Oak", air_date="12/31/2023", broadcast_month="Dec-23", gross_rate=40.0),
                line(bill_code="old oak PROD", air_date="5/1/2023", broadcast_month="May-23", revenue_type="Trade"),
            ]
        )
    )
    for name, by in (("Fern Foods", LONG_AGO), ("Old Oak", LONG_AGO), ("Never Aired", LONG_AGO), ("Brand New", BY)):
        create_customer(ledger, name, by, sector="Political" if name == "Fern Foods" else None)
    resolve_bill_codes(ledger)
    return ledger


def ids(db: sqlite3.Connection, *names: str) -> list[int]:
    return [db.execute("SELECT id FROM customer WHERE name = ?", (name,)).fetchone()[0] for name in names]


def names(some) -> list[str]:
    return [each.name for each in some]


def test_without_rows_and_without_rows_for_years_are_two_lists(customers) -> None:
    found = stale_customers(customers, TODAY)
    assert (names(found.zero), names(found.stale), found.active) == (["Never Aired"], ["Old Oak"], 4)
    old = found.stale[0]
    assert (old.spots, old.gross_cents, old.last_air_date) == (2, 4_000, "2023-12-31")  # Trade is a row, and no revenue
    assert old.aliases == ("old oak PROD",)
    assert found.stale_cents == 4_000


def test_how_many_years_is_asked(customers) -> None:
    assert stale_customers(customers, TODAY, 2).since == date(2024, 1, 1)
    assert names(stale_customers(customers, TODAY, 3).stale) == []


def test_many_are_retired_for_one_reason_and_each_comes_back_from_the_audit(customers) -> None:
    assert retire(customers, ids(customers, "Never Aired", "Old Oak"), "gone out of business", BY) == 2
    found = stale_customers(customers, TODAY)
    assert (names(found.zero), names(found.stale)) == ([], [])
    assert sorted(names(found.inactive)) == ["Never Aired", "Old Oak"]
    assert {each.retired.reason for each in found.inactive} == {"gone out of business"}
    undo_deed(customers, customers.execute("SELECT max(id) FROM audit").fetchone()[0], BY)
    assert names(stale_customers(customers, TODAY).stale) == ["Old Oak"]
    assert customers.execute("SELECT sum(gross_cents) FROM revenue").fetchone()[0] == 14_000


@pytest.mark.parametrize(("chosen", "reason"), [([], "why not"), (["Old Oak"], "  ")])
def test_nobody_is_retired_without_being_chosen_or_without_a_reason(customers, chosen, reason: str) -> None:
    with pytest.raises(Refused):
        retire(customers, ids(customers, *chosen), reason, BY)


def shown_classes(db: sqlite3.Connection) -> dict[str, str]:
    return {row["name"]: row["class"] for row in customers_by_class(db, 2026)}


def test_a_class_goes_by_the_sector_until_somebody_says_another(customers) -> None:
    assert shown_classes(customers)["Fern Foods"] == "political"
    assert shown_classes(customers)["Old Oak"] == "regular"
    assert set_class(customers, ids(customers, "Fern Foods", "Old Oak"), Class.IRREGULAR, BY) == 2
    assert {shown_classes(customers)[name] for name in ("Fern Foods", "Old Oak")} == {"irregular"}
    assert {row[0] for row in customers.execute("SELECT class FROM revenue")} == {"irregular"}
    undo_deed(customers, customers.execute("SELECT max(id) FROM audit").fetchone()[0], BY)
    assert shown_classes(customers)["Old Oak"] == "regular"


def test_a_class_said_again_is_refused(customers) -> None:
    set_class(customers, ids(customers, "Old Oak"), Class.REGULAR, BY)
    with pytest.raises(Refused):
        set_class(customers, ids(customers, "Old Oak"), Class.REGULAR, BY)
    assert set_class(customers, ids(customers, "Old Oak"), None, BY) == 1


def test_customers_are_found_by_name_and_class(customers) -> None:
    assert [row["name"] for row in customers_by_class(customers, 2026, part="OAK")] == ["Old Oak"]
    political = customers_by_class(customers, 2026, wanted="political")
    assert [(row["name"], row["now_cents"]) for row in political] == [("Fern Foods", 10_000)]
