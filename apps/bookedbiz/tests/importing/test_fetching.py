"""Unattended: only today's whole workbook is imported, and everything else is named for what it is."""

import os
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bookedbiz.errors import NotReady, WorkbookError
from bookedbiz.importing.fetching import fetch

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture
def drive(tmp_path, write_log, line) -> Path:
    """The log on the drive, saved an hour ago."""
    folder = tmp_path / "K"
    folder.mkdir()
    log = Path(shutil.copy(write_log([line()]), folder / "Commercial Log.xlsx"))
    os.utime(log, (NOW.timestamp() - 3600,) * 2)
    return log


@pytest.fixture
def run(ledger, tmp_path, drive):
    def call(now=NOW, settle_s=0.0):
        return fetch(ledger, drive, tmp_path / "data", "job", now, settle_s=settle_s)

    return call


def nothing_imported(ledger) -> bool:
    return ledger.execute("SELECT count(*) FROM spot").fetchone()[0] == 0


def test_todays_workbook_is_imported_under_its_name_and_once(ledger, run, tmp_path) -> None:
    assert run().rows_added == 1
    assert run().same_as == 1
    assert ledger.execute("SELECT DISTINCT file_name FROM batch").fetchall()[0][0] == "Commercial Log.xlsx"
    assert not list((tmp_path / "data").glob("fetched-*"))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda log: shutil.rmtree(log.parent), "Is the drive mounted"),
        (lambda log: log.unlink(), "is empty"),
        (lambda log: log.rename(log.with_name("Other.xlsx")), "no such file"),
        (lambda log: log.with_name("~$Commercial Log.xlsx").touch(), "open in Excel"),
        (lambda log: os.utime(log, (NOW.timestamp() - 86_400,) * 2), "saved Thu Nov 19, not today"),
    ],
)
def test_what_is_not_ready_is_named_and_nothing_is_imported(ledger, run, drive, spoil, says: str) -> None:
    spoil(drive)
    with pytest.raises(NotReady) as refused:
        run()
    assert says in f"{refused.value.message} {refused.value.hint}"
    assert refused.value.exit_code == 4
    assert nothing_imported(ledger)


def test_a_workbook_that_is_still_being_written_is_left(ledger, run, drive) -> None:
    def grow() -> None:
        with drive.open("ab") as file:
            file.write(b"more")

    timer = threading.Timer(0.2, grow)
    timer.start()
    with pytest.raises(NotReady, match="still being written"):
        run(settle_s=0.6)
    timer.join()
    assert nothing_imported(ledger)


def test_half_a_workbook_is_no_workbook(ledger, run, drive) -> None:
    content = drive.read_bytes()
    drive.write_bytes(content[: len(content) // 2])
    os.utime(drive, (NOW.timestamp() - 60,) * 2)
    with pytest.raises(WorkbookError, match="cut short"):
        run()
    assert nothing_imported(ledger)


def test_the_stations_day_decides_what_is_todays(run, drive) -> None:
    os.utime(drive, (NOW.timestamp() - 3600,) * 2)
    assert run(now=NOW + timedelta(hours=11)).rows_added == 1  # tomorrow in UTC, today at the station
