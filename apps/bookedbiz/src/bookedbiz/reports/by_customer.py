"""Who brings how much in which month, who is new and who fell away? Shaping only. Pure."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from bookedbiz.reports.booked import ByMonth, Customer
from bookedbiz.reports.calendar import Calendar, range_words
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Column, Figure, Kind, Role, Row, Table, change_ratio, has_money, share
from bookedbiz.reports.year import Amounts, Year

TOP = 10
MOVERS = 5


class Mark(StrEnum):
    """What is remarkable about a customer."""

    NEW = "new"  # no revenue row in any earlier year
    LOST = "lost"  # business in the same months of last year, and nothing booked for any month of this one
    BACK = "back"  # business before, none at all last year
    NONE = ""


@dataclass(frozen=True)
class Account(Amounts):
    """One customer's year."""

    customer: Customer
    mark: Mark

    @property
    def name(self) -> str:
        return self.customer.name


@dataclass(frozen=True)
class CustomerReport:
    """Everything the page, the CSV and the workbook need."""

    table: Table
    figures: tuple[Figure, ...]
    top: tuple[Account, ...]
    gains: tuple[Account, ...]
    drops: tuple[Account, ...]
    compared: str

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.table,)


def months_needed(filters: Filters) -> tuple[int, int]:
    """First and last month that this report reads."""
    return (filters.year - 1) * 100 + 1, filters.year * 100 + 12


def customer_report(
    filters: Filters, booked: dict[Customer, ByMonth], earlier: Set[int], calendar: Calendar
) -> CustomerReport:
    """The report on `booked`; `earlier` are the customers with revenue in any earlier year."""
    year = Year(filters, calendar)
    accounts = [
        account(year, customer, amounts, is_known=customer.id in earlier) for customer, amounts in booked.items()
    ]
    accounts = sorted(
        (each for each in accounts if each.has_money),
        key=lambda each: (-year.size(each), each.customer.name.casefold()),
    )
    by_change = sorted((each for each in accounts if year.fair and each.change), key=lambda each: each.change)
    return CustomerReport(
        table=_table(year, accounts),
        figures=_figures(accounts, year.compared, filters),
        top=tuple(sorted((each for each in accounts if each.total > 0), key=lambda each: -each.total)[:TOP]),
        gains=tuple(each for each in reversed(by_change[-MOVERS:]) if each.change > 0),
        drops=tuple(each for each in by_change[:MOVERS] if each.change < 0),
        compared=range_words(year.compared),
    )


def account(year: Year, customer: Customer, booked: ByMonth, *, is_known: bool) -> Account:
    """One customer's year and what is remarkable about it; `is_known`: with revenue in any earlier year."""
    line = year.amounts(booked)
    mark = Mark.NONE
    if not has_money(booked, year.whole):
        mark = Mark.LOST if line.before > 0 and year.fair else Mark.NONE  # a credit alone was no business
    elif not is_known:
        mark = Mark.NEW
    elif not has_money(booked, year.whole_before):
        mark = Mark.BACK
    return Account(line.months, line.total, line.now, line.before, customer, mark)


def _table(year: Year, accounts: Sequence[Account]) -> Table:
    sums = year.sums(accounts)
    rows = [
        Row(
            (each.customer.name, each.mark, *year.cells(each, sums.total)),
            state=each.mark,
            opens=year.filters.having(customer_id=each.customer.id, customer=None, sort="total"),
        )
        for each in accounts
    ]
    name = f"{len(accounts):,} customer{'' if len(accounts) == 1 else 's'}"
    rows.append(Row((name, "", *year.cells(sums, sums.total)), role=Role.TOTAL))
    columns = (
        Column("Customer", Kind.NAME, sort="customer"),
        Column("", Kind.WORD, hint="new: no revenue in any earlier year; back: none last year; lost: none this year"),
        *year.columns(),
    )
    return Table("by customer", columns, tuple(rows))


def _figures(accounts: Sequence[Account], compared: Sequence[int], filters: Filters) -> tuple[Figure, ...]:
    active = [each for each in accounts if any(each.months)]
    whole = sum(each.total for each in accounts)
    now, before = sum(each.now for each in accounts), sum(each.before for each in accounts)
    new = [each for each in active if each.mark is Mark.NEW]
    lost = [each for each in accounts if each.mark is Mark.LOST]
    largest = sum(sorted((each.total for each in accounts), reverse=True)[:5])
    of_whole = share(largest, whole)
    against = f"{range_words(compared)} against {filters.year - 1}'s"
    return (
        Figure(
            "Booked",
            whole,
            against if compared else "no month of it is over",
            change_ratio(now, before) if compared else None,
        ),
        Figure("Customers with money", len(active), f"{_dollars(whole, len(active))} each", is_count=True),
        Figure("New", len(new), f"{_dollars(sum(each.total for each in new))} booked", is_count=True),
        Figure("Lost", len(lost), f"{_dollars(sum(each.before for each in lost))} last year", is_count=True),
        Figure("Largest five", largest, f"{of_whole:.0%} of all" if of_whole is not None else ""),
    )


def _dollars(cents: int, parts: int = 1) -> str:
    return f"${round(cents / 100 / max(parts, 1)):,}"
