"""Months that are over: who may change them, and how they are closed."""

from datetime import UTC, datetime

import pytest

from bookedbiz.errors import Refused
from bookedbiz.importing.checks import check_ledger
from bookedbiz.importing.request import Mode


def dump(ledger) -> list[str]:
    """All of the ledger but the records of imports."""
    tables = ("spot", "booked", "issue", "bill_code", "contract", "label", "market", "month_status")
    return [str(tuple(row)) for table in tables for row in ledger.execute(f"SELECT * FROM {table}")]


def spots(ledger) -> list[tuple[int, int]]:
    return [tuple(row) for row in ledger.execute("SELECT id, row_hash FROM spot ORDER BY id")]


def gross(ledger, month: int = 202611) -> int:
    return ledger.execute("SELECT sum(gross_cents) FROM revenue WHERE month = ?", (month,)).fetchone()[0]


def outcomes(report) -> dict[int, str]:
    return {line.month: line.outcome.value for line in report.months}


def healthy(ledger) -> bool:
    return all(check.passed for check in check_ledger(ledger))


def test_a_closed_month_is_left_alone_and_counted(ledger, import_file, write_log, numbered) -> None:
    recap = write_log({"Data": numbered(6, "Oct-26")}, name="2026.xlsx")
    import_file(recap, mode=Mode.CLOSE, months=frozenset({202610}))
    before = dump(ledger)
    report = import_file(write_log(numbered(3, "Oct-26")), accept_drop=True, include_past=True)
    assert outcomes(report) == {202610: "closed"}
    assert (report.rows_left, report.rows_added) == (3, 0)
    assert dump(ledger) == before
    with pytest.raises(Refused, match="closed months: Oct-26"):
        import_file(write_log(numbered(2, "Oct-26"), name="m.xlsx"), mode=Mode.MANUAL)


def test_a_month_that_is_over_waits_for_its_close_unless_told_otherwise(
    ledger, import_file, write_log, numbered
) -> None:
    october = datetime(2026, 10, 20, 20, tzinfo=UTC)
    import_file(write_log(numbered(10, "Oct-26")), now=october)
    late = write_log([*numbered(9, "Oct-26"), *numbered(2)], name="late.xlsx")
    report = import_file(late)
    assert outcomes(report) == {202610: "waiting for close", 202611: "imported"}
    assert (gross(ledger, 202610), report.rows_left) == (100_000, 9)
    assert report.warnings == ["Oct-26 is waiting for its close: the daily log is ignored for it"]
    report = import_file(late, include_past=True)
    assert outcomes(report)[202610] == "imported"
    assert gross(ledger, 202610) == 90_000
    assert healthy(ledger)


def test_a_month_that_is_over_is_taken_while_the_ledger_has_nothing_of_it(
    ledger, import_file, write_log, numbered
) -> None:
    assert outcomes(import_file(write_log(numbered(4, "Oct-26")))) == {202610: "imported"}
    assert gross(ledger, 202610) == 40_000


def test_only_ticked_months_are_closed_and_none_that_is_not_over(ledger, import_file, write_log, numbered) -> None:
    recap = write_log({"Data": [*numbered(6, "Oct-26"), *numbered(2)]}, name="2026.xlsx")
    with pytest.raises(Refused, match="Nov-26 is not over"):
        import_file(recap, mode=Mode.CLOSE, months=frozenset({202610, 202611}))
    with pytest.raises(Refused, match="no row of Sep-26"):
        import_file(recap, mode=Mode.CLOSE, months=frozenset({202609, 202610}))
    with pytest.raises(Refused, match="no month is ticked"):
        import_file(recap, mode=Mode.CLOSE)
    report = import_file(recap, mode=Mode.CLOSE, months=frozenset({202610}))
    assert outcomes(report) == {202610: "imported", 202611: "not ticked"}
    assert [tuple(row) for row in ledger.execute("SELECT month, status, closed_by FROM month_status")] == [
        (202610, "closed", "test")
    ]
    with pytest.raises(Refused, match="Oct-26 is closed already"):
        import_file(recap, mode=Mode.CLOSE, months=frozenset({202610}), now=datetime(2026, 11, 22, tzinfo=UTC))


def test_closing_again_with_a_reason_seals_the_month_anew(ledger, import_file, write_log, numbered) -> None:
    october = {"mode": Mode.CLOSE, "months": frozenset({202610})}
    import_file(write_log({"Data": numbered(6, "Oct-26")}), **october)
    report = import_file(write_log({"Data": numbered(4, "Oct-26")}, name="b.xlsx"), reason="two were wrong", **october)
    assert (report.rows_removed, report.gross_before_cents, report.gross_after_cents) == (2, 60_000, 40_000)
    assert [tuple(row) for row in ledger.execute("SELECT spots, batch_id FROM month_seal ORDER BY id")] == [
        (6, 1),
        (4, 2),
    ]
    assert ledger.execute("SELECT note FROM month_status").fetchone()[0] == "two were wrong"
    assert healthy(ledger)


def test_the_recap_of_another_year_closes_nothing(ledger, import_file, write_log, numbered, line) -> None:
    other = [line(broadcast_month="Mar-25", air_date="3/3/2025", unit=float(unit)) for unit in range(5)]
    recap = write_log({"Data": [*other, *numbered(1, "Oct-26")]})
    with pytest.raises(Refused, match="most rows of the file are of 2025"):
        import_file(recap, mode=Mode.CLOSE, months=frozenset({202610}))
    assert not spots(ledger)


def test_a_closed_month_that_changes_breaks_its_seal(ledger, import_file, write_log, numbered) -> None:
    import_file(write_log({"Data": numbered(3, "Oct-26")}), mode=Mode.CLOSE, months=frozenset({202610}))
    assert healthy(ledger)
    ledger.execute("UPDATE spot SET row_hash = row_hash + 1 WHERE id = 1")
    assert [check.name for check in check_ledger(ledger) if check.found] == ["closed months hold what they held"]
