"""What a page on prices is asked for, beyond what every report is: its months, and what it goes by. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from bookedbiz.months import add_months, label, months_between, quarter_of
from bookedbiz.reports.filters import Filters

DAY_PARTS = {
    1: "Early morning", 2: "Morning", 3: "Midday", 4: "Afternoon", 5: "Early evening", 6: "Prime", 7: "Late night",
    8: "Overnight", 9: "Run of schedule", 0: "No time given",
}  # fmt: skip
DAY_TYPES = {1: "Weekday", 2: "Weekend", 0: "No air date"}
LENGTHS = {
    10: "Billboard, to :10", 15: ":15", 30: ":30", 45: ":45", 60: ":60", 90: "Extended, to :90", 120: ":120",
    600: "Long form, to 10 min", 9999: "Program length", 0: "No length given",
}  # fmt: skip


class Dimension(StrEnum):
    """What prices can be split by."""

    AE = "ae"
    MARKET = "market"
    SECTOR = "sector"
    CUSTOMER = "customer"
    LANGUAGE = "language"
    DAY_PART = "day part"
    DAY_TYPE = "day type"
    TENURE = "tenure"
    MONTH = "month"


TITLES = {each: "AE" if each is Dimension.AE else each.value.capitalize() for each in Dimension}
BY_LENGTH = (Dimension.LANGUAGE, Dimension.MARKET, Dimension.CUSTOMER)
WORDS = {each: "AE" if each is Dimension.AE else each.value for each in Dimension}
_PATHS = (
    (Dimension.AE, Dimension.MARKET, Dimension.SECTOR, Dimension.CUSTOMER, Dimension.MONTH),
    (Dimension.LANGUAGE, Dimension.DAY_PART, Dimension.MARKET, Dimension.AE, Dimension.MONTH),
    (Dimension.DAY_TYPE, Dimension.DAY_PART, Dimension.LANGUAGE, Dimension.CUSTOMER, Dimension.MONTH),
    (Dimension.TENURE, Dimension.AE, Dimension.CUSTOMER, Dimension.MONTH),
)


class Show(StrEnum):
    """Which question the page on trends answers."""

    RATES = "rates"
    CONCENTRATION = "concentration"


@dataclass(frozen=True)
class PriceFilters(Filters):
    """A question about prices. `first` and `last` are months, None: the twelve newest closed ones."""

    first: int | None = None
    last: int | None = None
    by: Dimension = Dimension.AE
    day_part: int | None = None
    day_type: int | None = None
    tenure: str | None = None
    back: int = 12
    show: Show = Show.RATES

    def asking(self, **changes: object) -> "PriceFilters":
        """The same question about prices with something changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # names and types are the fields', checked by tests

    def words(self) -> list[str]:
        """As for every report; the months are the period's, not the year's."""
        named = {
            "Months": "closed ones" if self.first is None or self.last is None else _span(self.first, self.last),
            "By": TITLES[self.by],
            "Day part": None if self.day_part is None else DAY_PARTS[self.day_part],
            "Day type": None if self.day_type is None else DAY_TYPES[self.day_type],
            "Tenure": self.tenure,
        }
        shared = [line for line in super().words() if not line.startswith(("Year:", "Money:", "Months:"))]
        return [*(f"{name}: {value}" for name, value in named.items() if value is not None), *shared]


@dataclass(frozen=True)
class LengthFilters(PriceFilters):
    """A question about lengths: of the months of a year, as most reports are."""

    by: Dimension = Dimension.LANGUAGE

    def words(self) -> list[str]:
        """As for every report, and by what."""
        return [*Filters.words(self), f"By: {TITLES[self.by]}"]


@dataclass(frozen=True)
class Control:
    """One more choice of the filter bar: value and words of each."""

    label: str
    name: str
    options: tuple[tuple[str, str], ...]
    chosen: str


def price_filters(args: Mapping[str, str], filters: Filters) -> PriceFilters:
    """The question of the address; what it says wrongly is left at its default."""
    known = {entry.name: getattr(filters, entry.name) for entry in fields(Filters)}
    first, last = _month(args.get("first", "")), _month(args.get("last", ""))
    if first and last and first > last:
        first, last = last, first
    return PriceFilters(
        **known,
        first=first,
        last=last,
        by=Dimension(args["by"]) if args.get("by") in set(Dimension) else Dimension.AE,
        day_part=_code(args.get("day_part", ""), DAY_PARTS),
        day_type=_code(args.get("day_type", ""), DAY_TYPES),
        tenure=args["tenure"] if args.get("tenure") in ("new", "returning") else None,
        back=24 if args.get("back") == "24" else 12,
        show=Show.CONCENTRATION if args.get("show") == Show.CONCENTRATION else Show.RATES,
    )


def length_filters(args: Mapping[str, str], filters: Filters) -> LengthFilters:
    """The question of the address; what it says wrongly is left at its default."""
    known = {entry.name: getattr(filters, entry.name) for entry in fields(Filters)}
    asked = LengthFilters(**known)
    return replace(asked, by=Dimension(args["by"])) if args.get("by") in BY_LENGTH else asked


def next_dimension(asked: PriceFilters) -> Dimension | None:
    """What a line opens next: the following thing on the way down that is not chosen yet. None below the months."""
    chosen = {
        Dimension.AE: asked.ae, Dimension.MARKET: asked.market, Dimension.SECTOR: asked.sector,
        Dimension.CUSTOMER: asked.customer, Dimension.LANGUAGE: asked.language, Dimension.DAY_PART: asked.day_part,
        Dimension.DAY_TYPE: asked.day_type, Dimension.TENURE: asked.tenure,
    }  # fmt: skip
    if asked.by is Dimension.MONTH:
        return None
    path = next(path for path in _PATHS if asked.by in path)
    below = path[path.index(asked.by) + 1 :]
    return next((each for each in below if chosen.get(each) is None), Dimension.MONTH)


def period(asked: PriceFilters, closed: Sequence[int]) -> list[int]:
    """The closed months that are asked for, in order; of none asked for, the twelve newest closed ones."""
    if not closed:
        return []
    last = asked.last or max(closed)
    first = asked.first or add_months(last, -11)
    wanted = set(months_between(first, last))
    return [month for month in sorted(closed) if month in wanted]


def presets(closed: Sequence[int]) -> dict[str, tuple[int, int]]:
    """Periods with a name, of what is closed: trailing 12, year to date, the year before, the last full quarter."""
    if not closed:
        return {}
    last = max(closed)
    year = last // 100
    found = {
        "Trailing 12": (add_months(last, -11), last),
        "Year to date": (year * 100 + 1, last),
        "Year before": ((year - 1) * 100 + 1, (year - 1) * 100 + 12),
    }
    quarter = _full_quarter(last, set(closed))
    return found | ({"Last full quarter": quarter} if quarter else {})


def _full_quarter(last: int, closed: set[int]) -> tuple[int, int] | None:
    month = last
    for _ in range(8):
        start = month // 100 * 100 + (quarter_of(month) - 1) * 3 + 1
        if {start, start + 1, start + 2} <= closed:
            return start, start + 2
        month = add_months(start, -1)
    return None


def _span(first: int, last: int) -> str:
    return label(first) if first == last else f"{label(first)} to {label(last)}"


def _month(text: str) -> int | None:
    good = len(text) == 6 and text.isascii() and text.isdigit() and text[:4] >= "1990" and 1 <= int(text[4:]) <= 12
    return int(text) if good else None


def _code(text: str, known: Mapping[int, str]) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) in known else None
