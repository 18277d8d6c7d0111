"""What does a spot cost by its length, where is time dearest, and where is little kept of it? Shaping only. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookedbiz.pricing.asked import BY_LENGTH, LENGTHS, TITLES, WORDS, Control, Dimension, PriceFilters
from bookedbiz.pricing.prices import Price, add_up
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, share

FEWEST_OF_PAIR = 50  # paid spots
FEWEST_OF_LOW = 10
LOW_MARGIN = 0.05
PAIRS = 10  # at each end
NAMES = 40
LOW = 30

Pairs = Mapping[tuple[str, str], Price]


@dataclass(frozen=True)
class LengthReport:
    """Everything the page and its exports need."""

    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    controls: tuple[Control, ...]


def length_report(asked: PriceFilters, by_length: Pairs, by_market: Pairs) -> LengthReport:
    """The report on prices by (name, length), the name being of `asked.by`, and by (language, market)."""
    lengths = [words for words in LENGTHS.values() if any(pair[1] == words for pair in by_length)]
    buckets = {words: add_up(price for pair, price in by_length.items() if pair[1] == words) for words in lengths}
    return LengthReport(
        tables=(
            _ladder(buckets),
            *_mix(asked, by_length, lengths),
            *_pairs(by_market),
            _low(asked, by_length),
        ),
        figures=_figures(buckets),
        controls=(Control("By", "by", tuple((each.value, TITLES[each]) for each in BY_LENGTH), asked.by.value),),
    )


def _ladder(buckets: Mapping[str, Price]) -> Table:
    columns = (
        Column("Length", Kind.NAME),
        Column("Spots", Kind.COUNT, hint="All airings, unpaid ones too"),
        Column("Paid", Kind.COUNT, hint="Airings with a gross rate above nothing; the averages are of these"),
        Column("Gross", Kind.MONEY, hint="Everything booked, credits taken off"),
        Column("Share", Kind.SHARE),
        Column("Average rate", Kind.RATE),
        Column("Average net", Kind.RATE),
        Column("A second", Kind.RATE, hint="Gross of a second of paid time"),
        Column("Kept", Kind.SHARE, hint="Net as a share of gross, of paid spots"),
        Column("Lowest", Kind.RATE),
        Column("Highest", Kind.RATE),
        Column("Against :30", Kind.SHARE, hint="Average rate as a part of a :30's: the rate ladder"),
    )
    whole = add_up(buckets.values())
    thirty = buckets[":30"].average if ":30" in buckets else None
    rows = [Row((words, *_ladder_cells(price, whole, thirty))) for words, price in buckets.items()]
    rows.append(Row(("All lengths", *_ladder_cells(whole, whole, thirty)), role=Role.TOTAL))
    return Table("rates by length", columns, tuple(rows))


def _ladder_cells(price: Price, whole: Price, thirty: float | None) -> tuple[Cell, ...]:
    against = price.average / thirty if price.average is not None and thirty else None
    return (
        price.spots,
        price.paid_spots,
        price.gross_cents,
        share(price.gross_cents, whole.gross_cents),
        price.average,
        price.average_net,
        price.per_second,
        price.margin,
        price.least_paid_cents,
        price.most_paid_cents,
        against,
    )


def _mix(asked: PriceFilters, by_length: Pairs, lengths: Sequence[str]) -> tuple[Table, Table]:
    sums = {name: add_up(each for pair, each in by_length.items() if pair[0] == name) for name, _ in by_length}
    names = sorted(sums, key=lambda name: (-sums[name].gross_cents, name.casefold()))
    shown = [name for name in names if sums[name].paid_spots][:NAMES]
    parts, rates = [], []
    for name in shown:
        prices = [by_length.get((name, words)) for words in lengths]
        spots = sums[name].paid_spots
        opens = asked.having(**{str(asked.by): f'"{name}"' if asked.by is Dimension.CUSTOMER else name})
        parts.append(
            Row((name, spots, *(share(each.paid_spots, spots) if each else None for each in prices)), opens=opens)
        )
        rates.append(Row((name, sums[name].average, *(each.average if each else None for each in prices)), opens=opens))
    whole = add_up(sums.values())
    buckets = [add_up(each for pair, each in by_length.items() if pair[1] == words) for words in lengths]
    count = f"All {len(names):,}"
    parts.append(
        Row((count, whole.paid_spots, *(share(each.paid_spots, whole.paid_spots) for each in buckets)), Role.TOTAL)
    )
    rates.append(Row((count, whole.average, *(each.average for each in buckets)), Role.TOTAL))
    head = Column(TITLES[asked.by], Kind.NAME)
    return (
        Table(
            f"mix of paid spots by {WORDS[asked.by]}",
            (head, Column("Paid spots", Kind.COUNT), *(Column(words, Kind.SHARE) for words in lengths)),
            tuple(parts),
        ),
        Table(
            f"average rate by {WORDS[asked.by]} and length",
            (head, Column("All", Kind.RATE), *(Column(words, Kind.RATE) for words in lengths)),
            tuple(rates),
        ),
    )


def _pairs(by_market: Pairs) -> tuple[Table, ...]:
    """Languages in markets by what a second costs there: the best, and below them the worst."""
    columns = (
        Column("Language and market", Kind.NAME),
        Column("Paid spots", Kind.COUNT),
        Column("Average rate", Kind.RATE),
        Column("A second", Kind.RATE),
        Column("Kept", Kind.SHARE),
    )
    rated = [(pair, price) for pair, price in by_market.items() if price.paid_spots >= FEWEST_OF_PAIR]
    rated.sort(key=lambda each: (-(each[1].per_second or 0), each[0]))
    rows = [
        Row((f"{language} in {market}", price.paid_spots, price.average, price.per_second, price.margin))
        for (language, market), price in rated
    ]
    if len(rows) <= 2 * PAIRS:
        return (Table("languages in markets, dearest second first", columns, tuple(rows)),)
    return (
        Table("dearest languages in markets", columns, tuple(rows[:PAIRS])),
        Table("cheapest languages in markets", columns, tuple(reversed(rows[-PAIRS:]))),
    )


def _low(asked: PriceFilters, by_length: Pairs) -> Table:
    columns = (
        Column(TITLES[asked.by], Kind.NAME),
        Column("Length", Kind.WORD),
        Column("Paid spots", Kind.COUNT),
        Column("Gross", Kind.MONEY, hint="Of paid spots"),
        Column("Net", Kind.MONEY, hint="Of paid spots"),
        Column("Kept", Kind.SHARE),
    )
    low = [
        (pair, price)
        for pair, price in by_length.items()
        if price.paid_spots >= FEWEST_OF_LOW and (price.margin or 0) < LOW_MARGIN
    ]
    low.sort(key=lambda each: (-each[1].paid_gross_cents, each[0]))
    rows = [
        Row((name, words, price.paid_spots, price.paid_gross_cents, price.paid_net_cents, price.margin))
        for (name, words), price in low[:LOW]
    ] or [Row(("None", "", None, None, None, None))]
    return Table(f"less than {LOW_MARGIN:.0%} kept", columns, tuple(rows))


def _figures(buckets: Mapping[str, Price]) -> tuple[Figure, ...]:
    whole = add_up(buckets.values())
    thirty = buckets.get(":30", Price())
    second = whole.per_second or 0
    return (
        Figure("Average rate of a paid spot", round(whole.average or 0), f"{(whole.average or 0) / 100:,.2f}"),
        Figure("Average :30", round(thirty.average or 0), f"{thirty.paid_spots:,} paid spots"),
        Figure("A second", round(second), f"{second / 100:,.2f} of paid time whose length is known"),
        Figure("Kept", round(1000 * (whole.margin or 0)), "net of paid spots, as a share of gross", is_share=True),
        Figure("Gross", whole.gross_cents, "all of it, credits taken off"),
    )
