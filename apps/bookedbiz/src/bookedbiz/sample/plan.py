"""Which workbooks a sample consists of: a recap for each year of closed months, and one daily log. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from bookedbiz.importing.request import Mode
from bookedbiz.months import add_months, month_of
from bookedbiz.sample.airings import MONTHS_AHEAD, Airing, MonthPlan, airings_of, month_weights, spots_per_month
from bookedbiz.sample.book import Book, make_book
from bookedbiz.sample.world import Customer, Size, make_world

USUAL = Size()


@dataclass(frozen=True)
class SampleSpec:
    """All that a sample follows from."""

    spots: int
    seed: int
    today: date
    dirt: int = 1
    size: Size = USUAL

    @property
    def first_month(self) -> int:
        return (self.today.year - self.size.years_back) * 100 + 1

    @property
    def current_month(self) -> int:
        return month_of(self.today)

    @property
    def last_month(self) -> int:
        return add_months(self.current_month, MONTHS_AHEAD)

    def index_of(self, month: int) -> int:
        """Counted from the sample's first month; a month after its last counts as the last."""
        return _months_apart(self.first_month, min(month, self.last_month))


@dataclass(frozen=True)
class Part:
    """One workbook: where it is written under `raw/`, how it is imported, and the months that are closed by it."""

    path: PurePosixPath
    mode: Mode
    months: tuple[int, ...]
    spec: SampleSpec
    shares: dict[int, int]

    def book(self) -> Book:
        """Its lines; the same for the same spec."""
        recap = self.mode is Mode.CLOSE
        airings = (airing for month in self.months for airing in self._airings(month))
        return make_book(airings, self.spec.seed + self.months[0], self.spec.dirt, recap=recap)

    def _airings(self, month: int) -> list[Airing]:
        index = self.spec.index_of(month)
        left = _months_apart(month, self.spec.current_month) < 12
        return airings_of(
            world_of(self.spec), MonthPlan(month, index, self.shares[month], self.spec.today, left), self.spec.seed
        )


@lru_cache(maxsize=4)
def world_of(spec: SampleSpec) -> tuple[Customer, ...]:
    """The station's customers."""
    return make_world(spec.seed, _months_apart(spec.first_month, spec.last_month) + 1, spec.size)


def parts_of(spec: SampleSpec) -> Iterator[Part]:
    """The workbooks in the order in which they are imported."""
    shares = spots_per_month(spec.spots, month_weights(spec.first_month, spec.last_month, spec.current_month))
    for year in range(spec.first_month // 100, spec.today.year + 1):
        closed = tuple(month for month in shares if month // 100 == year and month < spec.current_month)
        if closed:
            yield Part(PurePosixPath(f"{year}.xlsx"), Mode.CLOSE, closed, spec, shares)
    ahead = tuple(month for month in shares if month >= spec.current_month)
    name = f"Commercial Log {spec.today:%y%m%d}.xlsx"
    yield Part(PurePosixPath("daily") / name, Mode.WEEKLY, ahead, spec, shares)


def _months_apart(first: int, last: int) -> int:
    return (last // 100 - first // 100) * 12 + last % 100 - first % 100
