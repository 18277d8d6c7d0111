"""The lines of one workbook, sheet by sheet, and the truth about them. Pure, from a seed."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bookedbiz.sample.airings import Airing
from bookedbiz.sample.cells import SampleCell, cells_of, junk_line, spoil
from bookedbiz.sample.world import UNKNOWN_AE
from bookedbiz.workbook.columns import LOG_SHEETS

RECAP_SHEET = "Data"


@dataclass
class Sums:
    """Rows and cents."""

    rows: int = 0
    gross_cents: int = 0
    net_cents: int = 0

    def add(self, gross_cents: int, net_cents: int) -> None:
        self.rows += 1
        self.gross_cents += gross_cents
        self.net_cents += net_cents


@dataclass
class Truth:
    """What an importer must arrive at. `revenue_` leaves Trade out; AEs as the ledger must name them."""

    months: dict[int, Sums] = field(default_factory=dict)
    revenue_months: dict[int, Sums] = field(default_factory=dict)
    revenue_aes: dict[str, Sums] = field(default_factory=dict)
    revenue_entities: dict[str, Sums] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    issues: Counter[str] = field(default_factory=Counter)
    lines: int = 0

    def add(self, airing: Airing) -> None:
        ae = "Unknown" if airing.sales_person == UNKNOWN_AE else airing.sales_person
        entity = "WorldLink" if airing.bill_code.startswith("WorldLink") else ae if ae != "Unknown" else "Unmatched"
        self.months.setdefault(airing.month, Sums()).add(airing.gross, airing.net)
        if airing.revenue_type != "Trade":
            self.revenue_months.setdefault(airing.month, Sums()).add(airing.gross, airing.net)
            self.revenue_aes.setdefault(ae, Sums()).add(airing.gross, airing.net)
            self.revenue_entities.setdefault(entity, Sums()).add(airing.gross, airing.net)


@dataclass
class Book:
    """Lines to be written, by sheet, below the header."""

    sheets: dict[str, list[list[SampleCell]]]
    truth: Truth


def make_book(airings: Iterable[Airing], seed: int, dirt: int, *, recap: bool) -> Book:
    """The workbook that holds these airings. The airings are changed to what must be stored where dirt hides them."""
    dice = random.Random(f"book {seed} {dirt} {recap}")
    book = Book({RECAP_SHEET: []} if recap else {sheet: [] for sheet in LOG_SHEETS}, Truth())
    gross: Counter[str] = Counter()
    for airing in airings:
        sheet = RECAP_SHEET if recap else airing.sheet
        lines = book.sheets[sheet]
        cells = cells_of(airing)
        codes = spoil(cells, airing, dice, dirt)
        for _ in range(2 if dirt and dice.random() < 0.002 * dirt else 1):  # an exact duplicate is a second airing
            lines.append(cells)
            gross[sheet] += airing.gross
            book.truth.add(airing)
            book.truth.issues.update(codes)
    for sheet, lines in book.sheets.items():
        _put_in_junk(lines, book.truth, dice, dirt)
        if dirt and lines:
            lines.append(junk_line("total", gross[sheet]))
            book.truth.skipped["total"] += 1
    book.truth.lines = sum(len(lines) for lines in book.sheets.values())
    return book


def _put_in_junk(lines: list[list[SampleCell]], truth: Truth, dice: random.Random, dirt: int) -> None:
    for _ in range(dirt * (1 + len(lines) // 400)):
        kind = dice.choice(("blank", "blank", "header", "no month or date"))
        lines.insert(dice.randrange(max(1, len(lines))), junk_line(kind))
        truth.skipped[kind] += 1
