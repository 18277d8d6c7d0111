"""Which accounts grow, shrink, are new, or are lost? One line for each customer and AE. Shaping only. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from bookedbiz.reports.booked import ByMonth, Customer
from bookedbiz.reports.by_customer import Account, Mark, account
from bookedbiz.reports.calendar import Calendar, range_words
from bookedbiz.reports.filters import Filters, Status
from bookedbiz.reports.table import Column, Figure, Kind, Role, Row, Table, change_ratio, share, total
from bookedbiz.reports.year import Year

BEYOND = 0.20  # a change beyond it is risk or growth
SEASONAL_BEYOND = 0.30
Q4_HEAVY_FROM = 0.40  # of last year's business
Q4_BEHIND_BELOW = 0.70  # of last year's fourth quarter
FALLING = 10
WATCHED = (Status.LOST, Status.RISK)


@dataclass(frozen=True)
class Standing:
    """How one customer does with one AE."""

    account: Account
    ae: str
    status: Status
    pattern: str
    q4: int
    q4_before: int


@dataclass(frozen=True)
class AccountsReport:
    """Everything the page and its exports need. `falling` are the largest losses, whatever status is asked for."""

    table: Table
    figures: tuple[Figure, ...]
    falling: tuple[Standing, ...]
    counts: Mapping[Status, int]
    compared: str

    @property
    def falling_accounts(self) -> list[Account]:
        return [each.account for each in self.falling]

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.table,)


def accounts_report(
    filters: Filters, booked: Mapping[str, Mapping[Customer, ByMonth]], earlier: Set[int], calendar: Calendar
) -> AccountsReport:
    """The report on what each AE's customers booked; `earlier` are the customers with revenue in any earlier year."""
    year = Year(filters, calendar)
    standings = [
        _standing(year, ae, customer, amounts, booked, is_known=customer.id in earlier)
        for ae, customers in booked.items()
        for customer, amounts in customers.items()
    ]
    standings = [each for each in standings if each.account.has_money]
    shown = [each for each in standings if filters.status in (None, each.status)]
    shown.sort(key=lambda each: (-_size(year, each), each.account.customer.name.casefold(), each.ae))
    falling = [each for each in standings if each.status in WATCHED and each.account.change < 0]
    return AccountsReport(
        table=_table(year, shown),
        figures=_figures(year, standings),
        falling=tuple(sorted(falling, key=lambda each: each.account.change)[:FALLING]),
        counts={status: sum(each.status is status for each in standings) for status in Status},
        compared=range_words(year.compared),
    )


def _size(year: Year, each: Standing) -> int:
    """By what is asked for; without a question, the largest loss first."""
    return -each.account.change if year.filters.sort == "total" else year.size(each.account)


def _standing(
    year: Year,
    ae: str,
    customer: Customer,
    amounts: ByMonth,
    booked: Mapping[str, Mapping[Customer, ByMonth]],
    *,
    is_known: bool,
) -> Standing:
    found = account(year, customer, amounts, is_known=is_known)
    q4, q4_before = total(amounts, year.whole[9:]), total(amounts, year.whole_before[9:])
    whole_before = total(amounts, year.whole_before)
    status = _status(found, year)
    if status is Status.LOST and any(
        other != ae and total(customers.get(customer, {}), year.whole) for other, customers in booked.items()
    ):
        status = Status.MOVED
    return Standing(found, ae, status, _pattern(found, status, q4, q4_before, whole_before), q4, q4_before)


def _status(found: Account, year: Year) -> Status:
    if found.mark in (Mark.LOST, Mark.NEW, Mark.BACK):
        return Status(str(found.mark))
    ratio = change_ratio(found.now, found.before) if year.fair else None
    if ratio is None:
        return Status.GROWTH if year.fair and found.now > max(found.before, 0) else Status.STABLE
    return Status.RISK if ratio < -BEYOND else Status.GROWTH if ratio > BEYOND else Status.STABLE


def _pattern(found: Account, status: Status, q4: int, q4_before: int, whole_before: int) -> str:
    words = []
    if status is Status.RISK:
        if whole_before > 0 and q4_before > Q4_HEAVY_FROM * whole_before:
            words.append("Q4 heavy")
        elif found.before > 0 and abs(found.change) > SEASONAL_BEYOND * found.before:
            words.append("seasonal")
    if q4_before > 0 and q4 < Q4_BEHIND_BELOW * q4_before:
        words.append("Q4 behind")
    return ", ".join(words)


def _table(year: Year, shown: Sequence[Standing]) -> Table:
    this, last = year.filters.year % 100, (year.filters.year - 1) % 100
    span = range_words(year.compared or year.counted)
    flipped = "change" if year.filters.sort in ("drop", "total") else "drop"
    columns = (
        Column("Customer", Kind.NAME, sort="customer"),
        Column("AE", Kind.WORD),
        Column("Status", Kind.WORD, hint="risk: over 20 % below; growth: over 20 % above; moved: now with another AE"),
        Column("Pattern", Kind.WORD, hint="Q4 heavy: over 40 % of last year in Q4; Q4 behind: under 70 % of last Q4"),
        Column(f"{span} {this:02d}", Kind.MONEY),
        Column(f"{span} {last:02d}", Kind.MONEY, sort="last"),
        Column("Change", Kind.CHANGE, sort=flipped),
        Column("%", Kind.PERCENT),
        Column(f"Q4 {this:02d}", Kind.MONEY, hint="Booked so far"),
        Column(f"Q4 {last:02d}", Kind.MONEY),
        Column(f"Year {this:02d}", Kind.MONEY, hint="All months shown, with what is booked ahead"),
    )
    rows = [
        Row(
            (each.account.customer.name, each.ae, each.status, each.pattern, *_money(each)),
            state=each.status,
            opens=year.filters.having(customer_id=each.account.customer.id, customer=None, status=None, sort="total"),
        )
        for each in shown
    ]
    sums = [sum(column) for column in zip(*(_plain(each) for each in shown), strict=True)] or [0] * 5
    now, before, q4, q4_before, whole = sums
    name = f"{len(shown):,} account{'' if len(shown) == 1 else 's'}"
    cells = (name, "", "", "", now, before, now - before, change_ratio(now, before), q4, q4_before, whole)
    return Table("accounts", columns, (*rows, Row(cells, role=Role.TOTAL)))


def _money(each: Standing) -> tuple[int | float | None, ...]:
    now, before, q4, q4_before, whole = _plain(each)
    return now, before, now - before, change_ratio(now, before), q4, q4_before, whole


def _plain(each: Standing) -> tuple[int, int, int, int, int]:
    return each.account.now, each.account.before, each.q4, each.q4_before, each.account.total


def _figures(year: Year, standings: Sequence[Standing]) -> tuple[Figure, ...]:
    now = sum(each.account.now for each in standings)
    before = sum(each.account.before for each in standings)
    last_year = year.filters.year - 1
    lost = [each for each in standings if each.status is Status.LOST]
    new = [each for each in standings if each.status is Status.NEW]
    risk = [each for each in standings if each.status is Status.RISK]
    of_then = [each for each in standings if each.account.before > 0]
    new_dollars, whole = (sum(each.account.total for each in some) for some in (new, standings))
    kept = share(len(of_then) - len(lost), len(of_then)) if year.fair else None
    against = f"against the same months of {last_year}"
    name = f"{range_words(year.compared)} {year.filters.year}"
    new_part = share(new_dollars, whole)
    return (
        Figure(name, now, against, change_ratio(now, before)) if year.fair else Figure("Booked", whole),
        Figure("Kept", round(1000 * kept), f"{len(of_then):,} accounts then, {len(lost):,} lost", is_share=True)
        if kept is not None
        else Figure("Accounts", len(standings), is_count=True),
        Figure("Lost", sum(each.account.before for each in lost), f"what they brought in {last_year}'s months"),
        Figure("At risk", sum(each.account.change for each in risk), f"{len(risk):,} accounts over 20 % below"),
        Figure("New", new_dollars, f"{len(new):,} accounts, {new_part or 0:.0%} of all booked"),
    )
