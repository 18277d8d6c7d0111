"""Workbooks: which are read, which are refused, and that every line is accounted for."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from bookedbiz.errors import WorkbookError
from bookedbiz.sample.cells import NOT_AVAILABLE, junk_line
from bookedbiz.workbook.columns import COLUMNS, LOG_SHEETS
from bookedbiz.workbook.reader import read_workbook

HEADERS: list[object] = [column.header for column in COLUMNS]
CELLS: list[object] = [
    "Cedar Bank", "11/23/2026", "", "Monday", "07:00", "09:00", ":30", "", "", "M", "", 1, 1, "COM", "", 100, "", 100,
    "Nov-26", "", "", 85, "House", "Internal Ad Sales", "Calendar", "Agency", "Y", 100001, "SFO",
]  # fmt: skip


def test_all_four_row_sheets_are_read_and_no_other(write_log, line) -> None:
    lines = {name: [line()] for name in (*LOG_SHEETS, "Notes")}
    content = read_workbook(write_log(lines))
    assert [sheet.name for sheet in content.sheets] == list(LOG_SHEETS)
    assert {row.sheet for row in content.rows()} == set(LOG_SHEETS)


@pytest.mark.parametrize("name", ["Data", "Commercial Lines", "Sheet1", "Anything"])
def test_without_them_the_recap_or_the_first_sheet_is_read(write_log, line, name: str) -> None:
    assert [sheet.name for sheet in read_workbook(write_log({name: [line()]})).sheets] == [name]


def test_a_blank_line_a_header_a_total_and_a_half_typed_line_are_skipped_with_their_reason(write_log, line) -> None:
    junk = [junk_line(kind, 12_300) for kind in ("blank", "header", "no month or date", "total")]
    content = read_workbook(write_log([line(), *junk, line()]))
    sheet = content.sheets[0]
    assert [(skip.number, skip.reason) for skip in sheet.skipped] == [
        (3, "blank"), (4, "header"), (5, "no month or date"), (6, "total"),
    ]  # fmt: skip
    assert sheet.skipped[3].cents == 12_300
    assert (sheet.rows_read, len(sheet.rows)) == (6, 2)
    assert [row.number for row in sheet.rows] == [2, 7]


def test_a_date_that_no_calendar_has_refuses_the_workbook_and_names_its_line(write_log, line) -> None:
    path = write_log({LOG_SHEETS[0]: [line(), line()]})
    book = openpyxl.load_workbook(path)
    cell = book.active.cell(3, 2, -1e18)
    cell.number_format = "m/d/yyyy"
    book.save(path)
    with pytest.raises(WorkbookError, match="line 3 of sheet Commercials"):
        read_workbook(path)


def test_equal_lines_are_all_kept(write_log, line) -> None:
    rows = read_workbook(write_log([line(), line(), line()])).sheets[0].rows
    assert len(rows) == 3
    assert len({row.row_hash for row in rows}) == 1


def test_a_row_whose_cells_are_all_bad_is_still_a_row(write_log, line) -> None:
    bad = line(
        air_date="?", length="tbd", time_in="x", time_out="x", gross_rate="ask", spot_value="", station_net="ask"
    )
    row = read_workbook(write_log([bad])).sheets[0].rows[0]
    assert (row.month, row.gross_cents) == (202611, 0)
    assert [issue.code for issue in row.issues] == [
        "bad_date", "bad_time", "bad_time", "bad_length", "bad_money", "bad_money",
    ]  # fmt: skip


def test_an_excel_error_value_is_found_though_the_reader_gives_it_as_empty(write_log, line) -> None:
    row = read_workbook(write_log([line(), line(station_net=NOT_AVAILABLE)])).sheets[0].rows[1]
    assert [(issue.code, issue.raw) for issue in row.issues] == [("excel_error", "#N/A")]


def test_a_tick_in_a_money_cell_is_not_a_dollar(write_cells) -> None:
    one, tick = ([*CELLS[:15], money, *CELLS[16:17], "", *CELLS[18:]] for money in (1, True))
    rows = read_workbook(write_cells([HEADERS, one, tick])).sheets[0].rows
    assert [row.gross_cents for row in rows] == [100, 0]
    assert [(issue.code, issue.raw) for issue in rows[1].issues] == [("bad_money", "TRUE")]


def test_a_blank_month_follows_the_air_date_and_the_billing_type(write_log, line) -> None:
    rows = (
        read_workbook(
            write_log(
                [
                    line(broadcast_month="", air_date="11/30/2026", billing_type="Broadcast", day_of_week="Monday"),
                    line(broadcast_month="", air_date="11/30/2026", billing_type="Calendar", day_of_week="Monday"),
                    line(broadcast_month="garbled", air_date="11/30/2026", day_of_week="Monday"),
                ]
            )
        )
        .sheets[0]
        .rows
    )
    assert [(row.month, row.month_derived) for row in rows] == [(202612, True), (202611, True), (202611, True)]
    assert [issue.code for issue in rows[2].issues] == ["bad_month", "month_derived"]


def test_a_month_or_weekday_or_value_that_does_not_fit_is_told(write_log, line) -> None:
    odd = line(broadcast_month="Dec-26", day_of_week="Friday", spot_value=99.0)
    row = read_workbook(write_log([odd])).sheets[0].rows[0]
    assert row.month == 202612  # the column is what accounting closes by
    assert sorted(issue.code for issue in row.issues) == ["day_differs", "month_differs", "value_differs"]


def test_the_hash_follows_every_cell_but_not_its_spelling(write_log, line) -> None:
    same = [line(), line(market="sfo "), line(contract="100001"), line(length=":30"), line(gross_rate="$100.00")]
    other = [line(**{column.name: "7"}) for column in COLUMNS if column.name != "broadcast_month"]
    rows = read_workbook(write_log([*same, *other])).sheets[0].rows
    hashes = [row.row_hash for row in rows]
    assert len(set(hashes[: len(same)])) == 1
    assert len(set(hashes)) == 1 + len(other)


def test_a_title_above_the_header_and_empty_columns_beside_it_do_no_harm(write_cells) -> None:
    wide = [*CELLS, "Pending"]
    content = read_workbook(write_cells([["Commercial Log", ""], [], [*HEADERS, "Sheet"], wide]))
    assert [(row.number, row.sheet) for row in content.rows()] == [(4, "Pending")]


def test_a_renamed_column_is_read_with_a_warning(write_cells) -> None:
    renamed = ["Customer said" if title == "Comments" else title for title in HEADERS]
    assert "column I is titled 'Customer said'" in read_workbook(write_cells([renamed, CELLS])).warnings[0]


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ([title for title in HEADERS if title != "Make Good"], "28 of the 29 columns; missing: Make Good"),
        (HEADERS[:20], "20 of the 29 columns"),
        ([HEADERS[0], HEADERS[2], HEADERS[1], *HEADERS[3:]], "not in their order: column B should be Start Date"),
        ([HEADERS[0], *(f"Column {n}" for n in range(28))], "only 1 of its 29 column titles"),
        (["Customer", *HEADERS[1:]], "no header line that starts with Bill Code"),
    ],
)
def test_a_sheet_without_its_columns_is_refused(write_cells, headers: list[object], says: str) -> None:
    with pytest.raises(WorkbookError, match=says):
        read_workbook(write_cells([headers, CELLS]))


def _text(path: Path) -> None:
    path.write_text("Bill Code,Start Date\n")


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _locked(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096))


def _flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    start = content.index(b"xl/worksheets/sheet1.xml") + 60
    content[start : start + 40] = bytes(40)
    path.write_bytes(content)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other_zip(path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_text, "not an Excel workbook"),
        (_half, "cut short or damaged"),
        (_locked, "password"),
        (_flipped, "cut short or damaged"),
        (_empty, "not an Excel workbook"),
        (_other_zip, "cut short or damaged"),
        (Path.unlink, "No such file"),
    ],
)
def test_what_is_no_whole_workbook_is_refused(write_log, line, spoil: Callable[[Path], None], says: str) -> None:
    path = write_log([line()])
    spoil(path)
    with pytest.raises(WorkbookError, match=says):
        read_workbook(path)


def test_a_workbook_without_a_single_row_is_refused(write_log) -> None:
    with pytest.raises(WorkbookError, match="no sheet of it holds a row"):
        read_workbook(write_log({"Commercials": [], "Pending": [junk_line("total")]}))


def test_a_sheet_that_does_not_account_for_a_line_is_refused() -> None:
    from bookedbiz.workbook.reader import SheetContent

    with pytest.raises(WorkbookError, match="3 lines, 0 to be stored and 0 skipped"):
        SheetContent("Commercials", 3, [], [])


def test_a_formula_that_nobody_calculated_is_an_issue_of_its_row(write_log, line) -> None:
    path = write_log([line()])
    book = openpyxl.load_workbook(path)
    book.active["P2"] = "=60+40"
    book.save(path)
    row = next(read_workbook(path).rows())
    assert (row.gross_cents, [issue.code for issue in row.issues]) == (0, ["excel_error", "value_differs"])


def test_two_sheets_that_are_named_alike_refuse_the_workbook(write_log, line) -> None:
    with pytest.raises(WorkbookError, match=r"named alike, 'Pending' and 'PENDING.+xa0'"):
        read_workbook(write_log({"Pending": [line()], "PENDING\u00a0": [line()]}))


def test_a_copy_of_a_sheet_is_told_and_a_sheet_of_something_else_is_not(write_log, line) -> None:
    path = write_log({"Commercials": [line()], "Commercials (2)": [line()], "Template": []})
    book = openpyxl.load_workbook(path)
    book.create_sheet("Rates").append(["A rate", 12])
    book.create_chartsheet("Chart")
    book.save(path)
    content = read_workbook(path)
    assert [sheet.name for sheet in content.sheets] == ["Commercials"]
    assert [warning[:38] for warning in content.warnings] == ["Sheet Commercials (2) was not read: it"]


def test_a_workbook_that_counts_its_days_from_1904_gives_the_same_days(write_log, line) -> None:
    path = write_log([line(), line(air_date=46349.0 - 1462, broadcast_month=46327.0 - 1462)])
    book = openpyxl.load_workbook(path)
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for cell, day in (("B2", 46349), ("S2", 46327)):
        book.active[cell] = openpyxl.utils.datetime.from_excel(day)
    book.save(path)
    shown, bare = read_workbook(path).rows()
    assert (shown.values[1], shown.month) == (bare.values[1], bare.month) == (20780, 202611)
