"""How far long work is: a bar on a terminal, else a line now and then. On stderr: stdout is for data."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.watch.wording import length, size

if TYPE_CHECKING:
    from station.stores.store import Store

LINE_EVERY_S = 30.0
BAR_EVERY_S = 0.1


def _nobody_looks(course: "Course") -> None:
    pass


@dataclass
class Course:
    """The step that is being done, and its bytes: `done` of `total` (None: nobody knows)."""

    title: str
    total: int | None = None
    done: int = 0
    on_change: "Callable[[Course], None]" = _nobody_looks
    clock_s: Callable[[], float] = time.monotonic
    began_s: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.began_s = self.clock_s()

    def step(self, title: str, total: int | None = None) -> None:
        """Another step begins, from nothing."""
        self.title, self.total, self.done, self.began_s = title, total, 0, self.clock_s()
        self.on_change(self)

    def to(self, done: int, total: int) -> None:
        """The step is that far."""
        self.done, self.total = done, total or None
        self.on_change(self)

    def by(self, amount: int) -> None:
        """The step is that much further. What is more than was expected is no reason to stop counting."""
        self.done += amount
        if self.total is not None:
            self.total = max(self.total, self.done)
        self.on_change(self)

    def figures(self) -> str:
        """`12.0 MB of 40.0 MB, 2.0 MB/s, 14 s left`; without a total bytes and rate; empty when no byte is done."""
        took_s = self.clock_s() - self.began_s
        if not self.done or took_s <= 0:
            return ""
        rate = self.done / took_s
        if self.total is None:
            return f"{size(self.done)}, {size(rate)}/s"
        left = f"{length((self.total - self.done) / rate)} left"
        return f"{size(self.done)} of {size(self.total)}, {size(rate)}/s, {left}"


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Course]:
    """Show how far the block is; on anything but a terminal a line every 30 s, so nothing for what is short."""
    if not sys.stderr.isatty():
        yield Course(title, total, on_change=lines(sys.stderr.write))
        return
    from rich import progress as bars  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (bars.TextColumn("{task.description}"), bars.BarColumn(), bars.TextColumn("{task.fields[figures]}"))
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    with bars.Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(title, total=total, figures="")
        drawn_s = 0.0

        def draw(course: Course) -> None:
            nonlocal drawn_s
            if course.done and course.done != course.total and course.clock_s() - drawn_s < BAR_EVERY_S:
                return
            drawn_s = course.clock_s()
            shown.update(
                task, description=course.title, completed=course.done, total=course.total, figures=course.figures()
            )

        yield Course(title, total, on_change=draw)


def lines(write: Callable[[str], object], clock_s: Callable[[], float] = time.monotonic) -> Callable[[Course], None]:
    """Tells a course in lines, the first after 30 s, and no more than one in 30 s."""
    told_s = clock_s()

    def tell(course: Course) -> None:
        nonlocal told_s
        if clock_s() - told_s < LINE_EVERY_S:
            return
        told_s = clock_s()
        write(f"{course.title}: {course.figures() or 'at work'}\n")

    return tell


@contextmanager
def sending(store: "Store", on_sent: Callable[[int], None]) -> Iterator[None]:
    """Hear of every piece that the store sends while the block runs."""
    meter = getattr(store, "meter", None)
    if meter is None:
        yield
        return
    before = meter.on_sent
    meter.on_sent = on_sent
    try:
        yield
    finally:
        meter.on_sent = before
