"""Everything on one customer: years, rates, contracts, languages, markets, AEs, and what the imports changed."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bookedbiz.months import label
from bookedbiz.reports.booked import ByMonth, Rates
from bookedbiz.reports.by_month import YEARS_BACK, Chart
from bookedbiz.reports.calendar import Calendar, in_year, months_of, range_words, short
from bookedbiz.reports.filters import BLANK, Filters, Measure
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, share, total
from station_kit import statements

_SQL = statements.load("bookedbiz.reports")

CHANGES = 12
LATEST_BATCHES = 8


@dataclass(frozen=True)
class Identity:
    """Who the customer is."""

    name: str
    advertiser: str
    agency: str | None
    via_agency: str | None
    sector: str
    active: bool
    bill_codes: tuple[str, ...]
    first_air_date: str | None
    last_air_date: str | None
    aes: tuple[str, ...]


@dataclass(frozen=True)
class Changed:
    """What one import changed in one contract and month."""

    finished_at: str
    kind: str
    month: int
    contract: str | None
    spots: int
    gross_cents: int


@dataclass(frozen=True)
class CustomerPage:
    """Everything the page and its exports need."""

    identity: Identity
    figures: tuple[Figure, ...]
    chart: Chart
    years: Table
    contracts: Table
    shares: tuple[Table, ...]
    changes: tuple[Changed, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.years, self.contracts, *self.shares


def customer_page(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> CustomerPage | None:
    """The page on `filters.customer_id`; None when there is no such customer, or no row of theirs may be seen."""
    asked = {"customer_id": filters.customer_id, "only_ae_id": filters.only_ae_id}
    known = db.execute(_SQL["customer_identity"], asked).fetchone()
    rows = db.execute(_SQL["customer_booked"], asked).fetchall()
    if known is None or (filters.only_ae_id is not None and not rows):
        return None
    column = "gross_cents" if filters.measure is Measure.GROSS else "net_cents"
    amounts: ByMonth = {}
    for row in rows:
        amounts[row["month"]] = amounts.get(row["month"], 0) + row[column]
    this_year = [row for row in rows if row["month"] // 100 == filters.year]
    contracts = db.execute(_SQL["customer_contracts"], asked).fetchall()
    return CustomerPage(
        identity=_identity(db, known, rows, asked),
        figures=_figures(filters, amounts, rows, calendar),
        chart=_chart(filters.year, amounts, calendar),
        years=_years(filters, rows, amounts, calendar),
        contracts=_contracts(contracts),
        shares=tuple(
            _shares(name, key, this_year or rows, column, filters.year if this_year else None)
            for name, key in (
                ("Language", "language"),
                ("Market", "market"),
                ("AE", "ae"),
                ("Revenue type", "revenue_type"),
            )
        ),
        changes=_changes(db, asked),
    )


def _identity(
    db: sqlite3.Connection, known: sqlite3.Row, rows: Sequence[sqlite3.Row], asked: dict[str, int | None]
) -> Identity:
    codes = tuple(row["raw"] for row in db.execute(_SQL["customer_bill_codes"], asked))
    latest: dict[str, int] = {}
    for row in rows:
        latest[row["ae"]] = max(latest.get(row["ae"], 0), row["month"])
    return Identity(
        name=known["name"],
        advertiser=known["advertiser"],
        agency=known["agency"],
        via_agency=known["via_agency"],
        sector=known["sector"],
        active=bool(known["active"]),
        bill_codes=codes,
        first_air_date=min((row["first_air_date"] for row in rows if row["first_air_date"]), default=None),
        last_air_date=max((row["last_air_date"] for row in rows if row["last_air_date"]), default=None),
        aes=tuple(sorted(latest, key=lambda name: (-latest[name], name))),
    )


def _figures(filters: Filters, amounts: ByMonth, rows: Sequence[sqlite3.Row], calendar: Calendar) -> tuple[Figure, ...]:
    year, compared = filters.year, calendar.compared(filters.year, filters.span)
    now, before = total(amounts, compared), total(amounts, in_year(compared, year - 1))
    rates = _rates([row for row in rows if row["month"] // 100 == year])
    rates_before = _rates([row for row in rows if row["month"] // 100 == year - 1])
    figures = [Figure(f"Booked {year}", total(amounts, months_of(year)), "with what is booked ahead")]
    if compared:
        note = f"against the same months of {year - 1}"
        figures.append(Figure(f"{range_words(compared)} {year}", now, note, change_ratio(now, before)))
    rate, rate_before = rates.average_cents, rates_before.average_cents
    if rate is not None:
        change = (rate - rate_before) / rate_before if rate_before else None
        note = f"{rates.paid_spots:,} paid spots of {rates.spots:,} in {year}"
        figures.append(Figure("Average rate", round(rate), note, change))
    whole = _rates(rows)
    cents = sum(amounts.values())
    figures.append(Figure("Ever", cents, f"{whole.spots:,} spots since {label(min(amounts))}" if amounts else ""))
    return tuple(figures)


def _rates(rows: Sequence[sqlite3.Row]) -> Rates:
    def summed(name: str) -> int:
        return sum(row[name] for row in rows)

    return Rates(
        customers=1,
        spots=summed("spots"),
        paid_spots=summed("paid_spots"),
        paid_gross_cents=summed("paid_gross_cents"),
        gross_cents=summed("gross_cents"),
        net_cents=summed("net_cents"),
    )


def _chart(year: int, amounts: ByMonth, calendar: Calendar) -> Chart:
    months = months_of(year)
    oldest = year - YEARS_BACK
    years = [year, year - 1, *([oldest] if any(month // 100 == oldest for month in amounts) else [])]
    return Chart(
        months=tuple(short(month) for month in months),
        years=tuple(years),
        dollars=tuple(tuple(round(amounts.get(month, 0) / 100) for month in in_year(months, each)) for each in years),
        complete=tuple(calendar.is_complete(month) for month in months),
    )


def _years(filters: Filters, rows: Sequence[sqlite3.Row], amounts: ByMonth, calendar: Calendar) -> Table:
    columns = (
        Column("Year", Kind.NAME),
        *(Column(short(month), Kind.MONEY) for month in months_of(2026)),
        Column("Total", Kind.MONEY),
        Column("Spots", Kind.COUNT),
        Column("Average rate", Kind.RATE, hint="Gross of a paid spot"),
        Column("Kept", Kind.SHARE, hint="Net as a share of gross"),
    )
    lines = []
    for year in sorted({month // 100 for month in amounts}, reverse=True):
        rates = _rates([row for row in rows if row["month"] // 100 == year])
        months = months_of(year)
        cells = (*(amounts.get(month, 0) for month in months), total(amounts, months))
        lines.append(
            Row(
                (str(year), *cells, rates.spots, rates.average_cents, rates.kept),
                opens=filters.having(year=year),
                fair=all(calendar.is_complete(month) for month in months),
            )
        )
    whole = _rates(rows)
    sums = [sum(int(line.cells[position] or 0) for line in lines) for position in range(1, 14)]
    cells_of_all: tuple[Cell, ...] = ("All years", *sums, whole.spots, whole.average_cents, whole.kept)
    return Table("years", columns, (*lines, Row(cells_of_all, role=Role.TOTAL)))


def _contracts(contracts: Sequence[sqlite3.Row]) -> Table:
    columns = (
        Column("Contract", Kind.NAME),
        Column("AE", Kind.WORD),
        Column("First", Kind.WORD),
        Column("Last", Kind.WORD),
        Column("Spots", Kind.COUNT),
        Column("Average rate", Kind.RATE, hint="Gross of a paid spot"),
        Column("Gross", Kind.MONEY),
        Column("Net", Kind.MONEY),
        Column("Agency %", Kind.SHARE, hint="What of the gross is not net"),
        Column("Broker %", Kind.SHARE, hint="Broker fees as a share of the gross"),
    )
    rows = [
        Row(
            (
                row["contract"] or "(none)",
                row["aes"].replace(",", ", "),
                label(row["first_month"]),
                label(row["last_month"]),
                *_contract_cells(row.__getitem__, rated=row["contract"] is not None),
            )
        )
        for row in contracts
    ]
    names = ("spots", "paid_spots", "paid_gross_cents", "gross_cents", "net_cents", "broker_cents")
    sums = {name: sum(row[name] for row in contracts) for name in names}
    count = sum(row["contract"] is not None for row in contracts)
    name = f"{count:,} contract{'' if count == 1 else 's'}"
    rows.append(Row((name, "", "", "", *_contract_cells(sums.__getitem__, rated=False)), role=Role.TOTAL))
    return Table("contracts", columns, tuple(rows))


def _contract_cells(of: Callable[[str], int], *, rated: bool) -> tuple[Cell, ...]:
    """The figures of one contract; percentages only where `rated`: they are never averaged over contracts."""
    gross, net, paid = of("gross_cents"), of("net_cents"), of("paid_spots")
    average = of("paid_gross_cents") / paid if paid else None
    kept = share(net, gross) if rated else None
    agency = None if kept is None else 1 - kept
    return of("spots"), average, gross, net, agency, share(of("broker_cents"), gross) if rated else None


def _shares(name: str, key: str, rows: Sequence[sqlite3.Row], column: str, year: int | None) -> Table:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row[key] or BLANK] = sums.get(row[key] or BLANK, 0) + row[column]
    whole = sum(sums.values())
    columns = (Column(name, Kind.NAME), Column("Booked", Kind.MONEY), Column("Share", Kind.SHARE))
    lines = [Row((each, cents, share(cents, whole))) for each, cents in sorted(sums.items(), key=lambda pair: -pair[1])]
    return Table(f"by {name.lower() if name != 'AE' else name}, {year or 'ever'}", columns, tuple(lines))


def _changes(db: sqlite3.Connection, asked: dict[str, int | None]) -> tuple[Changed, ...]:
    last = db.execute("SELECT max(id) FROM batch WHERE status = 'completed'").fetchone()[0] or 0
    parameters = asked | {"first_batch_id": last - LATEST_BATCHES + 1, "count": CHANGES}
    return tuple(Changed(**dict(row)) for row in db.execute(_SQL["customer_changes"], parameters))
