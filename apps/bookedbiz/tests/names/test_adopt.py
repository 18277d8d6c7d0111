"""Taking over the names of a first import, so that a new ledger knows somebody."""

from bookedbiz.names.adopt import Unknown, adopt_names, unknown_aes, unknown_customers
from bookedbiz.names.audit import By

BY = By("clerk", "2026-11-20T20:00:00.000Z")


def test_each_name_becomes_one_customer_or_account_executive(ledger, import_file, write_log, line) -> None:
    spelled = [
        line(bill_code="Orbit Media:Cedar Bank", sales_person="Avery Quill"),
        line(bill_code=" ORBIT media: cedar bank CREDIT MEMO", sales_person="AVERY QUILL - TRANSFER"),
        line(bill_code="Direct:Fern Tea", sales_person="", gross_rate=500.0, spot_value=500.0),
        line(bill_code="Orbit:", sales_person="House"),
        line(bill_code="A:B:C:D"),
    ]
    import_file(write_log(spelled))
    before = ledger.execute("SELECT sum(gross_cents) FROM revenue").fetchone()[0]
    assert unknown_customers(ledger) == [Unknown("Fern Tea", 1, 50_000), Unknown("Orbit Media:Cedar Bank", 2, 20_000)]
    assert unknown_aes(ledger) == [Unknown("Avery Quill", 2, 20_000)]
    assert adopt_names(ledger, BY) == (2, 1)
    assert unknown_customers(ledger) == unknown_aes(ledger) == []
    rows = ledger.execute("SELECT customer, sum(spots) FROM revenue GROUP BY customer_id ORDER BY 1").fetchall()
    assert [tuple(row) for row in rows] == [
        ("A:B:C:D", 1), ("Fern Tea", 1), ("Orbit Media:Cedar Bank", 2), ("Orbit:", 1),
    ]  # fmt: skip
    assert ledger.execute("SELECT sum(gross_cents) FROM revenue").fetchone()[0] == before
    assert adopt_names(ledger, BY) == (0, 0)
