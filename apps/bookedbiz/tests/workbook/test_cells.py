"""Cells: one parser for each kind, whatever Excel or a person put there."""

from datetime import date, datetime, time, timedelta

import pytest

from bookedbiz.workbook import cells
from bookedbiz.workbook.cells import Cell, Value, as_text

SHOWN = datetime(2026, 11, 23, 5, 0)  # noqa: DTZ001 - a cell knows no zone
NOVEMBER_23 = (date(2026, 11, 23) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    "cell",
    [date(2026, 11, 23), SHOWN, "11/23/2026", "11/23/26", "2026-11-23", "2026-11-23 00:00:00", 46349.0,
     "11/23/2026 0:00", "11-23-2026", "11.23.2026", "23-Nov-26", "23 November 2026", "Nov 23, 2026", "November 23 2026",
     "\uff11\uff11/23/2026\u00a0"],
)  # fmt: skip
def test_a_date_is_read_however_it_is_written(cell: Cell) -> None:
    assert cells.day(cell).value == NOVEMBER_23


@pytest.mark.parametrize("cell", ["soon", "13/45/2026", 12.0, date(1899, 12, 31), timedelta(days=1), "2026-02-30",
                                  "11/23-2026", "31-Nov-26", "23-Nox-26", "Nov 2026"])  # fmt: skip
def test_what_is_no_date_is_an_issue_and_no_value(cell: Cell) -> None:
    assert cells.day(cell)[::2] == (None, "bad_date")


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        (timedelta(seconds=30), 30), (time(0, 0, 30), 30), (":30", 30), ("30", 30), ("0:00:30", 30), ("0:30", 30),
        (30.0, 30), (30 / 86_400, 30), ("30s", 30), ("1:00", 60), ("28:30", 1710), (timedelta(minutes=28.5), 1710),
    ],
)  # fmt: skip
def test_a_length_is_read_as_seconds(cell: Cell, seconds: int) -> None:
    assert cells.length(cell).value == seconds


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        (time(7, 0), 25_200), ("7:00:00 AM", 25_200), ("07:00", 25_200), ("7a", 25_200), ("12:00 AM", 0),
        ("12:30 pm", 45_000),
        (0.5, 43_200), (timedelta(hours=24), 86_400), ("24:00", 86_400), (SHOWN, 18_000),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read_as_seconds_after_midnight(cell: Cell, seconds: int) -> None:
    assert cells.time_of_day(cell).value == seconds


@pytest.mark.parametrize("cell", ["noonish", "25:00", "7", "13:00 PM", "7:99", 1.5])
def test_what_is_no_time_is_an_issue(cell: Cell) -> None:
    assert cells.time_of_day(cell)[::2] == (None, "bad_time")


@pytest.mark.parametrize("cell", [date(2026, 11, 1), date(2026, 11, 17), "Nov-26", "11/15/2026", " nov-26 ", 46327.0,
                                  "November 15, 2026", "11/15/2026 0:00"])  # fmt: skip
def test_a_month_is_that_of_its_date_or_text(cell: Cell) -> None:
    assert cells.month(cell).value == 202611


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (100001.0, "100001"),
        ("100001.0", "100001"),
        (" A-17 ", "A-17"),
        ("N", None),
        ("n", None),
        (0.0, None),
        ("", None),
    ],
)
def test_a_contract_is_the_same_as_number_and_as_text(cell: Cell, value: Value) -> None:
    assert cells.contract(cell).value == value


@pytest.mark.parametrize(
    ("parse", "issue"),
    [
        (cells.money, "excel_error"), (cells.day, "excel_error"), (cells.month, "excel_error"),
        (cells.code, "excel_error"), (cells.text, "excel_error"), (cells.length, "excel_error"),
    ],
)  # fmt: skip
def test_an_excel_error_is_an_issue_in_every_column(parse: object, issue: str) -> None:
    for error in ("#N/A", "#REF!", "#DIV/0!"):
        assert parse(error)[::2] == (None, issue)  # type: ignore[operator]


def test_two_bad_cells_with_other_texts_are_not_the_same_row() -> None:
    assert cells.money("see A").text != cells.money("see B").text != ""
    assert cells.money("").text == ""


def test_text_is_tidied_but_a_bill_code_is_kept_as_it_stands() -> None:
    assert cells.text("  Cedar\u00a0 Bank ").value == "Cedar Bank"
    assert cells.code(" sfo ").value == "SFO"
    assert cells.raw_text(" Cedar  Bank ").value == " Cedar  Bank "
    assert as_text(12.0) == "12"
