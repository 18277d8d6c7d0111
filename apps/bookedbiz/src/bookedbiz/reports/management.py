"""How do the company and each entity do by quarter, against last year, budget and forecast? Shaping only. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bookedbiz.reports.by_name import Line, NameReport, quarters_counted
from bookedbiz.reports.plans import Plans, budget_of, expected_of
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, share, total
from bookedbiz.reports.year import Year

Target = Callable[[Sequence[Line], Sequence[int]], int | None]


def with_plans(report: NameReport, year: Year, plans: Plans) -> NameReport:
    """The report by entity with what was planned, where anything was: a table for budgets, one for forecasts."""
    if not plans:
        return report

    def budget(lines: Sequence[Line], months: Sequence[int]) -> int | None:
        return budget_of((plans.get(line.name, {}) for line in lines), months)

    def forecast(lines: Sequence[Line], months: Sequence[int]) -> int | None:
        found = [expected_of(plans.get(line.name, {}), line.booked, months) for line in lines]
        amounts = [amount for amount in found if amount is not None]
        return sum(amounts) if amounts else None

    lines = report.lines + tuple(_unbooked(year, plans, report.lines))
    tables = (_against("Budget", year, lines, budget), _against("Forecast", year, lines, forecast))
    return replace(report, more=tables, figures=(*report.figures, *_figures(year, lines, budget)))


def _unbooked(year: Year, plans: Plans, lines: Sequence[Line]) -> list[Line]:
    """Entities with a plan and nothing booked."""
    known = {line.name for line in lines}
    return [Line(name, year.amounts({}), {}, 0, 0) for name in sorted(plans) if name not in known]


def _against(name: str, year: Year, lines: Sequence[Line], target: Target) -> Table:
    quarters = quarters_counted(year)
    columns: list[Column] = [Column("Entity", Kind.NAME)]
    for words, months in quarters:
        fair = all(year.calendar.is_complete(month) for month in months)
        columns += [
            Column(f"{words} {name.lower()}", Kind.MONEY),
            Column("Booked", Kind.MONEY),
            Column("+/\u2212", Kind.CHANGE, hint="Booked beyond it, or still missing", fair=fair),
            Column("%", Kind.SHARE, hint=f"Booked as a share of the {name.lower()}"),
        ]
    rows = [Row((line.name, *_cells([line], quarters, target))) for line in lines]
    rows.append(Row(("Company", *_cells(lines, quarters, target)), role=Role.TOTAL))
    return Table(f"against {name.lower()}", tuple(columns), tuple(rows))


def _cells(lines: Sequence[Line], quarters: Sequence[tuple[str, list[int]]], target: Target) -> list[Cell]:
    cells: list[Cell] = []
    for _, months in quarters:
        wanted = target(lines, months)
        booked = sum(total(line.booked, months) for line in lines)
        beyond = None if wanted is None else booked - wanted
        cells += [wanted, booked, beyond, None if wanted is None else share(booked, wanted)]
    return cells


def _figures(year: Year, lines: Sequence[Line], budget: Target) -> list[Figure]:
    figures = []
    for words, months in quarters_counted(year):
        wanted = budget(lines, months)
        if wanted and (words == "Year" or year.calendar.month in months):
            booked = sum(total(line.booked, months) for line in lines)
            more = "beyond it" if booked >= wanted else "missing"
            note = f"{booked / wanted:.0%} of the budget, ${abs(booked - wanted) / 100:,.0f} {more}"
            figures.append(Figure(f"{words} budget", wanted, note))
    return figures
