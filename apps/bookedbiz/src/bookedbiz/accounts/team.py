"""The manager's page: what each AE's book holds, how it is looked after, and what wants attention by dollars."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookedbiz.accounts.health import Colour, Tier, compliance
from bookedbiz.accounts.queue import Item
from bookedbiz.accounts.signals import GOOD, Kind
from bookedbiz.accounts.standing import Account, accounts, activities_by_ae, at_risk_cents, has, in_books, money_of
from bookedbiz.accounts.thresholds import Thresholds, load_thresholds
from bookedbiz.reports.table import Column, Figure, Row, Table
from bookedbiz.reports.table import Kind as Holds

MOST = 12  # of each list of attention
WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One AE's book, or all of them together."""

    ae: str
    accounts: int
    year_cents: int
    at_risk_cents: int
    unworked: int
    open_follow_ups: int
    overdue_follow_ups: int
    health: int | None
    compliance: float | None
    activities: Mapping[str, int]

    @property
    def activity_count(self) -> int:
        return sum(self.activities.values())


@dataclass(frozen=True)
class Attention:
    """One account that wants it, and why."""

    account: Account
    why: str


@dataclass(frozen=True)
class Team:
    """Everything the page and its exports need. `nobodys` are accounts with money that nobody looks after."""

    lines: tuple[Line, ...]
    whole: Line
    unworked: tuple[Attention, ...]
    untouched_gaps: tuple[Attention, ...]
    overdue_a: tuple[Attention, ...]
    nobodys: tuple[Account, ...]
    nobodys_cents: int

    @property
    def figures(self) -> tuple[Figure, ...]:
        whole = self.whole
        return (
            Figure("12-month revenue in books", whole.year_cents, f"{whole.accounts:,} accounts"),
            Figure("Revenue at risk", whole.at_risk_cents, "12-month revenue of renewal gaps"),
            Figure("Unworked signals", whole.unworked, "new for longer than they should be", is_count=True),
            Figure(
                "Touch compliance", round((whole.compliance or 0) * 1000), "accounts that are not red", is_share=True
            ),
            Figure("Nobody looks after", len(self.nobodys), f"${self.nobodys_cents / 100:,.0f}", is_count=True),
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        columns = (
            Column("AE", Holds.NAME),
            Column("Accounts", Holds.COUNT),
            Column("12 months", Holds.MONEY),
            Column("At risk", Holds.MONEY),
            Column("Unworked signals", Holds.COUNT),
            Column("Open follow-ups", Holds.COUNT),
            Column("Overdue", Holds.COUNT),
            Column("Average health", Holds.COUNT),
            Column("Touch compliance", Holds.SHARE),
            Column("Activities in 7 days", Holds.COUNT),
        )
        return (Table("team", columns, tuple(Row(_cells(line)) for line in (*self.lines, self.whole))),)


def team(db: sqlite3.Connection, now: datetime, today: date) -> Team:
    """All books, the one with the most revenue first."""
    every = accounts(db, today)
    books = in_books(every)
    limits = load_thresholds(db)
    activities = activities_by_ae(db, now - WITHIN)
    names = {account.ae_id: account.ae for account in books}
    lines = [
        _line(name, [each for each in books if each.ae_id == ae_id], every, (today, limits, activities.get(ae_id, {})))
        for ae_id, name in names.items()
    ]
    all_activities: dict[str, int] = {}
    for ae_id in names:
        for kind, count in activities.get(ae_id, {}).items():
            all_activities[kind] = all_activities.get(kind, 0) + count
    nobodys = [each for each in every if each.active and each.ae_id is None and (each.year_cents or each.ahead_cents)]
    covered = {each.id for each in books if each.kind == "agency"}
    alone = [each for each in nobodys if each.kind == "customer" and each.parent_id not in covered]
    return Team(
        lines=tuple(sorted(lines, key=lambda line: (-line.year_cents, line.ae))),
        whole=_line("All books", books, every, (today, limits, all_activities)),
        unworked=_unworked(books, today, limits),
        untouched_gaps=_untouched(books, limits),
        overdue_a=tuple(
            Attention(
                each, "never touched" if each.touched_days is None else f"last touch {each.touched_days} days ago"
            )
            for each in books
            if each.tier is Tier.A and each.touch is Colour.RED
        )[:MOST],
        nobodys=tuple(nobodys),
        nobodys_cents=money_of(alone, every),
    )


def _line(
    name: str, book: Sequence[Account], every: Sequence[Account], around: tuple[date, Thresholds, Mapping[str, int]]
) -> Line:
    today, limits, activities = around
    return Line(
        ae=name,
        accounts=len(book),
        year_cents=money_of(book, every),
        at_risk_cents=at_risk_cents(book, every),
        unworked=sum(len(_waiting(each, today, limits)) for each in book),
        open_follow_ups=sum(each.open_follow_ups for each in book),
        overdue_follow_ups=sum(each.overdue_follow_ups for each in book),
        health=round(sum(each.score for each in book) / len(book)) if book else None,
        compliance=compliance([each.touch for each in book if each.touch is not None]),
        activities=activities,
    )


def _waiting(account: Account, today: date, limits: Thresholds) -> list[Item]:
    return [item for item in account.signals if item.is_unworked(today, limits.unworked_days)]


def _unworked(books: Sequence[Account], today: date, limits: Thresholds) -> tuple[Attention, ...]:
    """Bad news that nobody has looked at, by the dollars of the last two years."""
    found = [
        (max(each.year_cents, each.before_cents), Attention(each, f"{item.kind}: {item.label}"))
        for each in books
        for item in _waiting(each, today, limits)
        if item.kind not in GOOD
    ]
    return tuple(one for _, one in sorted(found, key=lambda pair: -pair[0])[:MOST])


def _untouched(books: Sequence[Account], limits: Thresholds) -> tuple[Attention, ...]:
    found = [
        Attention(each, next(item.label for item in each.signals if item.kind is Kind.RENEWAL_GAP))
        for each in books
        if has(each, Kind.RENEWAL_GAP) and (each.touched_days is None or each.touched_days >= limits.untouched_days)
    ]
    return tuple(sorted(found, key=lambda one: -one.account.year_cents)[:MOST])


def _cells(line: Line) -> tuple[str | int | float | None, ...]:
    return (
        line.ae,
        line.accounts,
        line.year_cents,
        line.at_risk_cents,
        line.unworked,
        line.open_follow_ups,
        line.overdue_follow_ups,
        line.health,
        line.compliance,
        line.activity_count,
    )
