"""How every account stands: figures, signals, health, tier and touch together, as all account pages read them."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookedbiz.accounts.facts import EPOCH
from bookedbiz.accounts.health import Colour, Tier, colour_of, health, tiers, touch_colour
from bookedbiz.accounts.queue import Item, open_items
from bookedbiz.accounts.signals import Kind, most_urgent
from bookedbiz.months import station_day
from station_kit.statements import load

_SQL = load("bookedbiz.accounts")


@dataclass(frozen=True)
class Account:
    """One account as it stands today. Tier and touch are of the book it is in: None while it is in none."""

    id: int
    kind: str
    name: str
    customer_id: int | None
    parent_id: int | None
    agency: str
    sector: str
    active: bool
    ae_id: int | None
    ae: str
    commission_bp: int | None
    is_inherited: bool
    po_number: str
    year_cents: int
    before_cents: int
    ahead_cents: int
    recent_cents: int
    earlier_cents: int
    last_air_day: int | None
    ahead_spots: int
    markets: str
    touched_on: date | None
    next_due: str | None
    open_follow_ups: int
    overdue_follow_ups: int
    contact: str
    signals: tuple[Item, ...]
    score: int
    tier: Tier | None
    touched_days: int | None

    @property
    def signal(self) -> Kind | None:
        """The most urgent of those that nobody has dismissed."""
        return most_urgent([item.kind for item in self.signals if item.state != "dismissed"])

    @property
    def colour(self) -> Colour:
        return colour_of(self.score)

    @property
    def touch(self) -> Colour | None:
        return None if self.tier is None else touch_colour(self.tier, self.touched_days)

    @property
    def last_aired(self) -> str:
        return "" if self.last_air_day is None else (EPOCH + timedelta(days=self.last_air_day)).isoformat()


def accounts(db: sqlite3.Connection, today: date, *, ae_id: int | None = None) -> list[Account]:
    """All accounts, or those of one AE's book; the most 12-month revenue first."""
    rows = db.execute(_SQL["accounts_with_figures"], {"today": today.isoformat(), "ae_id": ae_id}).fetchall()
    signals: defaultdict[int, list[Item]] = defaultdict(list)
    for item in open_items(db, today, ae_id=ae_id):
        signals[item.account_id].append(item)
    tier_of = _tiers(rows)
    return [_account(row, tuple(signals.get(row["id"], ())), tier_of.get(row["id"]), today) for row in rows]


def in_books(found: Iterable[Account]) -> list[Account]:
    """Those that somebody looks after and that are active: what books are made of."""
    return [account for account in found if account.active and account.ae_id is not None]


def money_of(part: Sequence[Account], every: Sequence[Account]) -> int:
    """12-month revenue of these accounts, each customer's once.

    An agency brings that of its customers whom nobody looks after, so that books add up to the whole.
    """
    wanted = {account.id for account in part}
    agencies = {account.id for account in part if account.kind == "agency"}
    return sum(
        account.year_cents
        for account in every
        if account.kind == "customer"
        and (account.id in wanted or (account.parent_id in agencies and account.ae_id is None))
    )


def at_risk_cents(book: Sequence[Account], every: Sequence[Account]) -> int:
    """12-month revenue of renewal gaps."""
    return money_of([account for account in book if has(account, Kind.RENEWAL_GAP)], every)


def has(account: Account, kind: Kind) -> bool:
    """Whether that signal shows, and nobody has dismissed it."""
    return any(item.kind is kind and item.state != "dismissed" for item in account.signals)


def activities_by_ae(db: sqlite3.Connection, since: datetime) -> Mapping[int | None, dict[str, int]]:
    """How many activities of each type, by who looks after the account."""
    found: defaultdict[int | None, dict[str, int]] = defaultdict(dict)
    for row in db.execute(_SQL["activities_by_ae"], {"since": since.isoformat()[:19]}):
        found[row["ae_id"]][row["kind"]] = row["activities"]
    return found


def _tiers(rows: Sequence[sqlite3.Row]) -> dict[int, Tier]:
    """By book, customers and agencies each among themselves: the money of an agency is its customers'."""
    books: defaultdict[tuple[int, str], dict[int, int]] = defaultdict(dict)
    for row in rows:
        if row["active"] and row["ae_id"] is not None:
            books[row["ae_id"], row["kind"]][row["id"]] = row["year_cents"]
    return {account: tier for revenue in books.values() for account, tier in tiers(revenue).items()}


def _account(row: sqlite3.Row, signals: tuple[Item, ...], tier: Tier | None, today: date) -> Account:
    told = dict(row)
    touched_at = told.pop("touched_at")
    touched_on = None if touched_at is None else station_day(datetime.fromisoformat(touched_at))
    days = None if touched_on is None else max(0, (today - touched_on).days)
    kinds = [item.kind for item in signals if item.state != "dismissed"]
    score = health(
        (told["recent_cents"], told["earlier_cents"]), most_urgent(kinds), days, overdue=told["overdue_follow_ups"] > 0
    )
    told["active"], told["is_inherited"] = bool(told["active"]), bool(told["is_inherited"])
    return Account(**told, touched_on=touched_on, signals=signals, score=score, tier=tier, touched_days=days)
