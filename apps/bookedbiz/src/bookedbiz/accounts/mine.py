"""My accounts: what the book is worth, what is to be done today, and every account with signal, health and touch."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bookedbiz.accounts.activity import Done, follow_ups, recent
from bookedbiz.accounts.standing import Account, accounts, at_risk_cents, in_books, money_of
from bookedbiz.accounts.thresholds import load_thresholds
from bookedbiz.reports.table import Column, Figure, Kind, Row, Table

RECENT = 15


@dataclass(frozen=True)
class MyAccounts:
    """Everything the page and its exports need. `due` is of today and before, `later` after it."""

    figures: tuple[Figure, ...]
    due: tuple[Done, ...]
    later: tuple[Done, ...]
    accounts: tuple[Account, ...]
    recent: tuple[Done, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        return account_table("my accounts", self.accounts), follow_up_table((*self.due, *self.later))


def my_accounts(db: sqlite3.Connection, today: date, ae_id: int | None) -> MyAccounts:
    """The book of that AE, or all books."""
    every = accounts(db, today)
    book = [account for account in in_books(every) if ae_id is None or account.ae_id == ae_id]
    to_do = follow_ups(db, ae_id)
    due = tuple(one for one in to_do if one.due_on is not None and one.due_on <= today.isoformat())
    return MyAccounts(
        figures=_figures(db, book, every, today, to_do),
        due=due,
        later=tuple(one for one in to_do if one not in due),
        accounts=tuple(book),
        recent=tuple(recent(db, ae_id, RECENT)),
    )


def unworked(db: sqlite3.Connection, book: Sequence[Account], today: date) -> int:
    """How many signals are new for longer than they should be."""
    days = load_thresholds(db).unworked_days
    return sum(item.is_unworked(today, days) for account in book for item in account.signals)


def _figures(
    db: sqlite3.Connection, book: Sequence[Account], every: Sequence[Account], today: date, to_do: Sequence[Done]
) -> tuple[Figure, ...]:
    customers = sum(account.kind == "customer" for account in book)
    shown = [item for account in book for item in account.signals if item.state in ("new", "acknowledged")]
    new, waiting = sum(item.state == "new" for item in shown), unworked(db, book, today)
    overdue = sum(one.due_on is not None and one.due_on < today.isoformat() for one in to_do)
    gaps = sum(any(item.kind == "renewal gap" for item in account.signals) for account in book)
    return (
        Figure("Accounts", len(book), f"{customers:,} customers, {len(book) - customers:,} agencies", is_count=True),
        Figure("12-month revenue", money_of(book, every), "aired up to the last import, each customer once"),
        Figure("Signals", len(shown), f"{new} new, {waiting} unworked", is_count=True),
        Figure("Follow-ups", len(to_do), f"{overdue} overdue", is_count=True),
        Figure("Revenue at risk", at_risk_cents(book, every), f"{gaps} renewal gap{'' if gaps == 1 else 's'}"),
    )


def account_table(name: str, found: Sequence[Account]) -> Table:
    """Accounts as a file has them."""
    columns = (
        Column("Account", Kind.NAME),
        Column("Type", Kind.WORD),
        Column("Sector", Kind.WORD),
        Column("AE", Kind.WORD),
        Column("Signal", Kind.WORD),
        Column("Signal's numbers", Kind.WORD),
        Column("Health", Kind.COUNT),
        Column("Tier", Kind.WORD),
        Column("Contact", Kind.WORD),
        Column("12 months", Kind.MONEY),
        Column("Ahead", Kind.MONEY),
        Column("Last aired", Kind.WORD),
        Column("Last touch", Kind.WORD),
        Column("Next follow-up", Kind.WORD),
        Column("Commission", Kind.SHARE),
        Column("PO number", Kind.WORD),
    )
    return Table(name, columns, tuple(Row(_cells(account)) for account in found))


def follow_up_table(found: Sequence[Done]) -> Table:
    """What is to be done, as a file has it."""
    columns = (Column("Due", Kind.NAME), Column("Account", Kind.WORD), Column("What", Kind.WORD))
    return Table("follow-ups", columns, tuple(Row((one.due_on or "", one.account, one.text)) for one in found))


def _cells(account: Account) -> tuple[str | int | float | None, ...]:
    signal = account.signal
    numbers = next((item.label for item in account.signals if item.kind is signal), "")
    return (
        account.name,
        account.kind,
        account.sector,
        account.ae,
        "" if signal is None else signal.value,
        numbers,
        account.score,
        "" if account.tier is None else account.tier.value,
        account.contact,
        account.year_cents,
        account.ahead_cents,
        account.last_aired,
        "" if account.touched_on is None else account.touched_on.isoformat(),
        account.next_due or "",
        None if account.commission_bp is None else account.commission_bp / 10_000,
        account.po_number,
    )
