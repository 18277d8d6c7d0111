"""An import's report as lines of text for a terminal. Pure."""

from collections.abc import Iterator

from bookedbiz.importing.report import ImportReport
from bookedbiz.money import dollars
from bookedbiz.months import label
from bookedbiz.workbook.issues import TITLES


def report_lines(report: ImportReport) -> Iterator[str]:
    """Sheets, months, what was skipped, what is wrong with cells, what changed, and one sentence that sums it up."""
    if report.same_as is None:
        yield from _sheet_lines(report)
        yield from _month_lines(report)
        yield from _counted("Lines skipped", report.skipped)
        yield from _counted("Cells to look at", {TITLES.get(code, code): n for code, n in report.issues.items()})
        yield from _change_lines(report)
    for warning in report.warnings:
        yield f"warning: {warning}"
    yield _sentence(report)


def _sheet_lines(report: ImportReport) -> Iterator[str]:
    yield f"{'Sheet':24}{'lines':>9}{'stored':>9}{'skipped':>9}{'gross':>18}{'net':>18}"
    for sheet in report.sheets:
        yield (
            f"{sheet.sheet:24}{sheet.rows_read:>9,}{sheet.rows_stored:>9,}{sheet.rows_skipped:>9,}"
            f"{dollars(sheet.gross_cents):>18}{dollars(sheet.net_cents):>18}"
        )
        if sheet.total_cents is not None and sheet.total_cents != sheet.gross_cents:
            off = sheet.gross_cents - sheet.total_cents
            yield f"  its own TOTAL line says {dollars(sheet.total_cents)}, a difference of {dollars(off)}"
    yield ""


def _month_lines(report: ImportReport) -> Iterator[str]:
    yield f"{'Month':8}{'':20}{'in file':>9}{'before':>9}{'after':>9}{'gross before':>18}{'gross after':>18}"
    for line in report.months:
        yield (
            f"{label(line.month):8}{line.outcome.value:20}{line.file_rows:>9,}{line.before.rows:>9,}"
            f"{line.after.rows:>9,}{dollars(line.before.gross_cents):>18}{dollars(line.after.gross_cents):>18}"
        )
    yield ""


def _counted(title: str, counts: dict[str, int]) -> Iterator[str]:
    if counts:
        yield f"{title}: " + "; ".join(f"{count:,} {what}" for what, count in counts.items())


def _change_lines(report: ImportReport) -> Iterator[str]:
    if report.changes:
        told = ", ".join(f"{line.spots:,} {line.kind} ({dollars(line.gross_cents)})" for line in report.changes)
        yield f"Changes: {told}"


def _sentence(report: ImportReport) -> str:
    if report.same_as is not None:
        return f"{report.file} is unchanged since import {report.same_as}: nothing to do ({report.took_s:.1f} s)."
    verb = "would be imported" if report.dry_run else f"imported as batch {report.batch_id}"
    return (
        f"{report.file} {verb}: {report.rows_read:,} lines = {report.rows_stored:,} stored + "
        f"{report.rows_skipped:,} skipped; {report.rows_added:,} added, {report.rows_removed:,} removed, "
        f"{report.rows_unchanged:,} unchanged, {report.rows_left:,} in months left alone ({report.took_s:.1f} s)."
    )
