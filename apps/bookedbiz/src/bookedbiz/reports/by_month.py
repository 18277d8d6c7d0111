"""How does the year compare with the years before it, month by month? Shaping only. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookedbiz.months import add_months, label
from bookedbiz.reports.booked import ByMonth
from bookedbiz.reports.calendar import Calendar, State, in_year, quarters_of, range_words, short
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, total

YEARS_BACK = 2


@dataclass(frozen=True)
class Chart:
    """Dollars per month for each year, newest first; `complete` says which months of the newest have ended."""

    months: tuple[str, ...]
    years: tuple[int | str, ...]
    dollars: tuple[tuple[int, ...], ...]
    complete: tuple[bool, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "months": self.months,
            "years": self.years,
            "dollars": self.dollars,
            "complete": self.complete,
        }


@dataclass(frozen=True)
class MonthReport:
    """Everything the page, the CSV and the workbook need."""

    table: Table
    figures: tuple[Figure, ...]
    chart: Chart
    compared: str  # which months the comparison is about, in words


def months_needed(filters: Filters) -> tuple[int, int]:
    """First and last month that this report reads."""
    return (filters.year - YEARS_BACK) * 100 + 1, filters.year * 100 + 12


def month_report(filters: Filters, booked: ByMonth, calendar: Calendar) -> MonthReport:
    """The report on `booked`, which must reach from the first to the last of `months_needed`."""
    counted = calendar.counted(filters.year, filters.span)
    years = _years(filters, booked)
    rows = [*_lines(filters, booked, calendar, years), *_totals(filters, booked, calendar, years)]
    return MonthReport(
        table=Table("by month", _columns(years), tuple(rows), opens_at=2),
        figures=_figures(filters, booked, calendar),
        chart=Chart(
            months=tuple(short(month) for month in counted),
            years=tuple(years),
            dollars=tuple(_dollars(booked, in_year(counted, year)) for year in years),
            complete=tuple(calendar.is_complete(month) for month in counted),
        ),
        compared=range_words(calendar.compared(filters.year, filters.span)),
    )


def _years(filters: Filters, booked: ByMonth) -> list[int]:
    """The year and the one before; the one before that only where there was business."""
    oldest = filters.year - YEARS_BACK
    with_business = any(month // 100 == oldest for month in booked)
    return [filters.year, filters.year - 1, *([oldest] if with_business else [])]


def _columns(years: Sequence[int]) -> tuple[Column, ...]:
    this, last = years[0], years[1]
    return (
        Column("Month", Kind.NAME),
        Column("Status", Kind.WORD, hint="closed: frozen by accounting; open: ended, not closed; running; ahead"),
        Column(str(this), Kind.MONEY, hint="Open the customers behind it", back=0),
        Column(str(last), Kind.MONEY, back=12),
        Column("Change", Kind.CHANGE, hint=f"{this} less {last}"),
        Column("%", Kind.PERCENT, hint=f"Change as a share of {last}"),
        *(Column(str(year), Kind.MONEY, back=24) for year in years[2:]),
        Column(f"Running {this}", Kind.MONEY, hint="January up to and with this month"),
        Column(f"Running {last}", Kind.MONEY, hint="January up to and with the same month"),
        Column("Lead", Kind.CHANGE, hint=f"Running {this} less running {last}"),
    )


def _lines(filters: Filters, booked: ByMonth, calendar: Calendar, years: Sequence[int]) -> list[Row]:
    counted = calendar.counted(filters.year, filters.span)
    rows: list[Row] = []
    for number, quarter in enumerate(quarters_of(filters.year), start=1):
        months = [month for month in quarter if month in counted]
        for month in months:
            running = [each for each in counted if each <= month]
            state = calendar.state(month)
            rows.append(
                Row(
                    (label(month), state, *_compared(booked, [month], years), *_running(booked, running, years)),
                    state=state,
                    opens=filters.having(sort=f"m{month % 100:02d}"),
                    fair=calendar.is_complete(month),
                    months=(month,),
                )
            )
        if months:
            name = f"Q{number}" if months == quarter else f"Q{number} ({range_words(months)})"
            cells = (name, _state_of(months, calendar), *_compared(booked, months, years), None, None, None)
            fair = all(calendar.is_complete(month) for month in months)
            rows.append(Row(cells, role=Role.SUBTOTAL, fair=fair, months=tuple(months)))
    return rows


def _totals(filters: Filters, booked: ByMonth, calendar: Calendar, years: Sequence[int]) -> list[Row]:
    counted = calendar.counted(filters.year, filters.span)
    compared = calendar.compared(filters.year, filters.span)
    rows = []
    if compared and compared != counted:
        cells = (f"{range_words(compared)}", "same months", *_compared(booked, compared, years), None, None, None)
        rows.append(Row(cells, role=Role.TOTAL, months=tuple(compared)))
    whole = len(counted) == 12
    name = "Year" if whole else range_words(counted)
    word = "" if compared == counted else "booked so far"
    cells = (name, word, *_compared(booked, counted, years), None, None, None)
    rows.append(Row(cells, role=Role.TOTAL, fair=compared == counted, months=tuple(counted)))
    return rows


def _compared(booked: ByMonth, months: Sequence[int], years: Sequence[int]) -> tuple[Cell, ...]:
    """This year, last year, change, ratio, older years: for these months of each."""
    this, last, *older = (total(booked, in_year(months, year)) for year in years)
    return this, last, this - last, change_ratio(this, last), *older


def _running(booked: ByMonth, months: Sequence[int], years: Sequence[int]) -> tuple[Cell, ...]:
    this, last = (total(booked, in_year(months, year)) for year in years[:2])
    return this, last, this - last


def _state_of(months: Sequence[int], calendar: Calendar) -> str:
    states = {calendar.state(month) for month in months}
    if len(states) == 1:
        return str(states.pop())
    complete = sum(calendar.is_complete(month) for month in months)
    return f"{complete} of {len(months)} ended" if complete < len(months) else str(State.ENDED)


def _figures(filters: Filters, booked: ByMonth, calendar: Calendar) -> tuple[Figure, ...]:
    counted = calendar.counted(filters.year, filters.span)
    compared = calendar.compared(filters.year, filters.span)
    last_year = filters.year - 1
    figures = []
    if compared:
        now, before = total(booked, compared), total(booked, in_year(compared, last_year))
        note = f"against the same months of {last_year}"
        figures.append(
            Figure(f"{range_words(compared)} {filters.year}, complete", now, note, change_ratio(now, before))
        )
    if calendar.month in counted:
        figures.append(_unfinished(f"{label(calendar.month)}, running", booked, [calendar.month]))
    ahead = [month for month in counted if calendar.state(month) is State.AHEAD]
    if ahead:
        figures.append(_unfinished(f"{range_words(ahead)} {filters.year}, ahead", booked, ahead))
    if compared != counted:
        whole = "The whole year" if len(counted) == 12 else range_words(counted)
        figures.append(_unfinished(f"{whole}, booked so far", booked, counted))
    return tuple(figures)


def _unfinished(name: str, booked: ByMonth, months: Sequence[int]) -> Figure:
    now, before = total(booked, months), total(booked, [add_months(month, -12) for month in months])
    reached = f"{now / before:.0%} of {months[0] // 100 - 1}'s final" if before > 0 else "nothing the year before"
    return Figure(name, now, reached)


def _dollars(booked: ByMonth, months: Sequence[int]) -> tuple[int, ...]:
    return tuple(round(booked.get(month, 0) / 100) for month in months)
