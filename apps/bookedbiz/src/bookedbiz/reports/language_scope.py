"""Languages of the station's own spots, by market: how much of all revenue that is, what is left out. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bookedbiz.reports.by_codes import OWN, TYPES, OfKind, OfLanguage
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, share

_BLANK = "(blank)"
_COLOURS = 8  # languages with a colour of their own; the others share the last one


@dataclass(frozen=True)
class Bar:
    """One market's languages as parts of a whole: name, colour, share, where it begins."""

    name: str
    cents: int
    parts: tuple[tuple[str, int, float, float], ...]


@dataclass(frozen=True)
class LanguageReport:
    """The page and its exports."""

    covered: int
    whole: int
    left_out: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int, float | None, int], ...]  # name, cents, share, colour: what the page draws
    bars: tuple[Bar, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]

    @property
    def part(self) -> float | None:
        """How much of all revenue the languages are told of."""
        return share(self.covered, self.whole)


def language_report(kinds: Sequence[OfKind], lines: Sequence[OfLanguage], filters: Filters) -> LanguageReport:
    """The report; `lines` are what of `kinds` is in its scope."""
    covered, whole = _cents(lines), sum(kind.cents for kind in kinds)
    languages, markets = _names(lines, lambda one: one.language), _names(lines, lambda one: one.market)
    colours = {name: min(number, _COLOURS - 1) for number, name in enumerate(languages)}
    money = _matrix("languages by market", lines, languages, markets, filters)
    return LanguageReport(
        covered=covered,
        whole=whole,
        left_out=_left_out(kinds),
        languages=tuple(
            (name, cents, share(cents, covered), colours[name])
            for name, cents in ((name, _cents(_of(lines, language=name))) for name in languages)
        ),
        bars=tuple(_bar(market, _of(lines, market=market), languages, colours) for market in markets),
        tables=(
            _scope(kinds, lines),
            _languages(lines, languages, filters),
            _markets(lines, languages, markets, filters),
            money,
            _shares("share of the language, by market", lines, (languages, markets), by_language=True),
            _shares("share of the market, by language", lines, (languages, markets), by_language=False),
            _codes(lines),
        ),
        figures=_figures(lines, covered, whole, languages),
    )


def _cents(some: Sequence[OfLanguage]) -> int:
    return sum(one.cents for one in some)


def _of(lines: Sequence[OfLanguage], *, language: str | None = None, market: str | None = None) -> list[OfLanguage]:
    return [one for one in lines if language in (None, one.language) and market in (None, one.market)]


def _names(lines: Sequence[OfLanguage], name: Callable[[OfLanguage], str]) -> list[str]:
    sums: dict[str, int] = {}
    for one in lines:
        sums[name(one)] = sums.get(name(one), 0) + one.cents
    return sorted(sums, key=lambda each: (-sums[each], each))


def _in_scope(kind: OfKind) -> bool:
    return kind.revenue_type == OWN and kind.spot_type in TYPES


def _left_out(kinds: Sequence[OfKind]) -> tuple[tuple[str, int], ...]:
    """Other revenue types as they are, and of the station's own sales the other types."""
    sums: dict[str, int] = {}
    for kind in kinds:
        if not _in_scope(kind):
            own = f"{OWN}, {kind.spot_type or _BLANK}"
            name = own if kind.revenue_type == OWN else kind.revenue_type or _BLANK
            sums[name] = sums.get(name, 0) + kind.cents
    return tuple(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))


def _scope(kinds: Sequence[OfKind], lines: Sequence[OfLanguage]) -> Table:
    whole, covered = sum(kind.cents for kind in kinds), _cents(lines)
    spots: dict[str, int] = {}
    for kind in kinds:
        if not _in_scope(kind):
            own = f"{OWN}, {kind.spot_type or _BLANK}"
            name = own if kind.revenue_type == OWN else kind.revenue_type or _BLANK
            spots[name] = spots.get(name, 0) + kind.spots
    rows = [
        Row((f"{OWN}, COM and BNS", "told below", covered, share(covered, whole), sum(one.rows for one in lines))),
        *(Row((name, "left out", cents, share(cents, whole), spots[name])) for name, cents in _left_out(kinds)),
        Row(("All revenue", "", whole, share(whole, whole), sum(kind.spots for kind in kinds)), role=Role.TOTAL),
    ]
    columns = (
        Column("Rows of", Kind.NAME),
        Column("", Kind.WORD),
        Column("Booked", Kind.MONEY),
        Column("Share", Kind.SHARE),
        Column("Rows", Kind.COUNT),
    )
    return Table("what the languages are told of", columns, tuple(rows))


def _languages(lines: Sequence[OfLanguage], languages: Sequence[str], filters: Filters) -> Table:
    whole = _cents(lines)
    rows = [
        Row(
            (name, *_row_cells(_of(lines, language=name), whole)),
            opens=filters.having(language=name, revenue_type=OWN, sort="total"),
        )
        for name in languages
    ]
    rows.append(Row(("All languages", *_row_cells(lines, whole)), role=Role.TOTAL))
    columns = (
        Column("Language", Kind.NAME, hint="As assigned"),
        Column("Booked", Kind.MONEY),
        Column("Share", Kind.SHARE),
        Column("Paid rows", Kind.COUNT, hint="Of the type COM"),
        Column("Bonus rows", Kind.COUNT, hint="Of the type BNS"),
        Column("Per row", Kind.RATE, hint="Booked, over paid and bonus rows together"),
    )
    return Table("languages", columns, tuple(rows))


def _row_cells(some: Sequence[OfLanguage], whole: int) -> tuple[Cell, ...]:
    cents, rows = _cents(some), sum(one.rows for one in some)
    paid, bonus = sum(one.paid_rows for one in some), sum(one.bonus_rows for one in some)
    return cents, share(cents, whole), paid, bonus, cents / rows if rows else None


def _markets(lines: Sequence[OfLanguage], languages: Sequence[str], markets: Sequence[str], filters: Filters) -> Table:
    whole = _cents(lines)
    rows = []
    for market in markets:
        some = _of(lines, market=market)
        sums = {name: _cents(_of(some, language=name)) for name in languages}
        best = max(sums, key=lambda name: sums[name])
        cents, spoken = _cents(some), sum(amount != 0 for amount in sums.values())
        cells = (market, cents, share(cents, whole), best, share(sums[best], cents), spoken)
        rows.append(Row(cells, opens=filters.having(market=market, revenue_type=OWN, sort="total")))
    rows.append(Row(("All markets", whole, share(whole, whole), "", None, len(languages)), role=Role.TOTAL))
    columns = (
        Column("Market", Kind.NAME),
        Column("Booked", Kind.MONEY),
        Column("Share", Kind.SHARE),
        Column("Strongest language", Kind.WORD),
        Column("Its share", Kind.SHARE),
        Column("Languages", Kind.COUNT, hint="With money in this market"),
    )
    return Table("markets and their strongest language", columns, tuple(rows))


def _matrix(
    name: str, lines: Sequence[OfLanguage], languages: Sequence[str], markets: Sequence[str], filters: Filters
) -> Table:
    rows = []
    for language in languages:
        some = _of(lines, language=language)
        cells = [_cents(_of(some, market=market)) for market in markets]
        opens = filters.having(language=language, revenue_type=OWN, sort="total")
        rows.append(Row((language, *cells, _cents(some)), opens=opens))
    sums = [_cents(_of(lines, market=market)) for market in markets]
    rows.append(Row(("All languages", *sums, _cents(lines)), role=Role.TOTAL))
    columns = (Column("Language", Kind.NAME), *(Column(market, Kind.MONEY) for market in markets))
    return Table(name, (*columns, Column("Total", Kind.MONEY)), tuple(rows))


def _shares(
    name: str, lines: Sequence[OfLanguage], names: tuple[Sequence[str], Sequence[str]], *, by_language: bool
) -> Table:
    """Each field as a part of its row's sum, or of its column's."""
    languages, markets = names
    of_market = {market: _cents(_of(lines, market=market)) for market in markets}
    whole = _cents(lines)
    rows = []
    for language in languages:
        some = _of(lines, language=language)
        of_row = _cents(some)
        cells = [
            share(_cents(_of(some, market=market)), of_row if by_language else of_market[market]) for market in markets
        ]
        rows.append(Row((language, *cells, share(of_row, of_row if by_language else whole))))
    last = [share(of_market[market], whole if by_language else of_market[market]) for market in markets]
    rows.append(Row(("All languages", *last, share(whole, whole)), role=Role.TOTAL))
    columns = (Column("Language", Kind.NAME), *(Column(market, Kind.SHARE) for market in markets))
    return Table(name, (*columns, Column("All", Kind.SHARE)), tuple(rows))


def _codes(lines: Sequence[OfLanguage]) -> Table:
    """Which codes of the cells are behind each group of languages, and how their language was found."""
    parts: dict[tuple[str, str, str, str], list[OfLanguage]] = {}
    for one in lines:
        parts.setdefault((one.group, one.language, one.raw_code or _BLANK, one.found), []).append(one)
    groups = {name: number for number, name in enumerate(_names(lines, lambda one: one.group))}
    rows = []
    for key, some in sorted(parts.items(), key=lambda part: (groups[part[0][0]], -_cents(part[1]), part[0])):
        rows.append(Row((*key, sum(one.rows for one in some), _cents(some))))
    rows.append(Row(("All codes", "", "", "", sum(one.rows for one in lines), _cents(lines)), role=Role.TOTAL))
    columns = (
        Column("Group", Kind.NAME),
        Column("Language", Kind.WORD),
        Column("Code of the cell", Kind.WORD),
        Column("Found", Kind.WORD),
        Column("Rows", Kind.COUNT),
        Column("Booked", Kind.MONEY),
    )
    return Table("codes behind the languages", columns, tuple(rows))


def _bar(market: str, some: Sequence[OfLanguage], languages: Sequence[str], colours: dict[str, int]) -> Bar:
    whole = sum(max(_cents(_of(some, language=name)), 0) for name in languages)
    parts, begins = [], 0.0
    for name in languages:
        part = share(max(_cents(_of(some, language=name)), 0), whole)
        if part:
            parts.append((name, colours[name], part, begins))
            begins += part
    return Bar(market, _cents(some), tuple(parts))


def _figures(lines: Sequence[OfLanguage], covered: int, whole: int, languages: Sequence[str]) -> tuple[Figure, ...]:
    part = share(covered, whole)
    paid, bonus = sum(one.paid_rows for one in lines), sum(one.bonus_rows for one in lines)
    figures = [
        Figure("Told of", covered, "" if part is None else f"{part:.1%} of all revenue"),
        Figure("Left out", whole - covered, "other revenue types, and other types of rows"),
        Figure("Paid rows", paid, f"and {bonus:,} bonus rows", is_count=True),
    ]
    if languages:
        cents = _cents(_of(lines, language=languages[0]))
        of_all = share(cents, covered)
        figures.append(Figure(f"Strongest: {languages[0]}", cents, "" if of_all is None else f"{of_all:.1%}"))
    return tuple(figures)
