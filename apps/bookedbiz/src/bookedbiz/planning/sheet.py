"""A budget from a sheet: names in the first column, months beside them; pasted, as CSV or as a workbook.

Also one line per name and month: entity, month, budget. An empty cell says nothing and changes nothing.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from bookedbiz.errors import Refused
from bookedbiz.money import dollars, to_cents
from bookedbiz.months import label, month_of, parse_month
from bookedbiz.names.text import name_key
from bookedbiz.planning.figures import Item
from bookedbiz.planning.saving import Cell, Wanted

LONGEST_SHEET_BYTES = 5 * 1024 * 1024
_SUM_MAY_DIFFER_CENTS = 12_00  # each of twelve months may have been rounded to the dollar
_LONG_AMOUNTS = ("budget", "amount")
_SUMS = ("total", "year", "sum")
_MOST_NAMED = 8

Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Budget:
    """What a sheet says: cents by the name as written and the month."""

    amounts: Mapping[tuple[str, int], int]

    @property
    def total(self) -> int:
        return sum(self.amounts.values())


def read_file(path: Path) -> Lines:
    """The cells of a CSV or a workbook's first sheet, as text. Refused when it is neither."""
    try:
        if path.stat().st_size > LONGEST_SHEET_BYTES:
            raise Refused(
                f"{path.name} not read: it is larger than a budget is", "Give the sheet with the budget alone"
            )
        if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
            rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
            return [[_text(cell) for cell in row] for row in rows]
        return split_text(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, CalamineError) as why:
        raise Refused(f"{path.name} not read: {why}", "Save it as XLSX or as CSV in UTF-8") from why


def split_text(text: str) -> Lines:
    """The cells of pasted text: tabs as Excel copies them, else commas or semicolons."""
    head = text.strip("\r\n").partition("\n")[0]
    delimiter = next((each for each in "\t;," if each in head), ",")
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def budget_of(lines: Lines, year: int) -> Budget:
    """The budget that a sheet holds; months without a year are of `year`. Refused, with all that is wrong with it."""
    filled = [[cell.strip() for cell in line] for line in lines if any(cell.strip() for cell in line)]
    for number, head in enumerate(filled):
        months = {position: found for position, cell in enumerate(head) if (found := _month(cell, year))}
        if len(months) >= 2:
            return _wide(head, months, filled[number + 1 :])
        if {name_key(cell) for cell in head} & set(_LONG_AMOUNTS):
            return _long(head, filled[number + 1 :], year)
    raise Refused("No budget found: there is no line with months", "Begin with a line like: AE, Jan-27, Feb-27, …")


def wanted_of(budget: Budget, ids: Mapping[str, int]) -> Wanted:
    """What plans shall be, with the ids of entities by name key. Refused, with every name that is no entity."""
    unknown = sorted({name for name, _ in budget.amounts if name_key(name) not in ids})
    if unknown:
        raise Refused(
            f"No budget stored: no entity is named {', '.join(map(repr, unknown[:_MOST_NAMED]))}",
            "Write the names as the planning page has them",
        )
    wanted: dict[Cell, int | None] = {}
    for (name, month), cents in budget.amounts.items():
        cell = Cell(ids[name_key(name)], month, Item.BUDGET)
        if cell in wanted:
            raise Refused(f"No budget stored: {name} has two budgets for {label(month)}", "Keep one line for each name")
        wanted[cell] = cents
    return wanted


def _wide(head: Sequence[str], months: Mapping[int, int], lines: Lines) -> Budget:
    amounts: dict[tuple[str, int], int] = {}
    problems: list[str] = []
    sums = [position for position, cell in enumerate(head) if name_key(cell) in _SUMS]
    for line in lines:
        name = line[0]
        if not name or name_key(name) in (*_SUMS, "company"):
            continue
        added = 0
        for position, month in months.items():
            cents = _cents(line, position, f"{name} {label(month)}", problems)
            if cents is not None:
                _put(amounts, (name, month), cents, problems)
                added += cents
        for position in sums:
            told = _cents(line, position, f"{name} {head[position]}", problems)
            if told is not None and abs(told - added) > _SUM_MAY_DIFFER_CENTS:
                problems.append(f"{name}: the months are {dollars(added)}, the sheet says {dollars(told)}")
    return _sound(amounts, problems)


def _long(head: Sequence[str], lines: Lines, year: int) -> Budget:
    keys = [name_key(cell) for cell in head]
    at = next(position for position, key in enumerate(keys) if key in _LONG_AMOUNTS)
    if "month" not in keys:
        raise Refused("No budget found: no column is named month", "Begin with: entity, month, budget")
    month_at, name_at = keys.index("month"), next(place for place in range(3) if place not in (at, keys.index("month")))
    amounts: dict[tuple[str, int], int] = {}
    problems: list[str] = []
    for line in lines:
        month = _month(line[month_at], year) if month_at < len(line) else None
        if month is None or name_at >= len(line):
            problems.append(f"no month in {', '.join(line)!r}")
            continue
        cents = _cents(line, at, f"{line[name_at]} {label(month)}", problems)
        if cents is not None:
            _put(amounts, (line[name_at], month), cents, problems)
    return _sound(amounts, problems)


def _put(amounts: dict[tuple[str, int], int], cell: tuple[str, int], cents: int, problems: list[str]) -> None:
    if cell in amounts:
        problems.append(f"{cell[0]} has two budgets for {label(cell[1])}")
    if cents < 0:
        problems.append(f"{cell[0]} {label(cell[1])} is below zero")
    amounts[cell] = cents


def _sound(amounts: dict[tuple[str, int], int], problems: list[str]) -> Budget:
    if problems:
        more = f"; and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
        raise Refused(
            f"No budget stored: {'; '.join(problems[:_MOST_NAMED])}{more}", "Mend the sheet and give it again"
        )
    if not amounts:
        raise Refused("No budget found: the sheet has months and no amounts")
    return Budget(amounts)


def _cents(line: Sequence[str], position: int, where: str, problems: list[str]) -> int | None:
    text = line[position] if position < len(line) else ""
    if not text:
        return None
    try:
        return to_cents(text)
    except ValueError:
        problems.append(f"{where}: {text!r} is no amount")
        return None


def _month(text: str, year: int) -> int | None:
    """The month that a head names, with its year or without; None for any other text."""
    for each in (text, f"{text} {year}"):
        if each[:1].isalpha() or "-" in each or "/" in each:
            try:
                return parse_month(each)
            except ValueError:
                continue
    return None


def _text(cell: object) -> str:
    if isinstance(cell, date):
        return label(month_of(cell))
    return str(cell)
