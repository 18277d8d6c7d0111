"""Importing: what an import does to the ledger, and what it must not do."""

import random

import pytest

from bookedbiz.errors import ImportBusy, Refused, WorkbookError
from bookedbiz.importing.checks import check_ledger
from bookedbiz.importing.lock import import_lock
from bookedbiz.sample.cells import junk_line


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


def test_an_import_stores_every_row_and_says_so(ledger, import_file, write_log, numbered) -> None:
    report = import_file(write_log([*numbered(8), junk_line("blank"), *numbered(3, "Dec-26"), junk_line("total", 1)]))
    assert (report.rows_read, report.rows_stored, report.rows_skipped, report.rows_added) == (13, 11, 2, 11)
    assert report.skipped == {"blank": 1, "total": 1}
    assert (gross(ledger), gross(ledger, 202612)) == (80_000, 30_000)
    batch = ledger.execute("SELECT * FROM batch").fetchone()
    assert (batch["status"], batch["rows_added"], batch["gross_after_cents"]) == ("completed", 11, 110_000)
    assert healthy(ledger)


def test_the_same_rows_again_write_nothing_and_keep_their_ids(ledger, import_file, write_log, numbered) -> None:
    import_file(write_log([*numbered(5), *numbered(5)]))
    before = dump(ledger)
    report = import_file(write_log([*numbered(5), junk_line("blank"), *numbered(5)], name="again.xlsx"))
    assert dump(ledger) == before
    assert (report.rows_added, report.rows_removed, report.rows_unchanged) == (0, 0, 10)
    assert outcomes(report) == {202611: "unchanged"}


def test_a_byte_identical_file_is_recognised_without_reading_it(ledger, import_file, write_log, numbered) -> None:
    path = write_log(numbered(4))
    first = import_file(path)
    before = dump(ledger)
    again = import_file(path)
    assert (again.same_as, again.rows_unchanged) == (first.batch_id, 4)
    assert import_file(path).same_as == first.batch_id
    assert dump(ledger) == before
    assert healthy(ledger)


def test_a_then_b_then_a_ends_as_a(ledger, import_file, write_log, numbered) -> None:
    a = write_log(numbered(10), name="a.xlsx")
    b = write_log([*numbered(9), *numbered(2, gross_rate=55.0, spot_value=55.0)], name="b.xlsx")
    import_file(a)
    hashes = sorted(row_hash for _, row_hash in spots(ledger))
    import_file(b)
    assert sorted(row_hash for _, row_hash in spots(ledger)) != hashes
    report = import_file(a)
    assert sorted(row_hash for _, row_hash in spots(ledger)) == hashes
    assert report.same_as is None
    assert healthy(ledger)


def test_the_change_report_tells_what_happened(ledger, import_file, write_log, numbered, line) -> None:
    import_file(write_log(numbered(20)))
    changed = numbered(20)
    changed[0] = line(unit=0.0, gross_rate=150.0, spot_value=150.0)
    changed[1] = line(unit=1.0, air_date="11/24/2026", day_of_week="Tuesday")
    report = import_file(write_log([*changed[:-1], line(unit=99.0, contract=5.0)], name="b.xlsx"))
    assert [(one.kind, one.spots, one.gross_cents) for one in report.changes] == [
        ("booked", 1, 10_000), ("cancelled", 1, -10_000), ("repriced", 1, 5_000), ("moved", 1, 0),
    ]  # fmt: skip
    assert (report.rows_unchanged, report.rows_added, report.rows_removed) == (17, 3, 3)
    kinds = ledger.execute("SELECT kind, columns FROM change WHERE batch_id = ? ORDER BY kind", (report.batch_id,))
    assert [tuple(row) for row in kinds] == [
        ("booked", ""), ("cancelled", ""), ("moved", "air_day"), ("repriced", "gross_cents,value_cents"),
    ]  # fmt: skip
    assert healthy(ledger)


def test_trade_is_stored_and_is_no_revenue_and_blank_is_revenue(ledger, import_file, write_log, line) -> None:
    types = ("Trade", " TRADE ", "", "Internal Ad Sales", "A&O")
    import_file(write_log([line(revenue_type=name, unit=float(unit)) for unit, name in enumerate(types)]))
    rows = dict(ledger.execute("SELECT revenue_type, sum(spots) FROM revenue GROUP BY 1").fetchall())
    assert rows == {"": 1, "Internal Ad Sales": 2}
    assert ledger.execute("SELECT count(*) FROM spot").fetchone()[0] == 5


def test_unknown_codes_count_and_wait_to_be_confirmed(ledger, import_file, write_log, line) -> None:
    lines = [line(market="phx ", language="x9", spot_type="ZZ"), line(market="", language="", spot_type="Commercial")]
    report = import_file(write_log([*lines, line(market="chi")]))
    shown = ledger.execute("SELECT market, language, spot_type FROM revenue ORDER BY market").fetchall()
    assert [tuple(row) for row in shown] == [
        ("CMP", "Mandarin", "COM"), ("PHX", "X9", ""), ("Unknown", "English", "COM"),
    ]  # fmt: skip
    assert report.issues == {"unknown_market": 1, "unknown_language": 1, "unknown_spot_type": 1}
    assert ledger.execute("SELECT status FROM market WHERE code = 'PHX'").fetchone()[0] == "pending"


def test_issues_stay_with_their_rows(ledger, import_file, write_log, numbered, line) -> None:
    import_file(write_log([*numbered(9), line(length="tbd")]))
    told = "SELECT code, raw, row, position FROM issue"
    assert [tuple(row) for row in ledger.execute(told)] == [("bad_length", "tbd", 11, 6)]
    import_file(write_log([line(length="tbd"), *numbered(9)], name="b.xlsx"))
    assert ledger.execute("SELECT count(*) FROM issue").fetchone()[0] == 1
    import_file(write_log(numbered(9), name="c.xlsx"))
    assert ledger.execute("SELECT count(*) FROM issue").fetchone()[0] == 0


def test_a_month_that_the_file_does_not_have_is_kept(ledger, import_file, write_log, numbered) -> None:
    import_file(write_log([*numbered(3), *numbered(4, "Dec-26")]))
    report = import_file(write_log(numbered(3), name="b.xlsx"))
    assert outcomes(report) == {202611: "unchanged", 202612: "kept"}
    assert gross(ledger, 202612) == 40_000


@pytest.mark.parametrize("case", [(8, 100.0, ""), (7, 100.0, "10 to 7 rows"), (10, 79.0, r"\$790.00")])
def test_a_month_that_would_lose_more_than_a_fifth_stops_the_import(
    ledger, import_file, write_log, numbered, case: tuple[int, float, str]
) -> None:
    rows, rate, says = case
    import_file(write_log(numbered(10)))
    before = dump(ledger)
    path = write_log(numbered(rows, gross_rate=rate, spot_value=rate), name="b.xlsx")
    if not says:
        import_file(path)
        return
    with pytest.raises(Refused, match=says) as stopped:
        import_file(path)
    assert "--accept-drop" in stopped.value.hint
    assert stopped.value.exit_code == 3
    assert dump(ledger) == before
    failed = ledger.execute("SELECT status, error FROM batch ORDER BY id DESC LIMIT 1").fetchone()
    assert failed["status"] == "failed"
    assert "Nov-26 would fall" in failed["error"]
    assert import_file(path, accept_drop=True).rows_removed > 0


def test_a_refused_workbook_leaves_nothing_but_a_failed_batch(ledger, import_file, write_cells) -> None:
    before = dump(ledger)
    with pytest.raises(WorkbookError):
        import_file(write_cells([["Bill Code", "Start Date"], ["Cedar", "11/1/2026"]]))
    assert dump(ledger) == before
    assert [row["status"] for row in ledger.execute("SELECT status FROM batch")] == ["failed"]


def test_a_dry_run_tells_the_same_and_leaves_no_trace(ledger, import_file, write_log, numbered, tmp_path) -> None:
    path = write_log([*numbered(4), junk_line("blank"), *numbered(1, market="PHX")])
    everything = "\n".join(ledger.iterdump())
    tried = import_file(path, dry_run=True)
    assert "\n".join(ledger.iterdump()) == everything
    assert not (tmp_path / "workbooks").exists()
    done = import_file(path)
    for report in (tried, done):
        report.took_s, report.batch_id, report.dry_run = 0, None, False
    assert tried.as_json() == done.as_json()


def test_only_one_import_runs_at_a_time(ledger, import_file, write_log, numbered, tmp_path) -> None:
    with import_lock(tmp_path, "night job"), pytest.raises(ImportBusy, match="by night job"):
        import_file(write_log(numbered(1)))
    import_file(write_log(numbered(1)))


def test_a_batch_that_was_cut_short_is_marked_failed_by_the_next(ledger, import_file, write_log, numbered) -> None:
    ledger.execute(
        """INSERT INTO batch (started_at, mode, file_name, file_sha256, status, imported_by)
           VALUES ('2026-11-20T10:00:00.000Z', 'WEEKLY_UPDATE', 'x', 'x', 'running', 'x')"""
    )
    import_file(write_log(numbered(1)))
    assert [row["status"] for row in ledger.execute("SELECT status FROM batch ORDER BY id")] == ["failed", "completed"]


def test_the_workbook_is_kept_by_its_content(ledger, import_file, write_log, numbered, tmp_path) -> None:
    path = write_log(numbered(2))
    import_file(path)
    sha256 = ledger.execute("SELECT file_sha256 FROM batch").fetchone()[0]
    (kept,) = (tmp_path / "workbooks").iterdir()
    assert (kept.name, kept.read_bytes()) == (f"{sha256}.xlsx", path.read_bytes())


def test_a_sheet_that_is_missing_this_time_is_a_warning(import_file, write_log, numbered) -> None:
    import_file(write_log({"Commercials": numbered(5), "Worldlink Lines": numbered(5, bill_code="WorldLink:Mop")}))
    report = import_file(write_log(numbered(5), name="b.xlsx"), accept_drop=True)
    assert report.warnings == ["Sheet Worldlink Lines was there last time and is missing"]


@pytest.mark.parametrize("seed", range(8))
def test_any_sequence_of_logs_leaves_a_healthy_ledger_that_holds_the_last(
    ledger, import_file, write_log, numbered, seed: int
) -> None:
    dice = random.Random(seed)
    for step in range(4):
        lines = [
            cells
            for month in ("Nov-26", "Dec-26")
            for cells in numbered(dice.randrange(1, 30), month, gross_rate=float(dice.randrange(-50, 200)))
        ]
        dice.shuffle(lines)
        import_file(write_log(lines, name=f"{step}.xlsx"), accept_drop=True)
        assert healthy(ledger)
        held = ledger.execute("SELECT count(*), sum(gross_cents) FROM spot").fetchone()
        assert tuple(held) == (len(lines), sum(round(cells[15] * 100) for cells in lines))
