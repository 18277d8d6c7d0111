"""What was given for something other than money, by customer and month: accounted for, and no revenue. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bookedbiz.reports.booked import ByMonth, Customer
from bookedbiz.reports.calendar import Calendar, range_words
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Column, Figure, Kind, Role, Row, Table
from bookedbiz.reports.year import Year


@dataclass(frozen=True)
class TradeReport:
    """The page and its exports."""

    table: Table
    figures: tuple[Figure, ...]
    compared: str

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.table,)


def months_needed(filters: Filters) -> tuple[int, int]:
    """First and last month that this report reads."""
    return (filters.year - 1) * 100 + 1, filters.year * 100 + 12


def trade_report(filters: Filters, barter: Mapping[Customer, ByMonth], calendar: Calendar) -> TradeReport:
    """The report on `barter`, which must reach over the `months_needed`."""
    year = Year(filters, calendar)
    lines = [(customer, year.amounts(months)) for customer, months in barter.items()]
    lines = sorted(
        ((customer, line) for customer, line in lines if line.has_money),
        key=lambda pair: (-year.size(pair[1]), pair[0].name.casefold()),
    )
    sums = year.sums([line for _, line in lines])
    rows = [Row((customer.name, *year.cells(line, sums.total))) for customer, line in lines]
    words = f"{len(lines):,} customer{'' if len(lines) == 1 else 's'}"
    rows.append(Row((words, *year.cells(sums, sums.total)), role=Role.TOTAL))
    months = (replace(column, months=()) for column in year.columns())  # the page of airings shows revenue alone
    columns = (Column("Customer", Kind.NAME, sort="customer"), *months)
    active = sum(any(line.months) for _, line in lines)
    return TradeReport(
        table=Table("barter by customer", columns, tuple(rows)),
        figures=(
            Figure("Barter", sums.total, "at gross rates, all months shown"),
            Figure("Customers", active, "with barter in the months shown", is_count=True),
            Figure(f"{filters.year - 1}", sums.before, f"{range_words(year.compared or year.counted)}"),
        ),
        compared=range_words(year.compared),
    )
