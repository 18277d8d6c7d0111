"""How do months and quarters compare, who paid at what rate, and who is largest? Shaping only. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookedbiz.monthly.amounts import Bought, Bulk, together
from bookedbiz.monthly.asked import BASES, Basis, MonthFilters, counted
from bookedbiz.months import add_months, label, quarter_of
from bookedbiz.pricing.asked import Control
from bookedbiz.reports.booked import ByMonth
from bookedbiz.reports.by_month import Chart, MonthReport
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, share, total

LARGEST = 20


@dataclass(frozen=True)
class MonthSummary:
    """Everything the page and its exports need. `report` compares; the other tables say who, how many, at what rate."""

    report: MonthReport
    rates: Table
    largest: Table
    figures: tuple[Figure, ...]
    controls: tuple[Control, ...]
    has_range: bool
    by_label: bool
    counted_by: str

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.report.table, self.rates, self.largest


def month_summary(
    asked: MonthFilters, report: MonthReport, lines: Sequence[Bought], calendar: Calendar, offered: Sequence[int]
) -> MonthSummary:
    """The summary of `lines`, which must be those of the counted months, beside the report that compares them."""
    whole = together(lines)
    return MonthSummary(
        report=report,
        rates=_rates(asked, lines, calendar, whole),
        largest=_largest(asked, lines, whole),
        figures=(*report.figures, _customers(whole)),
        controls=_controls(asked, offered),
        has_range=asked.has_range,
        by_label=asked.basis is Basis.LABEL,
        counted_by=BASES[asked.basis].lower(),
    )


def range_report(asked: MonthFilters, booked: ByMonth, calendar: Calendar) -> MonthReport:
    """The months from one to another beside the same months a year before; `booked` must hold both."""
    months = counted(asked, calendar)
    rows: list[Row] = []
    for name, quarter in _quarters(months).items():
        rows += [_compared(booked, [month], label(month), calendar) for month in quarter]
        rows.append(_compared(booked, quarter, name, calendar, Role.SUBTOTAL))
    ends = f"{label(months[0])} to {label(months[-1])}" if months else "no month"
    rows.append(_compared(booked, months, ends, calendar, Role.TOTAL))
    here = asked.basis is Basis.LABEL
    columns = (
        Column("Month", Kind.NAME),
        Column("Status", Kind.WORD, hint="closed: frozen by accounting; open: ended, not closed; running; ahead"),
        Column("Booked", Kind.MONEY, back=0 if here else None),
        Column("A year before", Kind.MONEY, back=12 if here else None),
        Column("Change", Kind.CHANGE),
        Column("%", Kind.PERCENT),
    )
    before = [add_months(month, -12) for month in months]
    now, then = total(booked, months), total(booked, before)
    return MonthReport(
        table=Table("by month", columns, tuple(rows)),
        figures=(Figure(ends, now, "against the same months a year before", change_ratio(now, then)),),
        chart=Chart(
            months=tuple(label(month)[:3] for month in months),
            years=("these months", "a year before"),
            dollars=tuple(tuple(round(booked.get(month, 0) / 100) for month in each) for each in (months, before)),
            complete=tuple(calendar.is_complete(month) for month in months),
        ),
        compared=ends if months else "no month",
    )


def _compared(booked: ByMonth, months: Sequence[int], name: str, calendar: Calendar, role: Role = Role.LINE) -> Row:
    now, then = total(booked, months), total(booked, [add_months(month, -12) for month in months])
    fair = all(calendar.is_complete(month) for month in months)
    state = str(calendar.state(months[0])) if role is Role.LINE else _states(months, calendar)
    cells = (name, state, now, then, now - then, change_ratio(now, then))
    return Row(cells, role=role, state=state if role is Role.LINE else "", fair=fair, months=tuple(months))


def _states(months: Sequence[int], calendar: Calendar) -> str:
    found = {str(calendar.state(month)) for month in months}
    return found.pop() if len(found) == 1 else ""


def _quarters(months: Sequence[int]) -> dict[str, list[int]]:
    quarters: dict[str, list[int]] = {}
    for month in months:
        quarters.setdefault(f"Q{quarter_of(month)} {month // 100}", []).append(month)
    return quarters


def _rates(asked: MonthFilters, lines: Sequence[Bought], calendar: Calendar, whole: Bulk) -> Table:
    back = 0 if asked.basis is Basis.LABEL else None
    columns = (
        Column("Month", Kind.NAME),
        Column("Status", Kind.WORD),
        Column("Customers", Kind.COUNT, hint="With money in the month; in sums each counts once"),
        Column("Gross each", Kind.MONEY, hint="Gross by customer"),
        Column("Spots", Kind.COUNT, hint="All airings, unpaid ones too", back=back),
        Column("Paid", Kind.COUNT, hint="Airings with a gross rate above nothing; rates are of these"),
        Column("Average rate", Kind.RATE, hint="Gross of a paid spot"),
        Column("Lowest", Kind.RATE),
        Column("Highest", Kind.RATE),
        Column("Kept", Kind.SHARE, hint="Net as a share of gross"),
        Column("Largest customer", Kind.MONEY, hint="Gross of the customer who brought most"),
    )
    by_month: dict[int, list[Bought]] = {}
    for line in lines:
        by_month.setdefault(line.month, []).append(line)
    months = [month for month in counted(asked, calendar) if month in by_month]
    rows: list[Row] = []
    for name, quarter in _quarters(months).items():
        for month in quarter:
            state = str(calendar.state(month))
            cells = _rate_cells(together(by_month[month]))
            rows.append(Row((label(month), state, *cells), state=state, months=(month,)))
        bulk = together(line for month in quarter for line in by_month[month])
        words = _states(quarter, calendar)
        rows.append(Row((name, words, *_rate_cells(bulk)), role=Role.SUBTOTAL, months=tuple(quarter)))
    cells = _rate_cells(whole)
    rows.append(Row(("All", "", *cells), role=Role.TOTAL, months=tuple(months)))
    return Table("customers, spots and rates", columns, tuple(rows))


def _rate_cells(bulk: Bulk) -> tuple[Cell, ...]:
    each = round(bulk.gross_cents / bulk.customers) if bulk.customers else None
    return (
        bulk.customers, each, bulk.spots, bulk.paid_spots, bulk.average_cents, bulk.least_paid_cents,
        bulk.most_paid_cents, bulk.kept, bulk.largest_cents,
    )  # fmt: skip


def _by_customer(lines: Sequence[Bought]) -> Mapping[tuple[int, str], list[Bought]]:
    found: dict[tuple[int, str], list[Bought]] = {}
    for line in lines:
        found.setdefault((line.customer_id, line.customer), []).append(line)
    return found


def _largest(asked: MonthFilters, lines: Sequence[Bought], whole: Bulk) -> Table:
    columns = (
        Column("Customer", Kind.NAME),
        Column("Gross", Kind.MONEY),
        Column("Share", Kind.SHARE),
        Column("Running share", Kind.SHARE, hint="Of this customer and all above"),
        Column("Spots", Kind.COUNT),
        Column("Paid", Kind.COUNT),
        Column("Average rate", Kind.RATE),
        Column("Lowest", Kind.RATE),
        Column("Highest", Kind.RATE),
    )
    sums = [(who, together(own)) for who, own in _by_customer(lines).items()]
    sums.sort(key=lambda each: (-each[1].gross_cents, each[0][1].casefold()))
    rows: list[Row] = []
    running = 0
    for (customer_id, name), bulk in sums[:LARGEST]:
        running += bulk.gross_cents
        part = share(running, whole.gross_cents)
        opens = asked.having(customer_id=customer_id, customer=None, sort="total")
        rows.append(Row((name, *_buyer_cells(bulk, whole, part)), opens=opens))
    if len(sums) > LARGEST:
        keys = {who for who, _ in sums[LARGEST:]}
        rest = together(line for line in lines if (line.customer_id, line.customer) in keys)
        rows.append(Row((f"{len(keys):,} others", *_buyer_cells(rest, whole, None)), role=Role.SUBTOTAL))
    rows.append(Row((f"{whole.customers:,} customers", *_buyer_cells(whole, whole, None)), role=Role.TOTAL))
    return Table(f"largest {LARGEST} customers", columns, tuple(rows))


def _buyer_cells(bulk: Bulk, whole: Bulk, running: float | None) -> tuple[Cell, ...]:
    return (
        bulk.gross_cents, share(bulk.gross_cents, whole.gross_cents), running, bulk.spots, bulk.paid_spots,
        bulk.average_cents, bulk.least_paid_cents, bulk.most_paid_cents,
    )  # fmt: skip


def _customers(bulk: Bulk) -> Figure:
    each = round(bulk.gross_cents / bulk.customers / 100) if bulk.customers else 0
    note = f"${each:,} gross each; the largest ${round(bulk.largest_cents / 100):,}"
    return Figure("Customers", bulk.customers, note, is_count=True)


def _controls(asked: MonthFilters, offered: Sequence[int]) -> tuple[Control, ...]:
    months = tuple((str(month), label(month)) for month in offered)

    def chosen(month: int | None) -> str:
        return "" if month is None else str(month)

    return (
        Control("From", "first", (("", BLANK_RANGE), *months), chosen(asked.first)),
        Control("To", "last", (("", BLANK_RANGE), *months), chosen(asked.last)),
        Control("Counted by", "basis", tuple((_shown(each), BASES[each]) for each in Basis), _shown(asked.basis)),
    )


def _shown(basis: Basis) -> str:
    """What an address says of it: nothing of the label, which is the default."""
    return "" if basis is Basis.LABEL else basis.value


BLANK_RANGE = "the year"
