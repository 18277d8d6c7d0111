"""The folders of insertion orders, `<AE>/<NNNN Customer>/…`: what is there, and no way out of them."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from bookedbiz.errors import BookedBizError
from bookedbiz.names.text import name_key, tidy

KEPT_S = 30.0  # a drive of the network is not walked for every page
_ORDER = re.compile(r"([0-9]{2,12})[\s_-]+(\S.*)")
_NOT_SALES = "traffic only"
_DEEPEST = 3
_MOST_FILES = 200  # of one order


class OrdersUnavailable(BookedBizError):
    """The folder of the orders cannot be read: nobody knows what is there."""


@dataclass(frozen=True)
class OrderFile:
    """One file; `path` is relative to the root, with slashes."""

    path: str
    name: str
    size: int  # bytes
    changed_at: datetime


@dataclass(frozen=True)
class Order:
    """One folder: the contract's number, and the customer and account executive that its name and place say."""

    ae: str
    number: str
    customer: str
    path: str
    files: tuple[OrderFile, ...]


class Tree:
    """The orders below one root, walked again when what is known is old. Safe to ask from many threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = Lock()
        self._known: tuple[float, tuple[Order, ...]] | None = None

    def orders(self) -> tuple[Order, ...]:
        """Every order, by account executive and number. OrdersUnavailable when the root cannot be read."""
        with self._lock:
            if self._known is None or time.monotonic() - self._known[0] > KEPT_S:
                self._known = (time.monotonic(), tuple(_walk(self.root)))
            return self._known[1]

    def file(self, path: str) -> tuple[Order, Path]:
        """The file of an order by its path, and the order; only what `orders` lists. KeyError for anything else."""
        for order in self.orders():
            if any(each.path == path for each in order.files):
                found = (self.root / path).resolve()
                if found.is_relative_to(self.root.resolve()) and found.is_file():
                    return order, found
        raise KeyError(path)


def _walk(root: Path) -> Iterator[Order]:
    try:
        folders = _folders(root)
    except OSError as why:
        raise OrdersUnavailable(
            f"Insertion orders not read: the folder {root.name} cannot be read: {why.strerror}",
            "Is the drive mounted? Mount it",
        ) from why
    for ae in folders:
        for folder in _safely(ae):
            match = _ORDER.fullmatch(tidy(folder.name))
            if match:
                files = tuple(sorted(_files(root, folder, _DEEPEST), key=lambda each: each.path))[:_MOST_FILES]
                path = folder.relative_to(root).as_posix()
                yield Order(tidy(ae.name), match[1].lstrip("0") or "0", match[2], path, files)


def _safely(folder: Path) -> list[Path]:
    try:
        return _folders(folder)
    except OSError:  # taken away, or not ours to read: the others are still worth showing
        return []


def _folders(folder: Path) -> list[Path]:
    """The folders in it that are about sales, by name; links are not followed."""
    with os.scandir(folder) as entries:
        found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return sorted(each for each in found if not each.name.startswith(".") and name_key(each.name) != _NOT_SALES)


def _files(root: Path, folder: Path, depth: int) -> Iterator[OrderFile]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~$")):
                    continue
                if entry.is_file(follow_symlinks=False):
                    found = entry.stat(follow_symlinks=False)
                    path = Path(entry.path).relative_to(root).as_posix()
                    yield OrderFile(path, entry.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
                elif depth > 1 and entry.is_dir(follow_symlinks=False) and name_key(entry.name) != _NOT_SALES:
                    yield from _files(root, Path(entry.path), depth - 1)
    except OSError:
        return
