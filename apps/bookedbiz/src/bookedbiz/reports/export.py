"""A report's table as CSV or as a workbook: exactly the lines and columns that are shown, with cents."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

from bookedbiz.months import STATION_ZONE
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Kind, Role, Row, Table

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_SHEET_NAME = 31  # Excel's limit
_MONEY = (Kind.MONEY, Kind.CHANGE, Kind.RATE)
_RATIO = (Kind.PERCENT, Kind.SHARE)


@dataclass(frozen=True)
class Heading:
    """What an export says of itself before its first line."""

    title: str
    filters: Filters
    as_of: datetime | None
    trade: str = "excluded"

    def lines(self) -> list[str]:
        return [self.title, *self.filters.words(), f"As of: {as_of_words(self.as_of)}", f"Trade: {self.trade}"]


def as_of_words(at: datetime | None) -> str:
    """`2026-11-20 09:30 AM PST`, the station's time; `never` before the first import."""
    return "never" if at is None else at.astimezone(STATION_ZONE).strftime("%Y-%m-%d %I:%M %p %Z")


def to_csv(tables: Sequence[Table], heading: Heading) -> bytes:
    """UTF-8 with a byte-order mark, as Excel wants it. Text that a spreadsheet would run as a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    for line in heading.lines():
        writer.writerow([_harmless(line)])
    for table in tables:
        writer.writerow([])
        if len(tables) > 1:
            writer.writerow([table.title])
        writer.writerow([_harmless(column.label) for column in table.columns])
        for row in table.rows:
            pairs = zip(row.cells, table.columns, strict=True)
            writer.writerow([_csv_cell(cell, column.kind) for cell, column in pairs])
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(tables: Sequence[Table], heading: Heading) -> bytes:
    """A workbook, a sheet for each table: figures as numbers, the heads frozen, and the filters above them."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": heading.title, "comments": "; ".join(heading.lines()[1:])})
    formats = _formats(book)
    for table in tables:
        _write_sheet(book.add_worksheet(table.title[:_LONGEST_SHEET_NAME]), table, heading, formats)
    book.close()
    return content.getvalue()


def _write_sheet(sheet: Any, table: Table, heading: Heading, formats: dict[str, Any]) -> None:
    for number, line in enumerate(heading.lines()):
        sheet.write_string(number, 0, line, formats["title" if number == 0 else "note"])
    top = len(heading.lines()) + 1
    for position, column in enumerate(table.columns):
        sheet.write_string(top, position, column.label, formats["name_head" if position == 0 else "head"])
        sheet.set_column(position, position, _width(table, position))
    for number, row in enumerate(table.rows, start=top + 1):
        _write_row(sheet, number, row, table, formats)
    sheet.freeze_panes(top + 1, 1)
    sheet.repeat_rows(top)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_row(sheet: Any, number: int, row: Row, table: Table, formats: dict[str, Any]) -> None:
    weight = "" if row.role is Role.LINE else "_bold"
    for position, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True)):
        if cell is None:
            sheet.write_blank(number, position, None, formats[f"text{weight}"])
        elif isinstance(cell, str):
            sheet.write_string(number, position, cell, formats[f"text{weight}"])
        elif column.kind in _MONEY:
            sheet.write_number(number, position, cell / 100, formats[f"money{weight}"])
        else:
            shape = "count" if column.kind is Kind.COUNT else "ratio"
            sheet.write_number(number, position, cell, formats[f"{shape}{weight}"])


def _formats(book: Any) -> dict[str, Any]:
    shapes: dict[str, dict[str, object]] = {
        "text": {},
        "money": {"num_format": "#,##0.00;[Red]-#,##0.00"},
        "count": {"num_format": "#,##0"},
        "ratio": {"num_format": "0.0%;[Red]-0.0%"},
    }
    made = {name: book.add_format(shape) for name, shape in shapes.items()}
    made |= {f"{name}_bold": book.add_format({**shape, "bold": True, "top": 1}) for name, shape in shapes.items()}
    made["title"] = book.add_format({"bold": True, "font_size": 14})
    made["note"] = book.add_format({"font_color": "#555555"})
    made["head"] = book.add_format({"bold": True, "align": "right", "bottom": 1})
    made["name_head"] = book.add_format({"bold": True, "bottom": 1})
    return made


def _width(table: Table, position: int) -> float:
    if table.columns[position].kind is Kind.NAME:
        return float(min(48, max([12, *(len(str(row.cells[position])) + 2 for row in table.rows)])))
    return 14.0 if table.columns[position].kind in _MONEY else 10.0


def _csv_cell(cell: Cell, kind: Kind) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _harmless(cell)
    if kind in _MONEY:
        return f"{cell / 100:.2f}"
    return f"{cell:.4f}" if kind in _RATIO else str(cell)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
