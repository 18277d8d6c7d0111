"""Who or what brings how much, by month and by quarter: AEs, sectors, markets, languages. Shaping only. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookedbiz.reports.accounts import AccountsReport
from bookedbiz.reports.booked import ByMonth, Customer, Name, together
from bookedbiz.reports.calendar import Calendar, in_year, quarters_of, range_words
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, has_money, share, total
from bookedbiz.reports.year import Amounts, Year

TOP = 12
WORDS = {
    Name.AE: ("AE", "AEs"),
    Name.ENTITY: ("Entity", "entities"),
    Name.SECTOR: ("Sector", "sectors"),
    Name.MARKET: ("Market", "markets"),
    Name.LANGUAGE: ("Language", "languages"),
}


@dataclass(frozen=True)
class Line:
    """One name's year, and how many customers brought it."""

    name: str
    amounts: Amounts
    booked: ByMonth
    customers: int
    customers_before: int

    @property
    def total(self) -> int:
        return self.amounts.total

    @property
    def now(self) -> int:
        return self.amounts.now

    @property
    def before(self) -> int:
        return self.amounts.before


@dataclass(frozen=True)
class NameReport:
    """Everything the page and its exports need."""

    months: Table
    quarters: Table
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...]
    compared: str
    accounts: AccountsReport | None = None
    more: tuple[Table, ...] = ()
    shares: tuple[tuple[str, int, float | None], ...] = ()  # name, cents, share: bars beside the tables

    @property
    def top(self) -> list[Line]:
        return sorted((each for each in self.lines if each.total > 0), key=lambda each: -each.total)[:TOP]

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.months, self.quarters, *self.more


def months_needed(filters: Filters) -> tuple[int, int]:
    """First and last month that this report reads."""
    return (filters.year - 1) * 100 + 1, filters.year * 100 + 12


def name_report(
    filters: Filters, kind: Name, booked: Mapping[str, Mapping[Customer, ByMonth]], calendar: Calendar
) -> NameReport:
    """The report on `booked`, which must reach over the `months_needed`."""
    year = Year(filters, calendar)
    lines = [_line(year, name, customers) for name, customers in booked.items()]
    lines = sorted(
        (each for each in lines if each.amounts.has_money),
        key=lambda each: (-year.size(each.amounts), each.name.casefold()),
    )
    whole = _line(year, "", all_customers(booked))
    return NameReport(
        months=_by_month(year, kind, lines, whole),
        quarters=_by_quarter(year, kind, lines, whole),
        lines=tuple(lines),
        figures=_figures(year, kind, lines, whole),
        compared=range_words(year.compared),
    )


def all_customers(booked: Mapping[str, Mapping[Customer, ByMonth]]) -> dict[Customer, ByMonth]:
    """A customer of two names is one customer."""
    parts: dict[Customer, list[ByMonth]] = {}
    for customers in booked.values():
        for customer, amounts in customers.items():
            parts.setdefault(customer, []).append(amounts)
    return {customer: amounts[0] if len(amounts) == 1 else together(amounts) for customer, amounts in parts.items()}


def quarter_columns(year: Year) -> tuple[Column, ...]:
    """Each quarter and the year: this one, the last one, the change in percent."""
    this, last = year.filters.year % 100, (year.filters.year - 1) % 100
    columns: list[Column] = []
    for name, months in quarters_counted(year):
        fair = all(year.calendar.is_complete(month) for month in months)
        hint = range_words(months) if fair else f"{range_words(months)}; not over, against a whole one"
        columns += [
            Column(f"{name} {this:02d}", Kind.MONEY, hint=hint, months=tuple(months)),
            Column(
                f"{last:02d}",
                Kind.MONEY,
                hint=f"{range_words(months)} of the year before",
                months=tuple(in_year(months, year.filters.year - 1)),
            ),
            Column("%", Kind.PERCENT, fair=fair),
        ]
    return tuple(columns)


def quarter_cells(year: Year, booked: ByMonth) -> tuple[Cell, ...]:
    """The cells of `quarter_columns`."""
    cells: list[Cell] = []
    for _, months in quarters_counted(year):
        now, before = total(booked, months), total(booked, in_year(months, year.filters.year - 1))
        cells += [now, before, change_ratio(now, before)]
    return tuple(cells)


def quarters_counted(year: Year) -> list[tuple[str, list[int]]]:
    """The quarters that have a counted month, and the year: name and months."""
    counted = set(year.counted)
    found = []
    for number, quarter in enumerate(quarters_of(year.filters.year), start=1):
        months = [month for month in quarter if month in counted]
        if months:
            found.append((f"Q{number}", months))
    return [*found, ("Year", list(year.counted))] if found else []


def _line(year: Year, name: str, customers: Mapping[Customer, ByMonth]) -> Line:
    booked = together(customers.values())
    return Line(
        name=name,
        amounts=year.amounts(booked),
        booked=booked,
        customers=_with_money(customers, year.counted),
        customers_before=_with_money(customers, in_year(year.counted, year.filters.year - 1)),
    )


def _with_money(customers: Mapping[Customer, ByMonth], months: Sequence[int]) -> int:
    return sum([has_money(amounts, months) for amounts in customers.values()])


def _by_month(year: Year, kind: Name, lines: Sequence[Line], whole: Line) -> Table:
    rows = [
        Row((each.name, *year.cells(each.amounts, whole.amounts.total)), opens=_opens(year.filters, kind, each.name))
        for each in lines
    ]
    rows.append(Row((_count(kind, lines), *year.cells(whole.amounts, whole.amounts.total)), role=Role.TOTAL))
    columns = (Column(WORDS[kind][0], Kind.NAME, sort="customer"), *year.columns())
    return Table(f"by {_word(kind)} and month", columns, tuple(rows))


def _by_quarter(year: Year, kind: Name, lines: Sequence[Line], whole: Line) -> Table:
    rows = [_quarter_row(year, each, each.name, Role.LINE, _opens(year.filters, kind, each.name)) for each in lines]
    rows.append(_quarter_row(year, whole, _count(kind, lines), Role.TOTAL, None))
    columns = (
        Column(WORDS[kind][0], Kind.NAME),
        *quarter_columns(year),
        Column("Customers", Kind.COUNT, hint="With money in the months shown; each counts once in the sum"),
        Column(f"in {year.filters.year - 1}", Kind.COUNT, hint="In the same months, final"),
    )
    return Table(f"by {_word(kind)} and quarter", columns, tuple(rows))


def _word(kind: Name) -> str:
    one = WORDS[kind][0]
    return one if one.isupper() else one.lower()


def _quarter_row(year: Year, line: Line, name: str, role: Role, opens: Filters | None) -> Row:
    cells = (name, *quarter_cells(year, line.booked), line.customers, line.customers_before)
    return Row(cells, role=role, opens=opens)


def _opens(filters: Filters, kind: Name, name: str) -> Filters:
    return filters.having(**{str(kind): name, "sort": "total"})


def _count(kind: Name, lines: Sequence[Line]) -> str:
    one, many = WORDS[kind]
    return f"{len(lines)} {one if len(lines) == 1 else many}"


def _figures(year: Year, kind: Name, lines: Sequence[Line], whole: Line) -> tuple[Figure, ...]:
    amounts = whole.amounts
    last = year.filters.year - 1
    figures = [Figure("Booked", amounts.total, "all months shown, with what is booked ahead")]
    if year.fair:
        name = f"{range_words(year.compared)} {year.filters.year}"
        ratio = change_ratio(amounts.now, amounts.before)
        figures.append(Figure(name, amounts.now, f"against the same months of {last}", ratio))
    figures.append(Figure("Customers", whole.customers, f"{whole.customers_before:,} in {last}", is_count=True))
    if lines:
        largest = max(lines, key=lambda each: each.amounts.total)
        part = share(largest.amounts.total, amounts.total)
        note = f"{part:.0%} of all" if part is not None else ""
        figures.append(Figure(f"Largest: {largest.name}", largest.amounts.total, note))
    return tuple(figures)
