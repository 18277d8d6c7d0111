"""Whatever comes of an import is told; telling spoils nothing; silence and a broken ledger are told loudly."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bookedbiz.errors import NotReady, Refused, WorkbookError
from bookedbiz.importing.checks import check_ledger
from bookedbiz.importing.fetching import fetch
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.request import ImportRequest
from bookedbiz.notices import words
from bookedbiz.notices.telling import import_and_tell, remind
from bookedbiz.notices.ways import Ways
from station_kit import statements

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture
def drive(tmp_path, write_log, line) -> Path:
    folder = tmp_path / "K"
    folder.mkdir()
    log = Path(shutil.copy(write_log([line(), line(unit=2.0, bill_code="Fern Tea")]), folder / "Commercial Log.xlsx"))
    os.utime(log, (NOW.timestamp() - 3600,) * 2)
    return log


@pytest.fixture
def fetched(ledger, tmp_path, drive, ways: Callable[..., Ways]):
    def run() -> Any:
        return import_and_tell(
            ledger, ways(), drive, NOW, lambda: fetch(ledger, drive, tmp_path / "data", "job", NOW, settle_s=0)
        )

    return run


def last(ledger) -> Any:
    return ledger.execute("SELECT * FROM notice ORDER BY id DESC LIMIT 1").fetchone()


def test_an_import_is_told_quietly_with_its_figures(ledger, fetched, web: Any) -> None:
    report, sent = fetched()
    assert (report.rows_added, sent.sent) == (2, 3)
    notice = last(ledger)
    assert (notice["loud"], notice["title"]) == (0, "Commercial Log.xlsx: +$200.00 gross")
    for said in ("2 rows added, 0 removed", "Nov-26: +2 -0 rows, +$200.00", "2 booked +$200.00", "Import 1, "):
        assert said in notice["body"]
    fetched()
    assert "unchanged since import 1" in last(ledger)["title"]


@pytest.mark.parametrize(
    ("spoil", "kind", "says"),
    [
        (lambda log: shutil.rmtree(log.parent), "not ready", "Is the drive mounted"),
        (lambda log: (log.parent / f"~${log.name}").touch(), "not ready", "open in Excel"),
        (lambda log: os.utime(log, (NOW.timestamp() - 86_400,) * 2), "not ready", "not today"),
        (lambda log: (log.write_bytes(log.read_bytes()[:3000]), os.utime(log, (NOW.timestamp(),) * 2)), "failed",
         "cut short or damaged"),
    ],
)  # fmt: skip
def test_what_was_not_imported_is_told_loudly_with_what_to_do(ledger, fetched, drive, spoil, kind, says) -> None:
    spoil(drive)
    with pytest.raises((NotReady, WorkbookError)):
        fetched()
    notice = last(ledger)
    assert (notice["kind"], notice["loud"]) == (kind, 1)
    assert says in notice["body"]


def test_what_a_safeguard_refuses_is_told_loudly(ledger, tmp_path, write_log, numbered, ways, web) -> None:
    def run(count: int) -> Any:
        path = write_log(numbered(count), name=f"{count}.xlsx")
        request = ImportRequest(path, "job", NOW)
        return import_and_tell(ledger, ways(), path, NOW, lambda: import_workbook(ledger, request, tmp_path))

    run(10)
    with pytest.raises(Refused):
        run(7)
    notice = last(ledger)
    assert (notice["kind"], notice["title"]) == ("refused", "7.xlsx was refused")
    assert "Nov-26 would fall from 10 to 7 rows" in notice["body"]


def test_a_bug_is_told_without_its_words_and_stays_one(ledger, ways: Callable[..., Ways]) -> None:
    def run() -> Any:
        raise ZeroDivisionError("with a secret in it")

    with pytest.raises(ZeroDivisionError):
        import_and_tell(ledger, ways(), Path("log.xlsx"), NOW, run)
    assert "ZeroDivisionError" in last(ledger)["body"]
    assert "secret" not in last(ledger)["body"]


def test_an_import_stands_though_its_notice_goes_nowhere(ledger, fetched, web: Any, mail: Any) -> None:
    web.status = mail.status = 500
    report, sent = fetched()
    assert report.rows_added == 2
    assert sent.waiting == 3
    assert ledger.execute("SELECT count(*) FROM spot").fetchone()[0] == 2


def test_a_dry_run_is_told_to_nobody(ledger, tmp_path, write_log, line, ways, web) -> None:
    request = ImportRequest(write_log([line()]), "me", NOW, dry_run=True)
    import_and_tell(ledger, ways(), request.file, NOW, lambda: import_workbook(ledger, request, tmp_path))
    assert web.posts == []


def test_a_day_without_an_import_is_told_and_a_day_with_one_is_not(ledger, fetched, ways, web) -> None:
    assert remind(ledger, ways(), NOW).title == "Nothing has been imported yet"
    fetched()
    told = len(web.posts)
    assert remind(ledger, ways(), NOW + timedelta(hours=23)) is None
    assert len(web.posts) == told
    notice = remind(ledger, ways(), NOW + timedelta(hours=30, minutes=1))
    assert notice.loud
    assert notice.title == "Nothing imported for 30 hours"


def test_a_failed_check_is_told_with_what_to_do_and_a_whole_ledger_is_not(ledger, fetched) -> None:
    fetched()
    assert words.of_checks(check_ledger(ledger)) is None
    ledger.execute("UPDATE spot SET gross_cents = gross_cents + 1")
    notice = words.of_checks(check_ledger(ledger))
    assert notice is not None
    assert notice.loud
    assert "the summary says what the spots say" in notice.body
    assert "Import the newest workbook again" in notice.body


def test_every_named_statement_of_the_notices_runs_on_this_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.notices")) == []
