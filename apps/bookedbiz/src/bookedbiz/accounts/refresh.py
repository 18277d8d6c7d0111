"""Compute figures and signals of every account anew, after an import or when asked: pages only read them.

By air date as far as it matters: lines of the summary that air within one period count as they are, and only those
that reach over its end are asked of the spots, by an index.
"""

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from time import monotonic

from bookedbiz.accounts.facts import Aired, Facts, Today, day_number, facts_of, today_of
from bookedbiz.accounts.signals import Signal, signals_of
from bookedbiz.accounts.thresholds import load_thresholds
from bookedbiz.moments import utc_text
from bookedbiz.months import add_months, first_day, station_day
from station_kit.sqlitefile import transaction
from station_kit.statements import load

_SQL = load("bookedbiz.accounts")
_log = logging.getLogger(__name__)

MARKETS_OF_MONTHS = 12


@dataclass(frozen=True)
class Refreshed:
    """What a refresh found."""

    accounts: int
    opened: int
    closed: int


@dataclass(frozen=True)
class _Account:
    facts: Facts
    watched: bool


def refresh_after_import(db: sqlite3.Connection, now: datetime) -> str | None:
    """Refresh in a transaction of its own. What went wrong is kept and returned: the import stands all the same."""
    began = monotonic()
    try:
        with transaction(db):
            refresh(db, now)
            record(db, now, round((monotonic() - began) * 1000), None)
    except Exception as why:  # noqa: BLE001 - whatever it is, an import that is stored must not end as failed
        _log.exception("account signals not computed")
        said = f"Account signals not computed: {getattr(why, 'message', None) or f'{type(why).__name__}: {why}'}"
        with transaction(db):
            record(db, now, None, said)
        return said
    return None


def refresh(db: sqlite3.Connection, now: datetime) -> Refreshed:
    """Bring figures and signals to that day, in the caller's transaction, writing only what differs."""
    day = station_day(now)
    today = today_of(day)
    accounts = _accounts(db, today)
    _store_figures(db, accounts)
    limits = load_thresholds(db)
    wanted = {
        (account_id, signal.kind.value): signal
        for account_id, account in accounts.items()
        if account.watched
        for signal in signals_of(account.facts, today, limits)
    }
    opened, closed = _store_signals(db, wanted, day.isoformat())
    return Refreshed(len(accounts), opened, closed)


def _accounts(db: sqlite3.Connection, today: Today) -> dict[int, _Account]:
    """Every account that has ever booked anything."""
    aired: defaultdict[int, list[Aired]] = defaultdict(list)
    for each in _aired(db, today):
        aired[each.customer_id].append(each)
    since = add_months(today.month, -MARKETS_OF_MONTHS)
    markets = {row["customer_id"]: row["markets"] for row in db.execute(_SQL["markets_of_customers"], {"month": since})}
    found: dict[int, _Account] = {}
    of_agency: defaultdict[int, list[int]] = defaultdict(list)
    agencies: dict[int, bool] = {}
    for row in db.execute(_SQL["accounts_to_refresh"]):
        customer_id = row["customer_id"]
        if customer_id not in aired:
            continue
        facts = facts_of(aired[customer_id], today, _in_order(markets.get(customer_id)))
        found[row["id"]] = _Account(facts, bool(row["watched"]))
        if row["parent_id"] is not None:
            of_agency[row["parent_id"]].append(customer_id)
            agencies[row["parent_id"]] = bool(row["parent_watched"])
    for account_id, customers in of_agency.items():
        every = [each for customer in customers for each in aired[customer]]
        codes = _in_order(*(markets.get(customer) for customer in customers))
        found[account_id] = _Account(facts_of(every, today, codes), agencies[account_id])
    return found


def _in_order(*codes: str | None) -> str:
    return ",".join(sorted({code for each in codes if each for code in each.split(",")}))


def _aired(db: sqlite3.Connection, today: Today) -> Iterator[Aired]:
    for row in db.execute(_SQL["booked_by_label"]).fetchall():
        by_label = day_number(first_day(row["month"]))  # of spots without a date
        first = by_label if row["first_day"] is None else row["first_day"]
        last = by_label if row["last_day"] is None else row["last_day"]
        customer_id, month = row["customer_id"], row["month"]
        if today.period(first) is today.period(last):
            yield Aired(customer_id, month, today.period(first), first, last, row["spots"], row["cents"])
            continue
        asked = {"bill_code_id": row["bill_code_id"], "month": month}
        for day, spots, cents in db.execute(_SQL["aired_by_day"], asked):
            aired = by_label if day is None else day
            yield Aired(customer_id, month, today.period(aired), aired, aired, spots, cents)


def _store_figures(db: sqlite3.Connection, accounts: dict[int, _Account]) -> None:
    wanted = {account_id: {"account_id": account_id, **asdict(each.facts)} for account_id, each in accounts.items()}
    held = {row["account_id"]: dict(row) for row in db.execute("SELECT * FROM account_figures")}
    gone = [(account_id,) for account_id in held if account_id not in wanted]
    db.executemany("DELETE FROM account_figures WHERE account_id = ?", gone)
    changed = [figures for account_id, figures in wanted.items() if held.get(account_id) != figures]
    db.executemany(_SQL["store_figures"], changed)


def _store_signals(db: sqlite3.Connection, wanted: dict[tuple[int, str], Signal], day: str) -> tuple[int, int]:
    """Open what is new, close what is gone, and let the others tell their numbers of today; how many of each."""
    rows = db.execute("SELECT id, account_id, kind, label FROM account_signal WHERE closed_on IS NULL").fetchall()
    held = {(row["account_id"], row["kind"]): row for row in rows}
    gone = [(day, row["id"]) for key, row in held.items() if key not in wanted]
    fresh = [(*key, signal.label, day) for key, signal in wanted.items() if key not in held]
    other = [
        (signal.label, held[key]["id"])
        for key, signal in wanted.items()
        if key in held and held[key]["label"] != signal.label
    ]
    db.executemany("UPDATE account_signal SET closed_on = ? WHERE id = ?", gone)
    db.executemany("INSERT INTO account_signal (account_id, kind, label, opened_on) VALUES (?, ?, ?, ?)", fresh)
    db.executemany("UPDATE account_signal SET label = ? WHERE id = ?", other)
    return len(fresh), len(gone)


def record(db: sqlite3.Connection, now: datetime, took_ms: int | None, error: str | None) -> None:
    """Keep how a refresh went. Without an error figures are as of now; with one they stay as of when they were."""
    db.execute(
        """INSERT INTO account_refresh (id, tried_at, refreshed_at, took_ms, error)
           VALUES (1, :at, CASE WHEN :error IS NULL THEN :at END, :took_ms, :error)
           ON CONFLICT (id) DO UPDATE SET tried_at = :at, error = :error,
               refreshed_at = CASE WHEN :error IS NULL THEN :at ELSE refreshed_at END,
               took_ms = CASE WHEN :error IS NULL THEN :took_ms ELSE took_ms END""",
        {"at": utc_text(now), "took_ms": took_ms, "error": error},
    )
