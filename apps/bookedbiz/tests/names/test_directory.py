"""Names: bill codes find their customers, and follow when somebody says who is meant."""

import pytest

from bookedbiz.errors import Refused
from bookedbiz.names.audit import By
from bookedbiz.names.directory import Alias, create_ae, create_agency, create_alias, create_customer
from bookedbiz.names.resolve import resolve_bill_codes

BY = By("clerk", "2026-11-20T20:00:00.000Z")


def customers(ledger) -> dict[str, str]:
    return {row["raw"]: row["name"] for row in ledger.execute(
        "SELECT raw, customer.name FROM bill_code LEFT JOIN customer ON customer.id = customer_id"
    )}  # fmt: skip


def total(ledger) -> int:
    return ledger.execute("SELECT sum(gross_cents) FROM revenue").fetchone()[0]


def test_new_rows_find_known_names_whatever_their_spelling(ledger, import_file, write_log, line) -> None:
    create_customer(ledger, "Orbit Media:Cedar Bank", BY, sector="Financial services")
    spelled = [" orbit media :CEDAR bank", "Orbit Media:Cedar Bank PROD", "Orbit Media:Cedar Bank CREDIT MEMO"]
    import_file(write_log([line(bill_code=raw) for raw in spelled]))
    assert set(customers(ledger).values()) == {"Orbit Media:Cedar Bank"}
    lines = ledger.execute("SELECT DISTINCT customer, advertiser, agency, sector FROM revenue").fetchall()
    assert [tuple(row) for row in lines] == [
        ("Orbit Media:Cedar Bank", "Cedar Bank", "Orbit Media", "Financial services")
    ]


def test_an_unresolved_code_counts_under_its_own_text(ledger, import_file, write_log, line) -> None:
    import_file(write_log([line(bill_code="Lumen:Fern Tea"), line(bill_code="Orbit:Fern Tea"), line(bill_code="")]))
    rows = ledger.execute("SELECT customer, advertiser, agency, customer_id FROM revenue ORDER BY customer").fetchall()
    assert [tuple(row)[:3] for row in rows] == [
        ("(no bill code)", "(no bill code)", None),
        ("Lumen:Fern Tea", "Fern Tea", "Lumen"),
        ("Orbit:Fern Tea", "Fern Tea", "Orbit"),
    ]
    assert len({row["customer_id"] for row in rows}) == 3
    assert all(row["customer_id"] < 0 for row in rows)


def test_an_alias_moves_rows_that_are_there_already_and_changes_no_total(ledger, import_file, write_log, line) -> None:
    import_file(write_log([line(bill_code="Orbitt Media:Cedar Bank"), line(bill_code="CB holiday")]))
    before = total(ledger)
    customer = create_customer(ledger, "Orbit Media:Cedar Bank", BY)
    create_alias(ledger, Alias("agency", "Orbitt MEDIA", create_agency(ledger, "Orbit Media", BY)), BY)
    create_alias(ledger, Alias("bill_code", "cb HOLIDAY", customer), BY)
    assert set(customers(ledger).values()) == {"Orbit Media:Cedar Bank"}
    assert total(ledger) == before


def test_one_text_cannot_mean_two_customers_in_any_case(ledger) -> None:
    first, second = (create_customer(ledger, name, BY) for name in ("Cedar Bank", "Fern Tea"))
    made = create_alias(ledger, Alias("bill_code", "iGraph", first), BY)
    assert create_alias(ledger, Alias("bill_code", "IGRAPH", first), BY) == made
    with pytest.raises(Refused, match="means another"):
        create_alias(ledger, Alias("bill_code", " igraph", second), BY)


def test_an_account_executive_gets_the_rows_that_waited_for_them(ledger, import_file, write_log, line) -> None:
    import_file(write_log([line(sales_person="rowan fennick - TRANSFER"), line(sales_person=""), line()]))
    assert entities(ledger) == {"Unmatched": 2, "House": 1}
    ae = create_ae(ledger, "Rowan Fennick", BY)
    assert entities(ledger) == {"Unmatched": 1, "House": 1, "Rowan Fennick": 1}
    assert create_ae(ledger, "ROWAN FENNICK", BY) == ae


def test_worldlink_is_nobody_elses(ledger, import_file, write_log, line) -> None:
    create_ae(ledger, "Avery Quill", BY)
    import_file(
        write_log([line(bill_code="WorldLink:Mop", sales_person="Avery Quill"), line(sales_person="Avery Quill")])
    )
    assert entities(ledger) == {"WorldLink": 1, "Avery Quill": 1}


def test_a_name_that_is_none_makes_no_customer(ledger) -> None:
    for name in ("Orbit:", "A:B:C:D"):
        with pytest.raises(Refused, match="not created"):
            create_customer(ledger, name, BY)
    assert ledger.execute("SELECT count(*) FROM customer").fetchone()[0] == 0


def test_every_new_name_is_in_the_audit_which_nobody_can_change(ledger) -> None:
    create_customer(ledger, "Orbit Media:Cedar Bank", BY)
    assert [tuple(row) for row in ledger.execute("SELECT actor, action, key FROM audit ORDER BY id")] == [
        ("clerk", "agency_create", "Orbit Media"),
        ("clerk", "advertiser_create", "Cedar Bank"),
        ("clerk", "customer_create", "Orbit Media:Cedar Bank"),
    ]
    for sql in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="append-only"):
            ledger.execute(sql)


def test_resolving_again_changes_nothing(ledger, import_file, write_log, line) -> None:
    create_customer(ledger, "Orbit Media:Cedar Bank", BY)
    import_file(write_log([line(), line(bill_code="Somebody")]))
    assert resolve_bill_codes(ledger) == 0


def entities(ledger) -> dict[str, int]:
    return dict(ledger.execute("SELECT entity, sum(spots) FROM revenue GROUP BY entity").fetchall())
