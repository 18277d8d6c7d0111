"""Who brings how much in which month, who is new and who fell away? Shaping only. Pure."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from bookedbiz.months import label
from bookedbiz.reports.booked import ByMonth, Customer
from bookedbiz.reports.calendar import Calendar, in_year, months_of, range_words, short
from bookedbiz.reports.filters import Filters, exactly
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, share, total

TOP = 10
MOVERS = 5


class Mark(StrEnum):
    """What is remarkable about a customer."""

    NEW = "new"  # no revenue row in any earlier year
    LOST = "lost"  # business in the same months of last year, and nothing booked for any month of this one
    BACK = "back"  # business before, none at all last year
    NONE = ""


@dataclass(frozen=True)
class Account:
    """One customer's year. `now` and `before` are of the months that can be compared; where none can, `now` is 0 and
    `before` of all that are counted."""

    customer: Customer
    months: tuple[int, ...]
    total: int
    now: int
    before: int
    mark: Mark

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True)
class CustomerReport:
    """Everything the page, the CSV and the workbook need."""

    table: Table
    figures: tuple[Figure, ...]
    top: tuple[Account, ...]
    gains: tuple[Account, ...]
    drops: tuple[Account, ...]
    compared: str


def months_needed(filters: Filters) -> tuple[int, int]:
    """First and last month that this report reads."""
    return (filters.year - 1) * 100 + 1, filters.year * 100 + 12


def customer_report(
    filters: Filters, booked: dict[Customer, ByMonth], earlier: Set[int], calendar: Calendar
) -> CustomerReport:
    """The report on `booked`; `earlier` are the customers with revenue in any earlier year."""
    counted = calendar.counted(filters.year, filters.span)
    compared = calendar.compared(filters.year, filters.span)
    accounts = [
        _account(filters, customer, amounts, counted, compared, is_known=customer.id in earlier)
        for customer, amounts in booked.items()
    ]
    accounts = sorted((each for each in accounts if _has_money(each)), key=_order(filters, counted))
    by_change = sorted((each for each in accounts if compared and each.change), key=lambda each: each.change)
    return CustomerReport(
        table=_table(filters, accounts, counted, compared, calendar),
        figures=_figures(accounts, compared, filters),
        top=tuple(sorted((each for each in accounts if each.total > 0), key=lambda each: -each.total)[:TOP]),
        gains=tuple(each for each in reversed(by_change[-MOVERS:]) if each.change > 0),
        drops=tuple(each for each in by_change[:MOVERS] if each.change < 0),
        compared=range_words(compared),
    )


def _account(
    filters: Filters,
    customer: Customer,
    amounts: ByMonth,
    counted: Sequence[int],
    compared: Sequence[int],
    *,
    is_known: bool,
) -> Account:
    whole = [amounts.get(month, 0) for month in months_of(filters.year)]
    before = total(amounts, in_year(compared or counted, filters.year - 1))
    last_year = [amounts.get(month, 0) for month in months_of(filters.year - 1)]
    mark = Mark.NONE
    if not any(whole):
        mark = Mark.LOST if before and compared else Mark.NONE
    elif not is_known:
        mark = Mark.NEW
    elif not any(last_year):
        mark = Mark.BACK
    return Account(
        customer=customer,
        months=tuple(amounts.get(month, 0) for month in counted),
        total=total(amounts, counted),
        now=total(amounts, compared),
        before=before,
        mark=mark,
    )


def _has_money(account: Account) -> bool:
    return any(account.months) or account.before != 0


def _order(filters: Filters, counted: Sequence[int]) -> Callable[[Account], tuple[int, str]]:
    """Largest first by what is asked for, then by name."""
    asked = filters.sort
    positions = {f"m{month % 100:02d}": position for position, month in enumerate(counted)}
    sizes: dict[str, Callable[[Account], int]] = {
        "total": lambda each: each.total,
        "last": lambda each: each.before,
        "change": lambda each: each.change,
        "drop": lambda each: -each.change,
        "customer": lambda each: 0,
    }
    if asked in positions:
        size: Callable[[Account], int] = lambda each: each.months[positions[asked]]  # noqa: E731
    else:
        size = sizes.get(asked, sizes["total"])
    return lambda each: (-size(each), each.customer.name.casefold())


def _table(
    filters: Filters,
    accounts: Sequence[Account],
    counted: Sequence[int],
    compared: Sequence[int],
    calendar: Calendar,
) -> Table:
    whole = sum(each.total for each in accounts)
    both = bool(compared) and list(compared) != list(counted)
    rows = [
        Row(
            (each.customer.name, each.mark, *_cells(each, whole, both=both, fair=bool(compared))),
            state=each.mark,
            opens=filters.having(customer=exactly(each.customer.name), sort="total"),
        )
        for each in accounts
    ]
    rows.append(_sums(accounts, counted, whole, both=both, fair=bool(compared)))
    return Table("by customer", _columns(filters, counted, compared, calendar), tuple(rows))


def _columns(
    filters: Filters, counted: Sequence[int], compared: Sequence[int], calendar: Calendar
) -> tuple[Column, ...]:
    year = filters.year % 100
    span = range_words(compared or counted)
    both = bool(compared) and list(compared) != list(counted)
    flipped = "drop" if filters.sort == "change" else "change"
    return (
        Column("Customer", Kind.NAME, sort="customer"),
        Column("", Kind.WORD, hint="new: no revenue in any earlier year; back: none last year; lost: none this year"),
        *(
            Column(short(month), Kind.MONEY, f"m{month % 100:02d}", calendar.state(month), f"{label(month)}")
            for month in counted
        ),
        Column("Total", Kind.MONEY, sort="total", hint="All months shown, with what is booked ahead"),
        *([Column(f"{span} {year:02d}", Kind.MONEY, hint="The months that are complete")] if both else []),
        Column(f"{span} {year - 1:02d}", Kind.MONEY, sort="last", hint="The same months of the year before"),
        Column("Change", Kind.CHANGE, sort=flipped, hint="Of the complete months against the same of last year"),
        Column("%", Kind.PERCENT),
        Column("Share", Kind.SHARE, hint="Of the total of all customers shown"),
    )


def _cells(account: Account, whole: int, *, both: bool, fair: bool) -> tuple[Cell, ...]:
    return (
        *account.months,
        account.total,
        *([account.now] if both else []),
        account.before,
        account.change if fair else None,
        change_ratio(account.now, account.before) if fair else None,
        share(account.total, whole),
    )


def _sums(accounts: Sequence[Account], counted: Sequence[int], whole: int, *, both: bool, fair: bool) -> Row:
    sums = Account(
        customer=Customer(0, ""),
        months=tuple(sum(each.months[position] for each in accounts) for position in range(len(counted))),
        total=whole,
        now=sum(each.now for each in accounts),
        before=sum(each.before for each in accounts),
        mark=Mark.NONE,
    )
    name = f"{len(accounts):,} customer{'' if len(accounts) == 1 else 's'}"
    return Row((name, "", *_cells(sums, whole, both=both, fair=fair)), role=Role.TOTAL)


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
