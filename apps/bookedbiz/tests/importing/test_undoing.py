"""An import that is taken back leaves the ledger as it was, with the same ids; a reopened month can be changed."""

from datetime import timedelta

import pytest

from bookedbiz.errors import Refused
from bookedbiz.importing.checks import check_ledger
from bookedbiz.importing.closing import closed_months, reopen_month
from bookedbiz.importing.problems import problems_of
from bookedbiz.importing.request import Mode
from bookedbiz.importing.told import tell_batch
from bookedbiz.importing.undoing import undo_newest
from bookedbiz.moments import utc_text
from bookedbiz.names.audit import By

OCTOBER = {"mode": Mode.CLOSE, "months": frozenset({202610})}


def held(ledger) -> list[str]:
    tables = ("spot", "issue", "booked", "month_status")
    return [str(tuple(row)) for table in tables for row in ledger.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3")]


@pytest.fixture
def undo(ledger, tmp_path, now):
    def run(**options):
        return undo_newest(ledger, tmp_path, By("clerk", utc_text(now + timedelta(hours=1))), now, **options)

    return run


@pytest.fixture
def now():
    from datetime import UTC, datetime

    return datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def test_an_undone_import_leaves_everything_as_it_was(ledger, import_file, write_log, numbered, line, undo) -> None:
    import_file(write_log([*numbered(9), line(unit=90.0, gross_rate="ask")]))
    before = held(ledger)
    import_file(write_log([*numbered(9)[2:], line(unit=3.0, gross_rate=500.0)], name="b.xlsx"))
    assert held(ledger) != before
    done = undo()
    assert (done.undone, done.rows_restored, done.rows_taken_out) == (2, 3, 1)
    assert held(ledger) == before
    assert all(check.passed for check in check_ledger(ledger))


def test_imports_are_taken_back_one_by_one_and_each_once(ledger, import_file, write_log, numbered, undo) -> None:
    for rows in (6, 7, 8):
        import_file(write_log(numbered(rows), name=f"{rows}.xlsx"))
    with pytest.raises(Refused, match="newest that is in force is 3"):
        undo(expected=1)
    assert [undo().undone for _ in range(3)] == [3, 2, 1]
    assert held(ledger) == []
    with pytest.raises(Refused, match="no import to take back"):
        undo()


def test_what_was_undone_can_be_imported_again(ledger, import_file, write_log, numbered, undo) -> None:
    path = write_log(numbered(5))
    import_file(path)
    after = held(ledger)
    undo()
    assert import_file(path).rows_added == 5
    assert len(held(ledger)) == len(after)


def test_a_contract_of_an_undone_import_is_new_when_it_really_comes(ledger, import_file, write_log, line, undo) -> None:
    def came_with() -> dict[str, int | None]:
        return dict(map(tuple, ledger.execute("SELECT number, first_batch_id FROM contract ORDER BY number")))

    import_file(write_log([line()]))
    import_file(write_log([line(), line(contract=200_200.0)], name="b.xlsx"))
    undo()
    assert came_with() == {"100001": 1, "200200": None}
    again = import_file(write_log([line(), line(contract=200_200.0, line=2.0)], name="c.xlsx")).batch_id
    assert came_with() == {"100001": 1, "200200": again}


def test_an_import_is_not_half_undone_when_its_rows_are_others_now(
    ledger, import_file, write_log, numbered, undo
) -> None:
    import_file(write_log(numbered(5)))
    ledger.execute("DELETE FROM spot WHERE id = 1")
    before = held(ledger)
    with pytest.raises(Refused, match="changed since"):
        undo()
    assert held(ledger) == before


def test_undoing_a_close_opens_the_month_again_and_audits_it(ledger, import_file, write_log, numbered, undo) -> None:
    import_file(write_log(numbered(6, "Oct-26")))
    before = held(ledger)
    import_file(write_log({"Data": numbered(5, "Oct-26")}, name="2026.xlsx"), **OCTOBER)
    assert undo().reopened == (202610,)
    assert held(ledger) == before
    actions = [row[0] for row in ledger.execute("SELECT action FROM audit ORDER BY id DESC LIMIT 2")]
    assert actions == ["undo_import", "reopen_month"]


def test_undoing_a_second_close_brings_the_first_seal_back(ledger, import_file, write_log, numbered, undo) -> None:
    import_file(write_log({"Data": numbered(6, "Oct-26")}), **OCTOBER)
    import_file(write_log({"Data": numbered(4, "Oct-26")}, name="b.xlsx"), reason="two were wrong", **OCTOBER)
    assert undo().reopened == ()
    (closed,) = closed_months(ledger)
    assert (closed.is_whole, closed.now.spots) == (True, 6)


def test_a_month_is_reopened_with_a_reason_and_closed_again(
    ledger, import_file, write_log, numbered, undo, now
) -> None:
    import_file(write_log({"Data": numbered(6, "Oct-26")}), **OCTOBER)
    by = By("clerk", utc_text(now))
    for month, reason, says in ((202610, " ", "no reason"), (202611, "x", "not closed")):
        with pytest.raises(Refused, match=says):
            reopen_month(ledger, month, reason, by)
    reopen_month(ledger, 202610, "accounting found two more", by)
    assert closed_months(ledger) == []
    line = ledger.execute("SELECT actor, key, new FROM audit WHERE action = 'reopen_month'").fetchone()
    assert tuple(line) == ("clerk", "Oct-26", "accounting found two more")
    import_file(write_log({"Data": numbered(8, "Oct-26")}, name="b.xlsx"), **OCTOBER)
    assert [one.now.spots for one in closed_months(ledger)] == [8]
    assert undo().reopened == (202610,)  # it was open before that close
    assert all(check.passed for check in check_ledger(ledger))


def test_a_seal_is_compared_on_every_look(ledger, import_file, write_log, numbered) -> None:
    import_file(write_log({"Data": numbered(3, "Oct-26")}), **OCTOBER)
    assert [one.is_whole for one in closed_months(ledger)] == [True]
    ledger.execute("UPDATE spot SET row_hash = row_hash + 1 WHERE id = 1")
    assert [one.is_whole for one in closed_months(ledger)] == [False]
    ledger.execute("UPDATE spot SET row_hash = row_hash - 1 WHERE id = 1")
    assert [one.is_whole for one in closed_months(ledger)] == [True]
    ledger.execute("DELETE FROM spot WHERE id = 2")
    assert [one.is_whole for one in closed_months(ledger)] == [False]
    assert closed_months(ledger) == closed_months(ledger, look_at_spots=True)


def test_a_difference_is_told_three_times_with_the_same_sum(ledger, import_file, write_log, numbered, line) -> None:
    import_file(write_log(numbered(6)))
    import_file(write_log([*numbered(5), line(bill_code="Fern Tea", sales_person="Avery")], name="b.xlsx"))
    told = tell_batch(ledger, 2)
    for lines in (told.customers, told.aes, told.months):
        assert sum(one.gross_cents for one in lines) == told.total.gross_cents == 0
    assert {one.name: one.spots["booked"] - one.spots["cancelled"] for one in told.customers} == {
        "Fern Tea": 1,
        "Orbit Media:Cedar Bank": -1,
    }
    assert [one.name for one in told.months] == ["Nov-26"]


def test_each_import_tells_of_its_own_cells_also_of_rows_that_came_back(
    ledger, import_file, write_log, numbered, line, undo
) -> None:
    def told(batch: int) -> list[tuple[str, int]]:
        return [(cell.code, cell.spots) for cell in problems_of(ledger, batch).cells]

    bad = [line(unit=90.0, gross_rate="ask"), line(unit=91.0, gross_rate="tba")]
    import_file(write_log([*numbered(9), bad[0]]))
    first = told(1)
    assert [spots for _, spots in first] == [1] * len(first) and first
    import_file(write_log([*numbered(9), bad[1]], name="b.xlsx"))
    assert (told(1), told(2)) == ([], first)
    undo()
    assert (told(1), told(2)) == (first, [])
