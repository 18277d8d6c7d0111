"""What an import did or would do: the same report for a run, a dry run and a page. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from bookedbiz.importing.difference import Amounts, ChangeKey
from bookedbiz.importing.rules import MonthState, Outcome
from bookedbiz.months import iso, label
from bookedbiz.workbook.reader import SheetContent, WorkbookContent
from bookedbiz.workbook.rows import money_of


@dataclass
class SheetLine:
    """One sheet. `total_cents` is the gross of its own TOTAL line, None without one."""

    sheet: str
    rows_read: int
    rows_stored: int
    rows_skipped: int
    issues: int
    gross_cents: int
    net_cents: int
    total_cents: int | None


@dataclass
class MonthLine:
    """One month of the file, or of the ledger alone (kept)."""

    month: int
    outcome: Outcome
    file_rows: int
    before: MonthState
    after: MonthState
    rows_added: int = 0
    rows_removed: int = 0


@dataclass
class ChangeLine:
    """All changes of one kind."""

    kind: str
    spots: int
    gross_cents: int  # after less before
    net_cents: int


@dataclass
class ImportReport:
    """Everything that is said about an import. `batch_id` is None for a dry run."""

    file: str
    mode: str
    batch_id: int | None = None
    dry_run: bool = False
    same_as: int | None = None  # the batch that brought the byte-identical file
    rows_read: int = 0
    rows_stored: int = 0
    rows_skipped: int = 0
    rows_left: int = 0  # in months that were left alone
    rows_added: int = 0
    rows_removed: int = 0
    rows_unchanged: int = 0
    gross_before_cents: int = 0
    gross_after_cents: int = 0
    sheets: list[SheetLine] = field(default_factory=list)
    months: list[MonthLine] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    issues: dict[str, int] = field(default_factory=dict)
    changes: list[ChangeLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    took_s: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Plain values with stable keys; months as `2026-11-01`."""
        plain = asdict(self)
        for line, month in zip(plain["months"], self.months, strict=True):
            line["month"] = iso(month.month)
            line["outcome"] = month.outcome.value
        return plain


def describe_sheets(content: WorkbookContent) -> list[SheetLine]:
    """What each sheet of the workbook brings."""
    return [_sheet_line(sheet) for sheet in content.sheets]


def count_skips(content: WorkbookContent) -> dict[str, int]:
    """Lines that are not stored, by reason."""
    return dict(Counter(skip.reason for sheet in content.sheets for skip in sheet.skipped))


def sum_changes(lines: Mapping[ChangeKey, Amounts]) -> list[ChangeLine]:
    """The change report by kind, in a fixed order."""
    sums: dict[str, ChangeLine] = {}
    for key, amounts in lines.items():
        line = sums.setdefault(key.kind, ChangeLine(key.kind, 0, 0, 0))
        line.spots += amounts.spots
        line.gross_cents += amounts.gross_after_cents - amounts.gross_before_cents
        line.net_cents += amounts.net_after_cents - amounts.net_before_cents
    return [sums[kind] for kind in ("booked", "cancelled", "repriced", "moved", "edited") if kind in sums]


def missing_sheets(content: WorkbookContent, last_time: Iterable[str]) -> list[str]:
    """A warning for each sheet that the import before had."""
    there = {sheet.name for sheet in content.sheets}
    return [f"Sheet {name} was there last time and is missing" for name in last_time if name not in there]


def waiting_months(report: ImportReport) -> list[str]:
    """A warning for each month whose rows of this file were ignored."""
    waiting = [line.month for line in report.months if line.outcome is Outcome.WAITING]
    return [f"{label(month)} is waiting for its close: the daily log is ignored for it" for month in waiting]


def _sheet_line(sheet: SheetContent) -> SheetLine:
    totals = [skip.cents for skip in sheet.skipped if skip.reason == "total" and skip.cents is not None]
    gross_cents, net_cents = money_of(sheet.rows)
    return SheetLine(
        sheet=sheet.name,
        rows_read=sheet.rows_read,
        rows_stored=len(sheet.rows),
        rows_skipped=len(sheet.skipped),
        issues=sum(len(row.issues) for row in sheet.rows),
        gross_cents=gross_cents,
        net_cents=net_cents,
        total_cents=totals[-1] if totals else None,
    )
