"""Do rates rise, are they steady, what is kept of them, and on how few customers does it hang? Shaping only. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bookedbiz.months import label
from bookedbiz.pricing.asked import TITLES, WORDS, Control, Dimension, PriceFilters, Show
from bookedbiz.pricing.prices import ByMonth, Price, add_up
from bookedbiz.pricing.report import Chart, Line, comparison, comparison_columns, enough, year_before
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, share

KINDS = (Dimension.SECTOR, Dimension.LANGUAGE, Dimension.AE, Dimension.MARKET)
FEWEST_A_MONTH = 5  # paid spots
FEWEST_STEADY = 10
RANKED = 50
RECENT = 3  # months whose average is set against that of as many before them


@dataclass(frozen=True)
class TrendReport:
    """Everything the page and its exports need. `tabs` are its two questions; None is the chart of the second."""

    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    controls: tuple[Control, ...]
    tabs: tuple[tuple[str, Filters, bool], ...]
    words: str
    chart: Chart | None = None


def trend_report(asked: PriceFilters, found: Mapping[str, ByMonth], months: Sequence[int]) -> TrendReport:
    """The report on `found`, which must hold these months, and of the newest twelve the same a year before."""
    whole: ByMonth = {}
    for prices in found.values():
        for month, price in prices.items():
            whole[month] = whole[month] + price if month in whole else price
    names = sorted(found, key=lambda name: (-_sum(found[name], months).gross_cents, name.casefold()))
    names = [name for name in names if _sum(found[name], months).paid_spots >= FEWEST_A_MONTH]
    return TrendReport(
        tables=(
            _by_month(asked, found, names, months, Measured("average rate", Kind.RATE, _rate)),
            _by_month(asked, found, names, months, Measured("kept of the gross", Kind.SHARE, _kept)),
            _steadiness(asked, found, months),
            _years(asked, found, names, months),
        ),
        figures=_figures(whole, months),
        controls=_controls(asked),
        tabs=_tabs(asked),
        words=_words(months),
        chart=_chart(whole, months),
    )


def concentration_report(asked: PriceFilters, found: Mapping[str, Price], months: Sequence[int]) -> TrendReport:
    """On how few customers the gross of these months hangs."""
    ranked = sorted(found.items(), key=lambda each: (-each[1].gross_cents, each[0].casefold()))
    buyers = [(name, price.gross_cents) for name, price in ranked if price.gross_cents > 0]
    whole = sum(cents for _, cents in buyers)
    rows: list[Row] = []
    running = 0
    for rank, (name, cents) in enumerate(buyers[:RANKED], start=1):
        running += cents
        opens = asked.having(customer=f'"{name}"', show=Show.RATES)
        rows.append(Row((name, rank, cents, share(cents, whole), share(running, whole)), opens=opens))
    others = len(found) - len(rows)
    gross = sum(price.gross_cents for price in found.values())
    if others:
        rest = gross - running
        rows.append(Row((f"{others:,} others", None, rest, share(rest, whole), None), role=Role.SUBTOTAL))
    rows.append(Row((f"{len(found):,} customers", None, gross, None, None), role=Role.TOTAL))
    columns = (
        Column("Customer", Kind.NAME),
        Column("Rank", Kind.COUNT),
        Column("Gross", Kind.MONEY),
        Column("Share", Kind.SHARE, hint="Of what all customers with more than credits brought"),
        Column("Running share", Kind.SHARE, hint="Of this customer and all above"),
    )
    return TrendReport(
        tables=(Table("customers by gross", columns, tuple(rows)),),
        figures=_concentration(buyers, whole),
        controls=_controls(asked),
        tabs=_tabs(asked),
        words=_words(months),
    )


def herfindahl(cents: Sequence[int]) -> float:
    """The sum of the squared shares: 1 is one customer alone, 0 countless equal ones."""
    whole = sum(cents)
    return sum((each / whole) ** 2 for each in cents) if whole > 0 else 0.0


@dataclass(frozen=True)
class Measured:
    """What a table by month shows of a price."""

    name: str
    kind: Kind
    of: Callable[[Price], float | None]


def _rate(price: Price) -> float | None:
    return enough(price, FEWEST_A_MONTH)


def _kept(price: Price) -> float | None:
    return price.margin if price.paid_spots >= FEWEST_A_MONTH else None


def _sum(prices: ByMonth, months: Sequence[int]) -> Price:
    return add_up(prices[month] for month in months if month in prices)


def _by_month(
    asked: PriceFilters, found: Mapping[str, ByMonth], names: Sequence[str], months: Sequence[int], shown: Measured
) -> Table:
    columns = (
        Column(TITLES[asked.by], Kind.NAME),
        *(Column(label(month), shown.kind) for month in months),
        Column("All", shown.kind, hint="Of all spots of these months: no average of averages"),
        Column("Momentum", Kind.PERCENT, hint=f"The newest {RECENT} months against the {RECENT} before them"),
    )
    rows = [
        Row(
            (name, *_cells(found[name], months, shown)),
            opens=asked.having(**{str(asked.by): name}),
        )
        for name in names
    ]
    whole: ByMonth = {}
    for prices in found.values():
        for month in months:
            if month in prices:
                whole[month] = whole[month] + prices[month] if month in whole else prices[month]
    rows.append(Row(("All", *_cells(whole, months, shown)), role=Role.TOTAL))
    return Table(f"{shown.name} by {WORDS[asked.by]} and month", columns, tuple(rows))


def _cells(prices: ByMonth, months: Sequence[int], shown: Measured) -> tuple[Cell, ...]:
    each = (shown.of(prices[month]) if month in prices else None for month in months)
    return *each, shown.of(_sum(prices, months)), _momentum(prices, months, shown)


def _momentum(prices: ByMonth, months: Sequence[int], shown: Measured) -> float | None:
    if len(months) < 2 * RECENT:
        return None
    now = shown.of(_sum(prices, months[-RECENT:]))
    before = shown.of(_sum(prices, months[-2 * RECENT : -RECENT]))
    return (now - before) / before if now is not None and before else None


def _steadiness(asked: PriceFilters, found: Mapping[str, ByMonth], months: Sequence[int]) -> Table:
    columns = (
        Column(TITLES[asked.by], Kind.NAME),
        Column("Paid spots", Kind.COUNT),
        Column("Average rate", Kind.RATE),
        Column("Deviation", Kind.RATE, hint="Standard deviation of the rates of all paid spots"),
        Column("Variation", Kind.SHARE, hint="Deviation as a part of the average: lower is steadier"),
        Column("Lowest", Kind.RATE),
        Column("Highest", Kind.RATE),
    )
    sums = [(name, _sum(prices, months)) for name, prices in found.items()]
    steady = sorted(
        (each for each in sums if each[1].paid_spots >= FEWEST_STEADY),
        key=lambda each: (each[1].variation or 0, each[0].casefold()),
    )
    rows = [Row((name, *_spread(price)), opens=asked.having(**{str(asked.by): name})) for name, price in steady]
    rows.append(Row(("All", *_spread(add_up(price for _, price in sums))), role=Role.TOTAL))
    return Table(f"steadiness by {WORDS[asked.by]}", columns, tuple(rows))


def _spread(price: Price) -> tuple[Cell, ...]:
    return (
        price.paid_spots,
        price.average,
        price.deviation,
        price.variation,
        price.least_paid_cents,
        price.most_paid_cents,
    )


def _years(asked: PriceFilters, found: Mapping[str, ByMonth], names: Sequence[str], months: Sequence[int]) -> Table:
    newest = months[-12:]
    lines = [Line(name, _sum(found[name], newest), _sum(found[name], year_before(newest))) for name in found]
    whole = Line("All", add_up(line.now for line in lines), add_up(line.before for line in lines))
    shown = [line for line in lines if line.name in set(names)]
    shown.sort(key=lambda line: names.index(line.name))
    gross = whole.now.gross_cents
    rows = [Row(comparison(line, gross), opens=asked.having(**{str(asked.by): line.name})) for line in shown]
    few = [line for line in lines if line.name not in set(names)]
    if few:
        rest = Line(f"{len(few)} others", add_up(each.now for each in few), add_up(each.before for each in few))
        rows.append(Row(comparison(rest, gross), role=Role.SUBTOTAL))
    rows.append(Row(comparison(whole, gross), role=Role.TOTAL))
    return Table("a year against the year before", comparison_columns(TITLES[asked.by]), tuple(rows))


def _figures(whole: ByMonth, months: Sequence[int]) -> tuple[Figure, ...]:
    price = _sum(whole, months)
    momentum = _momentum(whole, months, Measured("", Kind.RATE, _rate))
    note = f"{(price.average or 0) / 100:,.2f}; {RECENT} newest months against the {RECENT} before"
    return (
        Figure("Average rate of a paid spot", round(price.average or 0), note, momentum),
        Figure("Kept", round(1000 * (price.margin or 0)), "net of paid spots, as a share of gross", is_share=True),
        Figure("Variation", round(1000 * (price.variation or 0)), "of rates: lower is steadier", is_share=True),
        Figure("Paid spots", price.paid_spots, "credits and unpaid spots apart", is_count=True),
    )


def _concentration(buyers: Sequence[tuple[str, int]], whole: int) -> tuple[Figure, ...]:
    index = herfindahl([cents for _, cents in buyers])
    tops = [
        Figure(f"Largest {count}", round(1000 * (share(sum(cents for _, cents in buyers[:count]), whole) or 0)),
               "of the gross", is_share=True)
        for count in (10, 20, 50)
    ]  # fmt: skip
    equal = f"as of {1 / index:,.0f} equal customers" if index else ""
    return (
        Figure("Concentration", round(10_000 * index), f"HHI, 0 to 10,000; {equal}", is_count=True),
        *tops,
        Figure("Customers", len(buyers), "with more than credits", is_count=True),
    )


def _controls(asked: PriceFilters) -> tuple[Control, ...]:
    kinds = tuple((each.value, TITLES[each]) for each in KINDS)
    back = Control("Months", "back", (("", "Newest 12"), ("24", "Newest 24")), "" if asked.back == 12 else "24")
    if asked.show is Show.CONCENTRATION:
        return Control("Show", "show", ((Show.CONCENTRATION.value, "Concentration"),), asked.show.value), back
    return Control("By", "by", kinds, asked.by.value), back


def _tabs(asked: PriceFilters) -> tuple[tuple[str, Filters, bool], ...]:
    words = {Show.RATES: "Rates, margin, steadiness", Show.CONCENTRATION: "Concentration"}
    return tuple((words[show], asked.having(show=show, customer=None), asked.show is show) for show in Show)


def _words(months: Sequence[int]) -> str:
    return f"{label(months[0])} to {label(months[-1])}" if months else "no month is closed"


def _chart(whole: ByMonth, months: Sequence[int]) -> Chart:
    def dollars(month: int) -> float | None:
        average = whole[month].average if month in whole else None
        return None if average is None else round(average / 100, 2)

    newest = months[-12:]
    return Chart(
        tuple(label(month)[:3] for month in newest),
        (tuple(dollars(month) for month in newest), tuple(dollars(month) for month in year_before(newest))),
        (_words(newest), "a year before"),
    )
