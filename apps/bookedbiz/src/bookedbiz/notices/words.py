"""What notices say: of an import, of one that failed, of data that is late, of a check. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bookedbiz.errors import BookedBizError, NotReady, Refused
from bookedbiz.importing.checks import Check
from bookedbiz.importing.report import ImportReport
from bookedbiz.importing.rules import Outcome
from bookedbiz.money import dollars
from bookedbiz.months import STATION_ZONE, label
from bookedbiz.notices.outbox import Notice
from bookedbiz.workbook.issues import TITLES
from station_kit.errors import KitError

_MOST_MONTHS = 14
_MOST_NAMED = 6


def of_import(report: ImportReport, since_yesterday: str = "") -> Notice:
    """The quiet one: file, months, rows and dollars added and taken away, issues, how long it took."""
    change = report.gross_after_cents - report.gross_before_cents
    if report.same_as is not None:
        return Notice(
            "imported",
            f"{report.file}: unchanged since import {report.same_as}",
            f"Nothing to do, {report.took_s:.1f} s.",
        )
    lines = [
        f"{report.rows_added:,} rows added, {report.rows_removed:,} removed, {report.rows_unchanged:,} unchanged",
        _money_words(report),
        *_month_lines(report),
    ]
    if report.rows_skipped or report.issues:
        worst = list(report.issues.items())[:_MOST_NAMED]
        named = "; ".join(f"{count:,} {TITLES.get(code, code)}" for code, count in worst)
        lines.append(f"{report.rows_skipped:,} lines skipped, {sum(report.issues.values()):,} cells to look at")
        if named:
            lines.append(named)
    lines += [f"Warning: {warning}" for warning in report.warnings]
    lines.append(f"Import {report.batch_id}, {report.took_s:.1f} s")
    if since_yesterday:
        lines.append(since_yesterday)
    return Notice("imported", f"{report.file}: {_signed(change)} gross", "\n".join(lines))


def of_failure(file_name: str, why: BaseException) -> Notice:
    """The loud one: what was not imported, why, and what to do."""
    if not isinstance(why, KitError):
        kind = f"{type(why).__name__}"
        return Notice("failed", f"{file_name} not imported", f"An error of the program: {kind}. See its log.", True)
    kind, words = "failed", "failed"
    if isinstance(why, NotReady):
        kind, words = "not ready", "was not there to be imported"
    elif isinstance(why, Refused):
        kind, words = "refused", "was refused"
    hint = f"\n{why.hint}." if isinstance(why, BookedBizError) and why.hint else ""
    return Notice(kind, f"{file_name} {words}", f"{why.message}.{hint}\nNothing was changed.", True)


def of_silence(last: datetime | None, now: datetime, hours: int) -> Notice:
    """Nothing was imported for so long."""
    if last is None:
        return Notice("nothing imported", "Nothing has been imported yet", "Has the fetch been set up?", True)
    at = last.astimezone(STATION_ZONE).strftime("%a %b %d, %I:%M %p %Z")
    age = int((now - last).total_seconds() // 3600)
    return Notice(
        "nothing imported",
        f"Nothing imported for {age} hours",
        f"The last import ended {at}; there should be one at least every {hours} hours.\n"
        "Is the drive mounted, and has the export been made?",
        True,
    )


def of_checks(checks: Sequence[Check]) -> Notice | None:
    """What is wrong with the ledger, and what to do; None when nothing is."""
    failed = [check for check in checks if not check.passed]
    if not failed:
        return None
    lines = [f"{check.name}: {'; '.join(check.found)}\n  {check.what_to_do}" for check in failed]
    return Notice(
        "check", f"The ledger is not what it must be: {len(failed)} of {len(checks)} checks", "\n".join(lines), True
    )


def _money_words(report: ImportReport) -> str:
    more = sum(max(0, line.gross_cents) for line in report.changes)
    less = sum(min(0, line.gross_cents) for line in report.changes)
    kinds = ", ".join(f"{line.spots:,} {line.kind} {_signed(line.gross_cents)}" for line in report.changes)
    total = f"{_signed(more)} and {dollars(less)} gross" if less else f"{_signed(more)} gross"
    return f"{total} ({kinds})" if kinds else total


def _month_lines(report: ImportReport) -> list[str]:
    touched = [line for line in report.months if line.rows_added or line.rows_removed]
    lines = [
        f"{label(line.month)}: +{line.rows_added:,} -{line.rows_removed:,} rows, "
        f"{_signed(line.after.gross_cents - line.before.gross_cents)}"
        for line in touched[:_MOST_MONTHS]
    ]
    if len(touched) > _MOST_MONTHS:
        lines.append(f"and {len(touched) - _MOST_MONTHS} more months")
    left = [label(line.month) for line in report.months if line.outcome in (Outcome.CLOSED, Outcome.WAITING)]
    return [*lines, f"Left alone: {', '.join(left)}"] if left else lines


def _signed(cents: int) -> str:
    return f"+{dollars(cents)}" if cents > 0 else dollars(cents)
