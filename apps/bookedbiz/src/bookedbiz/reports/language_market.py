"""Which language brings how much in which market? Shaping only. Pure."""

from collections.abc import Mapping, Sequence

from bookedbiz.reports.booked import LanguageInMarket
from bookedbiz.reports.table import Cell, Column, Kind, Role, Row, Table, share

Pairs = Mapping[tuple[str, str], LanguageInMarket]


def languages_by_market(pairs: Pairs) -> tuple[Table, ...]:
    """Languages down and markets across in money; and each market's strongest language."""
    languages = _largest_first(pairs, 0)
    markets = _largest_first(pairs, 1)
    return _matrix(pairs, languages, markets), _rates(pairs, languages), _strongest(pairs, languages, markets)


def _largest_first(pairs: Pairs, position: int) -> list[str]:
    sums: dict[str, int] = {}
    for pair, each in pairs.items():
        sums[pair[position]] = sums.get(pair[position], 0) + each.cents
    return sorted(sums, key=lambda name: (-sums[name], name))


def _matrix(pairs: Pairs, languages: Sequence[str], markets: Sequence[str]) -> Table:
    def cents(language: str, market: str) -> int:
        found = pairs.get((language, market))
        return 0 if found is None else found.cents

    whole = sum(each.cents for each in pairs.values())
    rows = []
    for language in languages:
        cells = [cents(language, market) for market in markets]
        rows.append(Row((language, *cells, sum(cells), share(sum(cells), whole))))
    sums = [sum(cents(language, market) for language in languages) for market in markets]
    parts: list[Cell] = [share(each, whole) for each in sums]
    rows.append(Row(("All languages", *sums, whole, share(whole, whole)), role=Role.TOTAL))
    columns = (
        Column("Language", Kind.NAME),
        *(
            Column(market, Kind.MONEY, hint=f"{part:.1%} of all" if isinstance(part, float) else "")
            for market, part in zip(markets, parts, strict=True)
        ),
        Column("Total", Kind.MONEY),
        Column("Share", Kind.SHARE),
    )
    return Table("languages by market", columns, tuple(rows))


def _rates(pairs: Pairs, languages: Sequence[str]) -> Table:
    columns = (
        Column("Language", Kind.NAME),
        Column("Booked", Kind.MONEY),
        Column("Spots", Kind.COUNT, hint="All airings, unpaid ones too"),
        Column("Paid", Kind.COUNT, hint="Airings with a gross rate above nothing"),
        Column("Unpaid", Kind.COUNT, hint="Bonus airings and credits"),
        Column("Average rate", Kind.RATE, hint="Gross of a paid spot"),
    )
    rows = [
        Row((language, *_rate_cells([each for pair, each in pairs.items() if pair[0] == language])))
        for language in languages
    ]
    rows.append(Row(("All languages", *_rate_cells(list(pairs.values()))), role=Role.TOTAL))
    return Table("rates by language", columns, tuple(rows))


def _rate_cells(some: Sequence[LanguageInMarket]) -> tuple[Cell, ...]:
    spots, paid = sum(each.spots for each in some), sum(each.paid_spots for each in some)
    gross = sum(each.paid_gross_cents for each in some)
    return sum(each.cents for each in some), spots, paid, spots - paid, gross / paid if paid else None


def _strongest(pairs: Pairs, languages: Sequence[str], markets: Sequence[str]) -> Table:
    columns = (
        Column("Market", Kind.NAME),
        Column("Booked", Kind.MONEY),
        Column("Strongest language", Kind.WORD),
        Column("Its share", Kind.SHARE),
        Column("Languages", Kind.COUNT, hint="With money in this market"),
    )
    rows = []
    for market in markets:
        found = {language: pairs[language, market].cents for language in languages if (language, market) in pairs}
        whole = sum(found.values())
        best = max(found, key=lambda language: found[language])
        count = sum(cents != 0 for cents in found.values())
        rows.append(Row((market, whole, best, share(found[best], whole), count)))
    return Table("markets and their languages", columns, tuple(rows))
