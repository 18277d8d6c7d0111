"""What do we charge for a spot, of what, and is that getting better? Closed months only. Shaping only. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookedbiz.months import add_months, label, quarter_of
from bookedbiz.pricing.asked import (
    DAY_PARTS,
    DAY_TYPES,
    TITLES,
    WORDS,
    Control,
    Dimension,
    PriceFilters,
    next_dimension,
    period,
)
from bookedbiz.pricing.prices import ByMonth, Price, add_up
from bookedbiz.reports.filters import Filters, exactly
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, share

FEWEST = 10  # paid spots: an average of fewer says nothing
MANY = {
    Dimension.AE: "AEs", Dimension.MARKET: "markets", Dimension.SECTOR: "sectors", Dimension.CUSTOMER: "customers",
    Dimension.LANGUAGE: "languages", Dimension.DAY_PART: "day parts", Dimension.DAY_TYPE: "day types",
    Dimension.TENURE: "tenures", Dimension.MONTH: "months",
}  # fmt: skip


@dataclass(frozen=True)
class Chart:
    """Dollars of an average paid spot for each month of the period, and of the same month a year before."""

    months: tuple[str, ...]
    dollars: tuple[tuple[float | None, ...], ...]
    years: tuple[str, ...] = ("this period", "a year before")

    def to_json(self) -> dict[str, object]:
        complete = [True] * len(self.months)
        return {"months": self.months, "years": self.years, "dollars": self.dollars, "complete": complete}


@dataclass(frozen=True)
class Preset:
    """A period with a name."""

    name: str
    filters: Filters
    is_chosen: bool


@dataclass(frozen=True)
class PricingReport:
    """Everything the page and its exports need."""

    table: Table
    quarters: Table
    figures: tuple[Figure, ...]
    chart: Chart
    controls: tuple[Control, ...]
    presets: tuple[Preset, ...]
    words: str
    missing: tuple[int, ...]  # months of the year before that are not closed

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.table, self.quarters


@dataclass(frozen=True)
class Line:
    """One name's prices in the period and in the same months a year before."""

    name: str
    now: Price
    before: Price


def year_before(months: Sequence[int]) -> list[int]:
    """The same months a year before."""
    return [add_months(month, -12) for month in months]


def comparison_columns(first: str) -> tuple[Column, ...]:
    """The columns of `comparison`."""
    return (
        Column(first, Kind.NAME),
        Column("Average rate", Kind.RATE, hint="Gross of a paid spot; credits and unpaid spots apart"),
        Column("Paid spots", Kind.COUNT, hint="Airings with a gross rate above nothing"),
        Column("All spots", Kind.COUNT, hint="Unpaid ones too"),
        Column("Gross", Kind.MONEY, hint="Everything booked, credits taken off"),
        Column("Share", Kind.SHARE, hint="Of the gross of all lines"),
        Column("A year before", Kind.RATE, hint="Average rate in the same months a year before"),
        Column("Rate", Kind.PERCENT, hint="Change of the average rate"),
        Column("Paid spots then", Kind.COUNT),
        Column("Volume", Kind.PERCENT, hint="Change of the number of paid spots"),
    )


def comparison(line: Line, whole: int) -> tuple[Cell, ...]:
    """A line's cells; an average of too few spots is left out. `whole` is the gross that its share is of."""
    now, before = line.now, line.before
    rate, then = enough(now), enough(before)
    change = (rate - then) / then if rate is not None and then else None
    volume = change_ratio(now.paid_spots, before.paid_spots)
    return (
        line.name, rate, now.paid_spots, now.spots, now.gross_cents, share(now.gross_cents, whole), then, change,
        before.paid_spots, volume,
    )  # fmt: skip


def enough(price: Price, fewest: int = FEWEST) -> float | None:
    """The average rate, of enough spots to say something."""
    return price.average if price.paid_spots >= fewest else None


def pricing_report(
    asked: PriceFilters, found: Mapping[str, ByMonth], closed: Sequence[int], presets: Mapping[str, tuple[int, int]]
) -> PricingReport:
    """The report on `found`, which must hold the period's closed months and the same a year before."""
    months = period(asked, closed)
    earlier = [month for month in year_before(months) if month in set(closed)]
    lines = [_line(name, prices, months, earlier) for name, prices in _split(asked, found, months).items()]
    whole = _line(_count(asked, lines), _together(found), months, earlier)
    return PricingReport(
        table=_table(asked, lines, whole),
        quarters=_quarters(months, set(earlier), _together(found)),
        figures=_figures(whole, lines, asked),
        chart=_chart(months, _together(found)),
        controls=_controls(asked, closed, months),
        presets=tuple(
            Preset(name, asked.having(first=first, last=last), bool(months) and (first, last) == _ends(asked, months))
            for name, (first, last) in presets.items()
        ),
        words=f"{label(months[0])} to {label(months[-1])}" if months else "no month is closed",
        missing=tuple(sorted(set(year_before(months)) - set(closed))),
    )


def _split(asked: PriceFilters, found: Mapping[str, ByMonth], months: Sequence[int]) -> dict[str, ByMonth]:
    """By name; by month, each month's line has the same month a year before beside it."""
    if asked.by is not Dimension.MONTH:
        return dict(found)
    whole = _together(found)
    pairs = {month: (month, add_months(month, -12)) for month in months}
    return {label(month): {each: whole[each] for each in pair if each in whole} for month, pair in pairs.items()}


def _line(name: str, prices: ByMonth, months: Sequence[int], earlier: Sequence[int]) -> Line:
    now = add_up(prices[month] for month in months if month in prices)
    before = add_up(prices[month] for month in earlier if month in prices)
    return Line(name, now, before)


def _together(found: Mapping[str, ByMonth]) -> ByMonth:
    sums: ByMonth = {}
    for prices in found.values():
        for month, price in prices.items():
            sums[month] = sums[month] + price if month in sums else price
    return sums


def _table(asked: PriceFilters, lines: Sequence[Line], whole: Line) -> Table:
    shown = [line for line in lines if max(line.now.paid_spots, line.before.paid_spots) >= FEWEST]
    if asked.by is not Dimension.MONTH:
        shown.sort(key=lambda line: (-line.now.gross_cents, line.name.casefold()))
    gross = whole.now.gross_cents
    rows = [Row(comparison(line, gross), opens=_below(asked, line.name)) for line in shown]
    few = [line for line in lines if line not in shown and line.now.spots + line.before.spots]
    if few:
        name = f"{len(few):,} with fewer than {FEWEST} paid spots"
        rest = Line(name, add_up(line.now for line in few), add_up(line.before for line in few))
        rows.append(Row(comparison(rest, gross), role=Role.SUBTOTAL))
    rows.append(Row(comparison(whole, gross), role=Role.TOTAL))
    return Table(f"rates by {WORDS[asked.by]}", comparison_columns(TITLES[asked.by]), tuple(rows))


def _below(asked: PriceFilters, name: str) -> Filters | None:
    """The question a line opens: the same with this name as a filter, by the next thing on the way down."""
    below = next_dimension(asked)
    if below is None:
        return None
    codes = {Dimension.DAY_PART: DAY_PARTS, Dimension.DAY_TYPE: DAY_TYPES}
    if asked.by in codes:
        field = "day_part" if asked.by is Dimension.DAY_PART else "day_type"
        return asked.having(by=below, **{field: next(code for code, words in codes[asked.by].items() if words == name)})
    chosen = exactly(name) if asked.by is Dimension.CUSTOMER else name
    return asked.having(by=below, **{str(asked.by): chosen})


def _quarters(months: Sequence[int], earlier: set[int], whole: ByMonth) -> Table:
    quarters: dict[str, list[int]] = {}
    for month in months:
        quarters.setdefault(f"Q{quarter_of(month)} {month // 100}", []).append(month)
    gross = add_up(whole[month] for month in months if month in whole).gross_cents
    rows = []
    for name, own in quarters.items():
        then = [month for month in year_before(own) if month in earlier]
        words = name if len(own) == 3 else f"{name} ({len(own)} of 3 months)"
        line = _line(words, whole, own, then)
        rows.append(Row(comparison(line, gross), fair=len(then) == len(own)))
    return Table("by quarter", comparison_columns("Quarter"), tuple(rows))


def _chart(months: Sequence[int], whole: ByMonth) -> Chart:
    def dollars(month: int) -> float | None:
        average = whole[month].average if month in whole else None
        return None if average is None else round(average / 100, 2)

    return Chart(
        tuple(label(month)[:3] for month in months),
        (tuple(dollars(month) for month in months), tuple(dollars(month) for month in year_before(months))),
    )


def _figures(whole: Line, lines: Sequence[Line], asked: PriceFilters) -> tuple[Figure, ...]:
    rate, then = whole.now.average or 0, whole.before.average
    change = (rate - then) / then if then else None
    note = f"{rate / 100:,.2f}; a year before {then / 100:,.2f}" if then else f"{rate / 100:,.2f}"
    volume = change_ratio(whole.now.paid_spots, whole.before.paid_spots)
    gross = change_ratio(whole.now.gross_cents, whole.before.gross_cents)
    rated = [line for line in lines if enough(line.now) is not None]
    figures = [
        Figure("Average rate of a paid spot", round(rate), note, change),
        Figure("Paid spots", whole.now.paid_spots, f"{whole.before.paid_spots:,} a year before", volume, is_count=True),
        Figure("Gross", whole.now.gross_cents, "all of it, credits taken off", gross),
        Figure("Kept", round(1000 * (whole.now.margin or 0)), "net of paid spots, as a share of gross", is_share=True),
    ]
    if rated and asked.by is not Dimension.MONTH:
        best = max(rated, key=lambda line: line.now.average or 0)
        note = f"{best.now.paid_spots:,} paid spots"
        figures.append(Figure(f"Dearest: {best.name}", round(best.now.average or 0), note))
    return tuple(figures)


def _controls(asked: PriceFilters, closed: Sequence[int], months: Sequence[int]) -> tuple[Control, ...]:
    offered = tuple((str(month), label(month)) for month in sorted(closed, reverse=True))
    first, last = (str(months[0]), str(months[-1])) if months else ("", "")
    return (
        Control("By", "by", tuple((each.value, TITLES[each]) for each in Dimension), asked.by.value),
        Control("From", "first", offered, first),
        Control("To", "last", offered, last),
        *kind_controls(asked),
    )


def kind_controls(asked: PriceFilters) -> tuple[Control, ...]:
    """Which kinds of spot: day part, day type, tenure."""

    def options(known: Mapping[int, str]) -> tuple[tuple[str, str], ...]:
        return (("", "All"), *((str(code), words) for code, words in known.items()))

    return (
        Control("Day part", "day_part", options(DAY_PARTS), _code(asked.day_part)),
        Control("Day type", "day_type", options(DAY_TYPES), _code(asked.day_type)),
        Control("Tenure", "tenure", (("", "All"), ("new", "New"), ("returning", "Returning")), asked.tenure or ""),
    )


def _code(chosen: int | None) -> str:
    return "" if chosen is None else str(chosen)


def _ends(asked: PriceFilters, months: Sequence[int]) -> tuple[int, int]:
    return asked.first or add_months(months[-1], -11), asked.last or months[-1]


def _count(asked: PriceFilters, lines: Sequence[Line]) -> str:
    with_spots = sum(1 for line in lines if line.now.spots)
    return f"{with_spots:,} {MANY[asked.by]}"
