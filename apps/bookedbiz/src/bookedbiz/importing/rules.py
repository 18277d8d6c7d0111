"""Which months of a file an import may touch, and when it must stop and ask. Pure.

A daily log shows leftovers of months that are over, so once the ledger has rows for such a month it waits for its
close. A month that the file does not have is kept as it is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bookedbiz.errors import Refused
from bookedbiz.importing.request import ImportRequest, Mode
from bookedbiz.money import dollars
from bookedbiz.months import label, month_of, station_day

DROP_SHARE = 0.20  # a month that would lose more of its rows or dollars than this stops a daily import


class Outcome(StrEnum):
    """What became of a month of the file."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    CLOSED = "closed"
    WAITING = "waiting for close"
    KEPT = "kept"
    NOT_TICKED = "not ticked"


@dataclass(frozen=True)
class MonthState:
    """What the ledger has of a month."""

    rows: int = 0
    gross_cents: int = 0
    net_cents: int = 0
    closed: bool = False


Ledger = Mapping[int, MonthState]


def decide(request: ImportRequest, file_months: Iterable[int], ledger: Ledger) -> dict[int, Outcome]:
    """What to do with each month of the file, and with open ones that only the ledger has. Refused when it may not."""
    if request.mode is Mode.CLOSE:
        return _decide_closing(request, set(file_months), ledger)
    current = month_of(station_day(request.now))
    outcomes: dict[int, Outcome] = {}
    for month in file_months:
        state = ledger.get(month, MonthState())
        if state.closed:
            outcomes[month] = Outcome.CLOSED
        elif month < current and state.rows and not request.include_past:
            outcomes[month] = Outcome.WAITING
        else:
            outcomes[month] = Outcome.IMPORTED
    closed = [label(month) for month in sorted(outcomes) if outcomes[month] is Outcome.CLOSED]
    if closed and request.mode is Mode.MANUAL:
        raise Refused(f"{request.file.name} not imported: it has rows of closed months: {', '.join(closed)}")
    for month, state in ledger.items():
        if month not in outcomes and state.rows and not state.closed:
            outcomes[month] = Outcome.KEPT
    return outcomes


def _decide_closing(request: ImportRequest, file_months: set[int], ledger: Ledger) -> dict[int, Outcome]:
    current = month_of(station_day(request.now))
    if not request.months:
        raise Refused("Nothing closed: no month is ticked", "Name the months, for example --months 202601-202603")
    not_over = [label(month) for month in sorted(request.months) if month >= current]
    if not_over:
        raise Refused(f"Nothing closed: {', '.join(not_over)} is not over yet", "Tick only months that are over")
    absent = [label(month) for month in sorted(request.months - file_months)]
    if absent:
        raise Refused(f"Nothing closed: the file has no row of {', '.join(absent)}", "Is this the right year's recap?")
    closed = [label(month) for month in sorted(request.months) if ledger.get(month, MonthState()).closed]
    if closed and not request.reason:
        raise Refused(f"Nothing closed: {', '.join(closed)} is closed already", "Close it again with --reason TEXT")
    return {month: Outcome.IMPORTED if month in request.months else Outcome.NOT_TICKED for month in sorted(file_months)}


def require_right_year(request: ImportRequest, rows_by_month: Mapping[int, int]) -> None:
    """Refused when a recap's rows are mostly of another year than the months to be closed."""
    if request.mode is not Mode.CLOSE:
        return
    by_year: Counter[int] = Counter()
    for month, rows in rows_by_month.items():
        by_year[month // 100] += rows
    year, _ = by_year.most_common(1)[0]
    if request.months and year not in {month // 100 for month in request.months}:
        ticked = ", ".join(label(month) for month in sorted(request.months))
        raise Refused(f"Nothing closed: most rows of the file are of {year}, ticked are {ticked}")


def require_no_fall(request: ImportRequest, before: Ledger, after: Ledger) -> None:
    """Refused when a month would lose more than DROP_SHARE of its rows or dollars, unless that was accepted."""
    if request.accept_drop or request.mode is Mode.CLOSE:
        return
    falls = [fall for month in sorted(after) if (fall := _fall(month, before.get(month, MonthState()), after[month]))]
    if falls:
        raise Refused(
            f"{request.file.name} not imported: {'; '.join(falls)}",
            "If that is right, import it again with --accept-drop",
        )


def _fall(month: int, before: MonthState, after: MonthState) -> str:
    if after.rows < before.rows * (1 - DROP_SHARE):
        return f"{label(month)} would fall from {before.rows:,} to {after.rows:,} rows"
    if before.gross_cents > 0 and after.gross_cents < before.gross_cents * (1 - DROP_SHARE):
        return f"{label(month)} would fall from {dollars(before.gross_cents)} to {dollars(after.gross_cents)}"
    return ""
