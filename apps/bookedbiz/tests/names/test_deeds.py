"""What a clerk does to names: rows follow at once, no total changes, and each can be taken back."""

import pytest

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.importing.checks import check_ledger
from bookedbiz.names import deeds
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_customer
from bookedbiz.names.effect import Effect, of_customer, try_out
from bookedbiz.names.queue import customers_like, waiting
from bookedbiz.names.resolve import resolve_bill_codes
from bookedbiz.names.undoing import undo_deed

BY = By("clerk", "2026-11-20T20:00:00.000Z")


@pytest.fixture
def filled(ledger, import_file, write_log, line):
    """Cedar Bank with two rows, Cedar Bnk with one, and one code that nobody knows."""
    create_customer(ledger, "Orbit Media:Cedar Bank", BY)
    create_customer(ledger, "Orbit Media:Cedar Bnk", BY)
    codes = ["Orbit Media:Cedar Bank", "Orbit Media:Cedar Bank PROD", "Orbit Media:Cedar Bnk", "Orbit Media:Ceder Bank"]
    import_file(write_log([line(bill_code=code) for code in codes]))
    return ledger


def shown(db) -> dict[str, int]:
    return dict(db.execute("SELECT customer, sum(gross_cents) FROM revenue GROUP BY customer").fetchall())


def customer(db, name: str) -> int:
    return db.execute("SELECT id FROM customer WHERE name = ?", (name,)).fetchone()[0]


def code(db, raw: str) -> int:
    return db.execute("SELECT id FROM bill_code WHERE raw = ?", (raw,)).fetchone()[0]


def newest(db, action: str) -> int:
    return db.execute("SELECT max(id) FROM audit WHERE action = ?", (action,)).fetchone()[0]


def test_the_queue_shows_what_waits_with_its_candidates(filled) -> None:
    (one,) = waiting(filled)
    assert (one.raw, one.spots, one.gross_cents, one.months) == ("Orbit Media:Ceder Bank", 1, 10_000, 1)
    assert one.candidates[0].name == "Orbit Media:Cedar Bank"
    assert one.one_click is None
    filled.execute("UPDATE booked SET gross_cents = 300000 WHERE bill_code_id = ?", (one.id,))
    filled.execute("UPDATE bill_code SET customer_text = 'Cedar Bank Inc' WHERE id = ?", (one.id,))
    assert waiting(filled)[0].one_click == waiting(filled)[0].candidates[0]


def test_linking_moves_the_rows_and_taking_it_back_brings_them_back(filled) -> None:
    before = shown(filled)
    deeds.link(filled, code(filled, "Orbit Media:Ceder Bank"), customer(filled, "Orbit Media:Cedar Bank"), BY)
    assert shown(filled)["Orbit Media:Cedar Bank"] == 30_000
    assert undo_deed(filled, newest(filled, "alias_create"), BY) == "alias create of bill_code: Orbit Media:Ceder Bank"
    assert shown(filled) == before
    with pytest.raises(Refused, match="taken back before"):
        undo_deed(filled, newest(filled, "alias_create"), BY)


def test_a_merge_takes_spellings_to_come_along_and_splitting_is_as_before(filled, import_file, write_log, line) -> None:
    source, target = customer(filled, "Orbit Media:Cedar Bnk"), customer(filled, "Orbit Media:Cedar Bank")
    before = shown(filled)
    deeds.merge(filled, source, target, BY)
    assert shown(filled) == {"Orbit Media:Cedar Bank": 30_000, "Orbit Media:Ceder Bank": 10_000}
    later = {"broadcast_month": "Dec-26", "air_date": "12/7/2026", "day_of_week": "Monday"}
    import_file(write_log([line(bill_code="ORBIT media:Cedar Bnk PROD", **later)], name="later.xlsx"))
    assert shown(filled)["Orbit Media:Cedar Bank"] == 40_000
    undo_deed(filled, newest(filled, "customer_merge"), BY)
    assert shown(filled) == before | {"Orbit Media:Cedar Bnk": 20_000}
    assert all(check.passed for check in check_ledger(filled))
    undo_deed(filled, newest(filled, "customer_split"), BY)
    assert shown(filled)["Orbit Media:Cedar Bank"] == 40_000


def test_merges_can_follow_each_other_but_in_no_circle(filled) -> None:
    bank, bnk = customer(filled, "Orbit Media:Cedar Bank"), customer(filled, "Orbit Media:Cedar Bnk")
    third = create_customer(filled, "Cedar Bank", BY)
    deeds.merge(filled, bnk, bank, BY)
    deeds.merge(filled, bank, third, BY)
    assert shown(filled)["Cedar Bank"] == 30_000
    for source, target in ((third, bank), (third, third), (bnk, third)):
        with pytest.raises(Refused, match="Not merged"):
            deeds.merge(filled, source, target, BY)


def test_a_renamed_customer_is_found_by_both_names(filled, import_file, write_log, line) -> None:
    bank = customer(filled, "Orbit Media:Cedar Bank")
    with pytest.raises(Refused, match="already"):
        deeds.rename(filled, bank, "Orbit Media:Cedar BNK", BY)
    deeds.rename(filled, bank, "Orbit Media:Cedar Trust", BY)
    assert shown(filled)["Orbit Media:Cedar Trust"] == 20_000
    later = {"broadcast_month": "Dec-26", "air_date": "12/7/2026", "day_of_week": "Monday"}
    import_file(write_log([line(bill_code="Orbit Media:Cedar Trust", **later)], name="later.xlsx"))
    assert shown(filled)["Orbit Media:Cedar Trust"] == 30_000
    undo_deed(filled, newest(filled, "customer_rename"), BY)
    assert shown(filled)["Orbit Media:Cedar Bank"] == 30_000


def test_a_customer_is_made_for_a_code_and_unmade(filled) -> None:
    before = shown(filled)
    made = deeds.create_for(filled, code(filled, "Orbit Media:Ceder Bank"), "Fern Tea", "Retail", BY)
    assert shown(filled)["Fern Tea"] == 10_000
    with pytest.raises(Refused, match="in use"):
        undo_deed(filled, newest(filled, "customer_create"), BY)
    undo_deed(filled, newest(filled, "alias_create"), BY)
    undo_deed(filled, newest(filled, "customer_create"), BY)
    assert shown(filled) == before
    assert filled.execute("SELECT 1 FROM customer WHERE id = ?", (made,)).fetchone() is None


def test_another_spelling_of_an_agency_or_advertiser_resolves_every_code_that_has_it(filled) -> None:
    deeds.same_advertiser(filled, "Ceder Bank", "Cedar Bank", BY)
    assert waiting(filled) == []
    with pytest.raises(Refused, match="customers of its own"):
        deeds.same_agency(filled, "orbit media", "Lumen", BY)
    with pytest.raises(Refused, match="customers of its own"):
        deeds.same_advertiser(filled, "Cedar Bnk", "Cedar Bank", BY)


def test_deactivating_needs_a_reason_and_keeps_the_money(filled) -> None:
    bank, before = customer(filled, "Orbit Media:Cedar Bank"), shown(filled)
    with pytest.raises(Refused, match="no reason"):
        deeds.set_customer_active(filled, bank, "  ", BY, active=False)
    deeds.set_customer_active(filled, bank, "closed down", BY, active=False)
    assert shown(filled) == before
    assert customers_like(filled, "orbit", 5) == ["Orbit Media:Cedar Bnk"]
    undo_deed(filled, newest(filled, "DEACTIVATE"), BY)
    assert len(customers_like(filled, "orbit", 5)) == 2


def test_a_dismissed_code_leaves_the_queue_and_counts_all_the_same(filled) -> None:
    before, one = shown(filled), waiting(filled)[0]
    deeds.dismiss(filled, one.id, BY)
    assert (waiting(filled), shown(filled)) == ([], before)
    assert [each.id for each in waiting(filled, dismissed=True)] == [one.id]


def test_what_a_change_would_move_is_told_and_nothing_is_changed(filled) -> None:
    source, target = customer(filled, "Orbit Media:Cedar Bnk"), customer(filled, "Orbit Media:Cedar Bank")
    before = list(filled.iterdump())
    assert try_out(filled, lambda: deeds.merge(filled, source, target, BY)) == Effect(1, 1, 10_000)
    assert of_customer(filled, target) == Effect(2, 2, 20_000)
    assert list(filled.iterdump()) == before
    assert resolve_bill_codes(filled) == 0


def test_what_is_not_there_cannot_be_changed(filled) -> None:
    for change in (
        lambda: deeds.link(filled, 999, 1, BY),
        lambda: deeds.link(filled, 1, 999, BY),
        lambda: deeds.customer_named(filled, "nobody"),
        lambda: undo_deed(filled, 999, BY),
    ):
        with pytest.raises(BookedBizError):
            change()
