"""What a clerk does to agencies: customers follow, no total changes, and each can be taken back."""

import sqlite3

import pytest

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names import agencies, deeds
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_agency, create_customer
from bookedbiz.names.effect import of_agency
from bookedbiz.names.undoing import undo_deed

BY = By("clerk", "2026-11-20T20:00:00.000Z")
NAMES = ["Orbit Media:Cedar Bank", "Orbit:Cedar Bank", "Orbit:Fern Tea", "Lumen:Orbit:Third Co", "Cedar Bank"]


@pytest.fixture
def db(ledger, import_file, write_log, line) -> sqlite3.Connection:
    """Cedar Bank through Orbit Media and through Orbit, two more through Orbit, one direct; a row each."""
    for name in NAMES:
        create_customer(ledger, name, BY)
    import_file(write_log([line(bill_code=name) for name in NAMES]))
    return ledger


def shown(db: sqlite3.Connection) -> dict[str, int]:
    return dict(db.execute("SELECT customer, sum(gross_cents) FROM revenue GROUP BY customer").fetchall())


def everything(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    tables = ("agency", "customer", "bill_code", "advertiser")
    return [tuple(row) for table in tables for row in db.execute(f"SELECT * FROM {table} ORDER BY id")]


def agency(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute("SELECT id FROM agency WHERE name = ?", (name,)).fetchone()[0])


def newest(db: sqlite3.Connection, action: str) -> int:
    return int(db.execute("SELECT max(id) FROM audit WHERE action = ?", (action,)).fetchone()[0])


def agencies_shown(db: sqlite3.Connection) -> set[str]:
    return {row[0] for row in db.execute("SELECT DISTINCT agency FROM revenue WHERE agency IS NOT NULL")}


def test_a_renamed_agency_takes_its_customers_along_and_the_old_name_still_means_it(
    db, import_file, write_log, line
) -> None:
    total = sum(shown(db).values())
    agencies.rename_agency(db, agency(db, "Orbit"), "Orbit Group", BY)
    assert {"Orbit Group:Cedar Bank", "Orbit Group:Fern Tea", "Lumen:Orbit Group:Third Co"} < set(shown(db))
    assert sum(shown(db).values()) == total
    again = (*NAMES, " ORBIT : fern tea", "Orbit Group:Fern Tea")
    import_file(write_log([line(bill_code=name, unit=2.0) for name in again], name="b.xlsx"))
    assert shown(db)["Orbit Group:Fern Tea"] == 30_000
    assert create_customer(db, "Orbit:Fern Tea", BY) == create_customer(db, "Orbit Group:Fern Tea", BY)
    undo_deed(db, newest(db, "agency_rename"), BY)
    assert {"Orbit:Cedar Bank", "Orbit:Fern Tea", "Lumen:Orbit:Third Co"} < set(shown(db))


def test_a_merged_agency_s_customers_move_and_those_that_are_double_are_merged(db) -> None:
    total, before = sum(shown(db).values()), everything(db)
    orbit, media = agency(db, "Orbit"), agency(db, "Orbit Media")
    assert of_agency(db, orbit).spots == 3
    agencies.merge_agency(db, orbit, media, BY)
    assert shown(db) == {
        "Orbit Media:Cedar Bank": 20_000, "Orbit Media:Fern Tea": 10_000, "Lumen:Orbit Media:Third Co": 10_000,
        "Cedar Bank": 10_000,
    }  # fmt: skip
    assert agencies_shown(db) == {"Orbit Media", "Lumen"}
    assert sum(shown(db).values()) == total
    agencies.split_agency(db, orbit, BY)
    assert everything(db) == before
    assert len(shown(db)) == 5


def test_what_comes_later_in_the_old_name_goes_to_the_agency_that_it_became(db, import_file, write_log, line) -> None:
    agencies.merge_agency(db, agency(db, "Orbit"), agency(db, "Orbit Media"), BY)
    lines = [line(bill_code=name) for name in (*NAMES, "Orbit:New Shop", "orbit :cedar bank")]
    create_customer(db, "Orbit:New Shop", BY)
    import_file(write_log(lines, name="b.xlsx"))
    assert shown(db)["Orbit Media:New Shop"] == 10_000
    assert shown(db)["Orbit Media:Cedar Bank"] == 30_000


def test_a_merge_is_taken_back_from_the_audit_once(db) -> None:
    before = everything(db)
    agencies.merge_agency(db, agency(db, "Orbit"), agency(db, "Lumen"), BY)
    line = newest(db, "agency_merge")
    undo_deed(db, line, BY)
    assert everything(db) == before
    with pytest.raises(Refused, match="taken back before"):
        undo_deed(db, line, BY)
    undo_deed(db, newest(db, "agency_split"), BY)
    assert agencies_shown(db) == {"Lumen", "Orbit Media"}


def test_a_split_is_refused_while_a_name_of_before_is_taken(db) -> None:
    orbit = agency(db, "Orbit")
    agencies.merge_agency(db, orbit, agency(db, "Lumen"), BY)
    db.execute(
        """INSERT INTO customer (advertiser_id, name, key, created_at)
           SELECT advertiser_id, 'Orbit:Fern Tea', 'orbit:fern tea', '' FROM customer LIMIT 1"""
    )
    with pytest.raises(Refused, match="there is a customer Orbit:Fern Tea again"):
        agencies.split_agency(db, orbit, BY)


def test_a_customer_that_was_renamed_keeps_its_name(db) -> None:
    fern = db.execute("SELECT id FROM customer WHERE name = 'Orbit:Fern Tea'").fetchone()[0]
    deeds.rename(db, fern, "Fern & Daughters", BY)
    agencies.rename_agency(db, agency(db, "Orbit"), "Orbit Group", BY)
    assert shown(db)["Fern & Daughters"] == 10_000


def test_an_agency_is_switched_off_with_a_reason_and_on_again(db) -> None:
    orbit = agency(db, "Orbit")
    with pytest.raises(Refused, match="there is no reason"):
        agencies.set_agency_active(db, orbit, " ", BY, active=False)
    agencies.set_agency_active(db, orbit, "closed its doors", BY, active=False)
    assert len(shown(db)) == 5
    with pytest.raises(Refused, match="inactive already"):
        agencies.set_agency_active(db, orbit, "again", BY, active=False)
    with pytest.raises(BookedBizError, match="no active agency"):
        agencies.agency_named(db, "orbit")
    undo_deed(db, newest(db, "DEACTIVATE"), BY)
    assert agencies.agency_named(db, "ORBIT") == orbit


def test_what_makes_no_sense_is_refused(db) -> None:
    orbit, media = agency(db, "Orbit"), agency(db, "Orbit Media")
    for wrong in (
        lambda: agencies.rename_agency(db, orbit, "orbit media", BY),
        lambda: agencies.rename_agency(db, orbit, "Orbit", BY),
        lambda: agencies.rename_agency(db, orbit, "A:B", BY),
        lambda: agencies.merge_agency(db, orbit, orbit, BY),
        lambda: agencies.split_agency(db, orbit, BY),
        lambda: agencies.add_spelling(db, orbit, "Lumen", BY),
    ):
        with pytest.raises(Refused):
            wrong()
    agencies.merge_agency(db, orbit, media, BY)
    for wrong in (
        lambda: agencies.merge_agency(db, orbit, media, BY),
        lambda: agencies.merge_agency(db, media, orbit, BY),
    ):
        with pytest.raises(Refused):
            wrong()


def test_another_spelling_is_read_as_the_agency(db, import_file, write_log, line) -> None:
    agencies.add_spelling(db, agency(db, "Orbit"), "Orbyt", BY)
    import_file(write_log([line(bill_code=name) for name in (*NAMES, "ORBYT:Fern Tea")], name="b.xlsx"))
    assert shown(db)["Orbit:Fern Tea"] == 20_000


def test_agencies_that_may_be_one_are_listed() -> None:
    names = ["Orbit", "Orbit Media", "Orbit, Inc.", "Orbital", "Lumen Group", "Lumen"]
    found = {(each.name, each.other_name) for each in agencies.doubles(enumerate(names))}
    assert found == {("Orbit", "Orbit Media"), ("Orbit", "Orbit, Inc."), ("Lumen", "Lumen Group")}


def test_a_new_agency_of_a_merged_name_is_the_same_one(db) -> None:
    agencies.merge_agency(db, agency(db, "Orbit"), agency(db, "Orbit Media"), BY)
    assert create_agency(db, "ORBIT", BY) == agency(db, "Orbit")
    assert db.execute("SELECT count(*) FROM agency").fetchone()[0] == 3
