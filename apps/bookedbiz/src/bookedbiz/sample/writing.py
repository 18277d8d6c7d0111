"""Writes a made-up book as a real .xlsx, text in the shared table as Excel keeps it; the same book, the same bytes."""

import os
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bookedbiz.sample.book import Book
from bookedbiz.sample.cells import SampleCell, Show
from bookedbiz.workbook.columns import COLUMNS

_MADE_AT = datetime(2024, 1, 1, tzinfo=UTC)  # any fixed moment: it is written into the file


def write_book(book: Book, path: Path) -> None:
    """Store the workbook, durable on return; a reader sees the old or the new whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    workbook = xlsxwriter.Workbook(str(half))
    workbook.set_properties({"title": "Commercial Log", "created": _MADE_AT.replace(tzinfo=None)})
    shown = [show for show in Show if show is not Show.ERROR]
    formats: dict[Show, Format] = {show: workbook.add_format({"num_format": show.value}) for show in shown}
    bold = workbook.add_format({"bold": True})
    for name, lines in book.sheets.items():
        sheet = workbook.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for column, title in enumerate(COLUMNS):
            sheet.write_string(0, column, title.header, bold)
        for row, cells in enumerate(lines, start=1):
            _write_line(sheet, row, cells, formats)
    workbook.close()
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.rename(path)


def _write_line(sheet: Worksheet, row: int, cells: list[SampleCell], formats: dict[Show, Format]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            if cell:
                sheet.write_string(row, column, cell)
        elif isinstance(cell, float):
            sheet.write_number(row, column, cell)
        elif cell.show is Show.ERROR:
            sheet.write_formula(row, column, "=NA()", None, "#N/A")
        else:
            sheet.write_number(row, column, cell.number, formats[cell.show])
