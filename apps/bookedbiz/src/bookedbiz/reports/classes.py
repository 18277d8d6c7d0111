"""Regular business beside what came once and what elections bring, by month and customer. Shaping only. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookedbiz.months import label
from bookedbiz.reports.booked import ByMonth, Customer, together
from bookedbiz.reports.calendar import Calendar, in_year, range_words
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, share, total
from bookedbiz.reports.year import Amounts, Year

CLASSES = ("regular", "irregular", "political")
Booked = Mapping[str, Mapping[Customer, ByMonth]]


@dataclass(frozen=True)
class ClassReport:
    """The page and its exports."""

    months: Table
    classes: Table
    customers: Table
    figures: tuple[Figure, ...]
    compared: str

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.months, self.classes, self.customers


def months_needed(filters: Filters) -> tuple[int, int]:
    """First and last month that this report reads."""
    return (filters.year - 1) * 100 + 1, filters.year * 100 + 12


def class_report(filters: Filters, booked: Booked, calendar: Calendar) -> ClassReport:
    """The report on `booked`, which must reach over the `months_needed`."""
    year = Year(filters, calendar)
    sums = {name: together(booked.get(name, {}).values()) for name in CLASSES}
    whole = together(sums.values())
    return ClassReport(
        months=_by_month(year, sums, whole),
        classes=_by_class(year, sums, whole),
        customers=_by_customer(year, booked),
        figures=_figures(year, sums, whole),
        compared=range_words(year.compared),
    )


def _by_month(year: Year, sums: Mapping[str, ByMonth], whole: ByMonth) -> Table:
    rows = []
    for month in year.counted:
        state = year.calendar.state(month)
        cells = _month_cells(sums, whole, [month])
        fair = year.calendar.is_complete(month)
        rows.append(Row((label(month), state, *cells), state=state, fair=fair))
    fair = year.compared == year.counted
    rows.append(Row(("All months", "", *_month_cells(sums, whole, year.counted)), role=Role.TOTAL, fair=fair))
    columns = (
        Column("Month", Kind.NAME),
        Column("Status", Kind.WORD),
        *(Column(name.capitalize(), Kind.MONEY) for name in CLASSES),
        Column("All", Kind.MONEY),
        Column("Regular share", Kind.SHARE),
        Column("Regular, year before", Kind.MONEY),
        Column("Change", Kind.CHANGE, hint="Of regular business"),
        Column("%", Kind.PERCENT),
    )
    return Table("classes by month", columns, tuple(rows))


def _month_cells(sums: Mapping[str, ByMonth], whole: ByMonth, months: Sequence[int]) -> tuple[Cell, ...]:
    now = [total(sums[name], months) for name in CLASSES]
    every = total(whole, months)
    before = total(sums["regular"], [month - 100 for month in months])
    return (*now, every, share(now[0], every), before, now[0] - before, change_ratio(now[0], before))


def _by_class(year: Year, sums: Mapping[str, ByMonth], whole: ByMonth) -> Table:
    lines = {name: year.amounts(sums[name]) for name in CLASSES}
    every = year.amounts(whole)
    rows = [Row((name.capitalize(), *year.cells(line, every.total))) for name, line in lines.items()]
    rows.append(Row(("All classes", *year.cells(every, every.total)), role=Role.TOTAL))
    return Table("by class", (Column("Class", Kind.NAME), *year.columns()), tuple(rows))


def _by_customer(year: Year, booked: Booked) -> Table:
    lines = [(customer, name, year.amounts(months)) for name in booked for customer, months in booked[name].items()]
    lines = sorted(
        (line for line in lines if line[2].has_money), key=lambda line: (-year.size(line[2]), line[0].name.casefold())
    )
    sums = year.sums([amounts for _, _, amounts in lines])
    rows = [
        Row((customer.name, name, *_year_cells(year, amounts)), opens=_opens(year.filters, customer))
        for customer, name, amounts in lines
    ]
    words = f"{len(lines):,} customer{'' if len(lines) == 1 else 's'}"
    rows.append(Row((words, "", *_year_cells(year, sums)), role=Role.TOTAL))
    short, last = year.filters.year, year.filters.year - 1
    columns = (
        Column("Customer", Kind.NAME, sort="customer", hint="All of WorldLink is one line"),
        Column("Class", Kind.WORD),
        Column(
            str(short),
            Kind.MONEY,
            sort="total",
            hint="All months shown, with what is booked ahead",
            months=tuple(year.counted),
        ),
        *(
            [Column(f"{range_words(year.compared)} {short % 100:02d}", Kind.MONEY, months=tuple(year.compared))]
            if year.both
            else []
        ),
        Column(
            f"{range_words(year.compared or year.counted)} {last % 100:02d}",
            Kind.MONEY,
            sort="last",
            months=tuple(year.before),
        ),
        Column("Change", Kind.CHANGE, sort="drop" if year.filters.sort == "change" else "change"),
        Column("%", Kind.PERCENT),
    )
    return Table("customers and their class", columns, tuple(rows))


def _opens(filters: Filters, customer: Customer) -> Filters:
    if customer.id == 0:
        return filters.having(entity="WorldLink", customer=None, sort="total")
    return filters.having(customer_id=customer.id, customer=None, sort="total")


def _year_cells(year: Year, line: Amounts) -> tuple[Cell, ...]:
    return (
        line.total,
        *([line.now] if year.both else []),
        line.before,
        line.change if year.fair else None,
        change_ratio(line.now, line.before) if year.fair else None,
    )


def _figures(year: Year, sums: Mapping[str, ByMonth], whole: ByMonth) -> tuple[Figure, ...]:
    every = total(whole, year.counted)
    figures = []
    for name in CLASSES:
        cents = total(sums[name], year.counted)
        part = share(cents, every)
        now = total(sums[name], year.compared)
        before = total(sums[name], in_year(year.compared, year.filters.year - 1))
        change = change_ratio(now, before) if year.fair else None
        figures.append(Figure(name.capitalize(), cents, "" if part is None else f"{part:.1%} of all", change))
    return tuple(figures)
