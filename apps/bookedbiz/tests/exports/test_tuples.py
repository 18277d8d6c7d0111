"""The sheet export: real workbooks, imported, come out as tuples and months to the cent."""

from collections.abc import Callable

import pytest

from bookedbiz.exports.fingerprint import normalised, row_hash
from bookedbiz.exports.tuples import Texts, tuples
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_customer
from bookedbiz.names.resolve import resolve_bill_codes

BY = By("test", "2026-11-20T20:00:00.000Z")


@pytest.fixture
def export(ledger, line, write_log, import_file) -> Callable[..., list]:
    """Imports these lines and exports them: `export({"gross_rate": 12.0}, …)`."""

    def run(*lines: dict, **range_of_months: int) -> list:
        import_file(write_log([line(**replaced) for replaced in lines]))
        return tuples(ledger, **range_of_months)

    return run


def money_of(each) -> list[tuple[int, int, int, int]]:
    return [(month, money.gross, money.net, money.broker) for month, money in each.months]


def test_rows_of_one_tuple_and_month_are_one_row(export) -> None:
    (each,) = export({}, {"gross_rate": 50.0, "station_net": 40.0, "language": "K"}, {"broadcast_month": "Dec-26"})
    assert each.texts == Texts("Orbit Media:Cedar Bank", "SFO", "Internal Ad Sales", "House", "Y", None)
    assert money_of(each)[0] == (202611, 150_00, 125_00, 0)
    assert each.row_hash == row_hash(tuple(map(normalised, each.texts)))


def test_spellings_that_the_hash_does_not_tell_apart_are_one_tuple(export) -> None:
    (each,) = export(
        {"bill_code": "CAF\u00c9 \u00d1and\u00fa"},
        {"bill_code": "Caf\u00e9 \u00d1and\u00fa"},
        {"bill_code": "caf\u00e9 \u00f1and\u00fa", "sales_person": "HOUSE"},
    )
    assert money_of(each) == [(202611, 300_00, 255_00, 0)]
    assert each.texts[0] == "CAF\u00c9 \u00d1and\u00fa"
    assert each.texts[3] == "HOUSE"


def test_trade_is_left_out_and_a_blank_type_is_not(export) -> None:
    found = export({"revenue_type": "Trade"}, {"revenue_type": ""}, {"agency_flag": "Non-agency"})
    assert sorted((each.texts.revenue_class or "", each.texts.agency_flag) for each in found) == [
        ("", "Y"),
        ("Internal Ad Sales", "N"),
    ]


def test_a_month_without_any_money_is_left_out_and_one_with_net_alone_is_not(export) -> None:
    assert export({"gross_rate": 0.0, "station_net": 0.0, "bill_code": "Bonus Only"}) == []
    (each,) = export({"gross_rate": 100.0}, {"gross_rate": -100.0, "station_net": 0.0, "spot_value": -100.0})
    assert money_of(each) == [(202611, 0, 85_00, 0)]


def test_the_sector_is_the_customers_primary_one(ledger, export) -> None:
    create_customer(ledger, "Orbit Media:Cedar Bank", BY, sector="Financial services")
    resolve_bill_codes(ledger)
    assert export({})[0].texts.sector == "Financial services"


def test_the_broker_is_of_the_newest_row_with_a_contract(export) -> None:
    (each,) = export(
        {"contract": 1.0, "broker_fees": 50.0},
        {"contract": 2.0, "broker_fees": 10.0, "gross_rate": 200.0, "spot_value": 200.0},
        {"contract": "N", "broker_fees": 99.0},
    )
    assert each.contract.number == "2"
    assert (each.contract.broker_yn, each.contract.broker_pct) == ("Y", 0.05)
    assert each.contract.agency_pct == pytest.approx(1 - 85 / 200)


def test_a_later_month_beats_a_later_row(ledger, export) -> None:
    december = {"broadcast_month": "Dec-26", "contract": 7.0}
    export(december)
    (each,) = export(december, {"contract": 8.0, "broker_fees": 5.0})
    newest = ledger.execute("SELECT month FROM spot ORDER BY id DESC LIMIT 1").fetchone()[0]
    assert newest == 202611
    assert each.contract.number == "7"
    assert (each.contract.broker_yn, each.contract.broker_pct) == ("N", 0.0)


def test_without_any_contract_nothing_is_said_of_a_broker(export) -> None:
    (each,) = export({"contract": "", "broker_fees": 5.0})
    assert each.contract is None


def test_a_range_of_months_leaves_the_rest_out_and_keeps_the_newest_contract(export) -> None:
    lines = [{"broadcast_month": text, "contract": number} for text, number in (("Nov-26", 1.0), ("Jan-27", 2.0))]
    (each,) = export(*lines, first_month=202611, last_month=202612)
    assert [month for month, _ in each.months] == [202611]
    assert each.contract.number == "2"


def test_months_come_in_time_and_tuples_by_key(export) -> None:
    found = export(
        {"broadcast_month": "Jan-27"}, {"broadcast_month": "Dec-26"}, {"bill_code": "alpha"}, {"bill_code": "Beta"}
    )
    assert [each.texts.customer for each in found] == ["alpha", "Beta", "Orbit Media:Cedar Bank"]
    assert [month for month, _ in found[2].months] == [202612, 202701]


def test_a_contract_that_goes_takes_its_broker_with_it(ledger, export) -> None:
    export({"contract": 1.0, "broker_fees": 50.0})
    (each,) = export({"contract": "", "broker_fees": 50.0})
    assert each.contract is None
    assert ledger.execute("SELECT newest_contract_spot_id FROM booked").fetchone()[0] is None
