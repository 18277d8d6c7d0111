"""The run sheet of an order: a workbook with the columns of the log, added up. Kept while the file is the same."""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from bookedbiz.errors import WorkbookError
from bookedbiz.orders.tree import Order
from bookedbiz.workbook.reader import read_workbook

LARGEST_BYTES = 3 * 1024 * 1024
_KEPT = 2_000


@dataclass(frozen=True)
class Ordered:
    """What the run sheet orders. Money in cents."""

    rows: int
    gross_cents: int
    net_cents: int
    first_month: int
    last_month: int


class RunSheets:
    """Run sheets that were read before. `read` opens no more than `budget` new ones; the next call goes on."""

    def __init__(self, root: Path, budget: int = 12) -> None:
        self._root = root
        self._budget = budget
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, int, float], Ordered | None] = OrderedDict()

    def read(self, orders: list[Order]) -> tuple[dict[str, Ordered], int]:
        """By the order's path what its newest readable run sheet orders; and how many were not looked at yet."""
        found: dict[str, Ordered] = {}
        left, opened = 0, 0
        for order in orders:
            books = [each for each in order.files if each.name.lower().endswith(".xlsx") and each.size <= LARGEST_BYTES]
            for book in sorted(books, key=lambda each: each.changed_at, reverse=True):
                key = (book.path, book.size, book.changed_at.timestamp())
                with self._lock:
                    is_known, ordered = key in self._known, self._known.get(key)
                if not is_known and opened >= self._budget:
                    left += 1
                    break
                if not is_known:
                    opened += 1
                    ordered = self._keep(key, _added_up(self._root / book.path))
                if ordered is not None:
                    found[order.path] = ordered
                    break
        return found, left

    def _keep(self, key: tuple[str, int, float], ordered: Ordered | None) -> Ordered | None:
        with self._lock:
            self._known[key] = ordered
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return ordered


def _added_up(path: Path) -> Ordered | None:
    """None when the workbook is no run sheet."""
    try:
        rows = list(read_workbook(path).rows())
    except (WorkbookError, OSError):
        return None
    months = [row.month for row in rows]
    gross, net = sum(row.gross_cents for row in rows), sum(row.net_cents for row in rows)
    return Ordered(len(rows), gross, net, min(months), max(months))
