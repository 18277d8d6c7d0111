"""Which airings are behind a number? Found by the summary, read by the index of bill code and month, page by page."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from bookedbiz.airings.asked import AiringFilters, Key, key_of, months_asked, months_words
from bookedbiz.months import label
from bookedbiz.reports.booked import filter_parameters
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.remembered import remembered
from bookedbiz.reports.table import Column, Figure, Kind, Role, Row, Table
from station_kit import statements

ON_A_PAGE = 100
IN_A_FILE = 10_000
_KEPT = ("period", "buyer", "spot_type", "contract")
_SQL = statements.load("bookedbiz.airings")
_COLUMNS = (
    Column("Customer", Kind.NAME),
    Column("Month", Kind.WORD),
    Column("Air date", Kind.WORD),
    Column("Window", Kind.WORD, hint="In which the spot may run"),
    Column("Length", Kind.COUNT, hint="In seconds"),
    Column("Type", Kind.WORD),
    Column("Market", Kind.WORD),
    Column("Language", Kind.WORD),
    Column("AE", Kind.WORD),
    Column("Revenue type", Kind.WORD),
    Column("Contract", Kind.WORD),
    Column("Spot", Kind.WORD, hint="Media, name or program"),
    Column("Gross", Kind.RATE),
    Column("Net", Kind.RATE),
)


@dataclass(frozen=True)
class Group:
    """The airings of one bill code and month that are asked for, all together."""

    month: int
    bill_code_id: int
    spots: int
    gross_cents: int
    net_cents: int


@dataclass(frozen=True)
class AiringReport:
    """Everything the page and its exports need. `following` is the next page, None on the last."""

    table: Table
    figures: tuple[Figure, ...]
    months: str
    shown: int
    spots: int
    following: Filters | None
    beginning: Filters | None
    kept: tuple[tuple[str, str], ...] = ()  # what the filter bar does not show, and keeps

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.table,)


def airings_report(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> AiringReport:
    """A page of the airings; the sums are of all of them, and those of the number that led here."""
    return _report(db, filters, calendar, ON_A_PAGE)


def airings_file(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> AiringReport:
    """For a file: as many as it may hold, from the first or from where the page begins."""
    return _report(db, filters, calendar, IN_A_FILE)


def _report(db: sqlite3.Connection, filters: Filters, calendar: Calendar, most: int) -> AiringReport:
    asked = filters
    assert isinstance(asked, AiringFilters)  # the page narrows the address's filters to these
    months = months_asked(asked, calendar)
    groups = _groups(db, asked, months)
    found = list(_rows(db, asked, months, groups, most + 1))
    rows = found[:most]
    spots, gross, net = (
        sum(getattr(group, name) for group in groups) for name in ("spots", "gross_cents", "net_cents")
    )
    whole = f"{spots:,} airing{'' if spots == 1 else 's'}"
    blank = ("",) * 11
    body = [Row(_cells(row), opens=_of_contract(asked, row)) for row in rows]
    return AiringReport(
        table=Table(
            "airings",
            _COLUMNS,
            (*body, Row((whole, *blank[:3], None, *blank[:7], gross, net), Role.TOTAL)),
            opens_at=10,
        ),
        figures=(
            Figure("Gross", gross, "of all of them"),
            Figure("Net", net, "of all of them"),
            Figure("Airings", spots, f"of {len({group.bill_code_id for group in groups}):,} bill codes", is_count=True),
        ),
        months=months_words(sorted({group.month for group in groups})) or "no month",
        shown=len(rows),
        spots=spots,
        following=asked.having(after=_key(rows[-1]).text()) if len(found) > most else None,
        beginning=asked.having(after=None) if asked.after else None,
        kept=tuple(each for each in asked.to_args().items() if each[0] in _KEPT),
    )


def _groups(db: sqlite3.Connection, asked: AiringFilters, months: list[int]) -> list[Group]:
    """In the order of their pages: by month, then by customer."""

    def answer() -> list[Group]:
        if not months:
            return []
        statement = _SQL["groups_of_contract" if asked.contract else "groups"]
        found = [Group(*row) for row in db.execute(statement, _parameters(asked, months)).fetchall()]
        names = {row[0]: row[1].casefold() for row in db.execute("SELECT bill_code_id, customer FROM buyer")}
        return sorted(found, key=lambda group: (group.month, names[group.bill_code_id], group.bill_code_id))

    return remembered(db, ("airings", asked.having(after=None, sort="total"), tuple(months)), answer)


def _rows(
    db: sqlite3.Connection, asked: AiringFilters, months: list[int], groups: list[Group], most: int
) -> Iterator[sqlite3.Row]:
    parameters = _parameters(asked, months)
    key = key_of(asked.after)
    begun = 0
    if key is not None:
        places = [
            at for at, group in enumerate(groups) if (group.month, group.bill_code_id) == (key.month, key.bill_code_id)
        ]
        begun = places[0] if places else len(groups)
    left = most
    for at, group in enumerate(groups[begun:], start=begun):
        day, last = (key.day, key.id) if key is not None and at == begun else (-1_000_000, 0)
        place = {
            "bill_code_id": group.bill_code_id,
            "month": group.month,
            "after_day": day,
            "after_id": last,
            "count": left,
        }
        rows = db.execute(_SQL["rows"], parameters | place).fetchall()
        yield from rows
        left -= len(rows)
        if left <= 0:
            return


def _parameters(asked: AiringFilters, months: list[int]) -> dict[str, str | int | None]:
    ends = (min(months), max(months)) if months else (0, 0)
    return filter_parameters(asked, *ends) | {
        "months": json.dumps(months),
        "buyer": asked.buyer,
        "spot_type": asked.spot_type,
        "contract": asked.contract,
    }


def _key(row: sqlite3.Row) -> Key:
    return Key(row["month"], row["bill_code_id"], row["day"], row["id"])


def _of_contract(asked: AiringFilters, row: sqlite3.Row) -> Filters | None:
    return asked.having(contract=row["contract"], after=None) if row["contract"] and not asked.contract else None


def _cells(row: sqlite3.Row) -> tuple[str | int | None, ...]:
    return (
        row["customer"], label(row["month"]), row["air_date"] or "", _window(row["time_in_s"], row["time_out_s"]),
        row["length_s"], row["spot_type"], row["market"], row["language"], row["ae"], row["revenue_type"],
        row["contract"] or "", row["media"] or "", row["gross_cents"], row["net_cents"],
    )  # fmt: skip


def _window(start: int | None, end: int | None) -> str:
    parts = ["" if each is None else f"{each // 3600}:{each % 3600 // 60:02d}" for each in (start, end)]
    return "\u2013".join(part for part in parts if part)
