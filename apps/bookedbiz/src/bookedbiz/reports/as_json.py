"""A report's table as JSON values: the lines and columns that are shown, money as dollars with two decimals. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Figure, Kind, Table

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

_MONEY = (Kind.MONEY, Kind.CHANGE, Kind.RATE)


def envelope(data: Json, as_of: datetime | None, *, trade: str = "excluded") -> dict[str, Json]:
    """What every answer has: its data, when the ledger was last brought up to date, and that Trade is no revenue."""
    return {"data": data, "as_of": None if as_of is None else stamp(as_of), "trade": trade}


def stamp(at: datetime) -> str:
    """`2026-11-20T19:00:00Z`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def dollars(cents: float | None) -> float | None:
    """Dollars with two decimals; None stays None."""
    return None if cents is None else round(cents / 100, 2)


def month_of_json(month: int) -> str:
    """The first day of a month: `2026-11-01`."""
    return f"{month // 100}-{month % 100:02d}-01"


def report_json(question: str, tables: Sequence[Table], figures: Sequence[Figure], filters: Filters) -> dict[str, Json]:
    """A report with all its tables, as they are shown."""
    return {
        "question": question,
        "filters": dict(filters.to_args()),
        "figures": [_figure(figure) for figure in figures],
        "tables": [_table(table) for table in tables],
    }


def _figure(figure: Figure) -> Json:
    value = figure.value / 1000 if figure.is_share else figure.value if figure.is_count else dollars(figure.value)
    return {"label": figure.label, "value": value, "change": figure.change, "note": figure.note}


def _table(table: Table) -> Json:
    return {
        "name": table.name,
        "columns": [{"label": column.label, "kind": str(column.kind)} for column in table.columns],
        "rows": [
            {
                "role": str(row.role),
                "cells": [_cell(cell, column.kind) for cell, column in zip(row.cells, table.columns, strict=True)],
            }
            for row in table.rows
        ],
    }


def _cell(cell: Cell, kind: Kind) -> Json:
    if cell is None or isinstance(cell, str):
        return cell if cell is None else str(cell)
    return dollars(cell) if kind in _MONEY else round(cell, 6)
