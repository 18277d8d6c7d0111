"""Averages are of paid spots and never of averages; months are in the order of time; all of it adds up to the view."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookedbiz.importing.request import Mode
from bookedbiz.pricing import make
from bookedbiz.pricing.asked import (
    Dimension,
    PriceFilters,
    Show,
    length_filters,
    next_dimension,
    period,
    presets,
    price_filters,
)
from bookedbiz.pricing.prices import Price, add_up, by_name, by_two
from bookedbiz.pricing.trends import herfindahl
from bookedbiz.reports import booked
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters, Span
from station_kit import statements
from station_kit.sqlitefile import open_database

TODAY = date(2026, 11, 20)
MONTHS = [202511, 202512, *range(202601, 202611)]


@pytest.fixture(scope="module")
def sample(sample_database: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(sample_database, read_only=True)) as db:
        yield db


def calendar_of(db: sqlite3.Connection) -> Calendar:
    return Calendar(TODAY, booked.closed_months(db))


def test_every_statement_fits_the_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.pricing")) == []


def test_credits_and_unpaid_spots_are_in_no_average(ledger, import_file, write_log, line) -> None:
    rates = [100.0, 300.0, 0.0, -80.0]
    import_file(write_log([line(gross_rate=rate, unit=float(at)) for at, rate in enumerate(rates)]))
    price = add_up(by_name(ledger, PriceFilters(2026), "ae", [202611])["House"].values())
    assert (price.spots, price.paid_spots, price.gross_cents) == (4, 2, 320_00)
    assert (price.average, price.deviation) == (200_00, 100_00)
    assert (price.least_paid_cents, price.most_paid_cents) == (100_00, 300_00)


def test_an_average_of_months_is_no_mean_of_their_means() -> None:
    dear = Price(spots=1, paid_spots=1, paid_gross_cents=900_00)
    cheap = Price(spots=9, paid_spots=9, paid_gross_cents=900_00)
    assert (dear + cheap).average == 180_00  # the mean of their means would be 500


@pytest.mark.parametrize("kind", ["ae", "market", "sector", "customer", "language"])
def test_prices_add_up_to_the_view(sample: sqlite3.Connection, kind: str) -> None:
    found = by_name(sample, PriceFilters(2026), kind, MONTHS)
    expected: dict[tuple[str, int], list[int]] = {}
    for row in sample.execute("SELECT * FROM revenue WHERE month BETWEEN 202511 AND 202610"):
        sums = expected.setdefault((row[kind], row["month"]), [0, 0, 0, 0])
        columns = ("spots", "gross_cents", "paid_spots", "paid_gross_cents")
        for at, column in enumerate(columns):
            sums[at] += row[column]
    told = {
        (name, month): [price.spots, price.gross_cents, price.paid_spots, price.paid_gross_cents]
        for name, prices in found.items()
        for month, price in prices.items()
    }
    assert told == expected


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_filtered_prices_are_those_of_the_month_report(sample: sqlite3.Connection, data: st.DataObject) -> None:
    offered = booked.choices(sample, Filters(2026))
    chosen = {
        "ae": data.draw(st.none() | st.sampled_from(offered.aes)),
        "market": data.draw(st.none() | st.sampled_from(offered.markets)),
        "language": data.draw(st.none() | st.sampled_from(offered.languages)),
        "entity": data.draw(st.none() | st.sampled_from(offered.entities)),
        "sector": data.draw(st.none() | st.sampled_from(offered.sectors)),
        "revenue_type": data.draw(st.none() | st.sampled_from(offered.revenue_types)),
        "customer": data.draw(st.none() | st.sampled_from(["a", "er"])),
    }
    asked = PriceFilters(2026, **chosen)
    expected = booked.by_month(sample, Filters(2026, **chosen), 202511, 202610)
    for kind in ("ae", "day part", "tenure"):
        found = by_name(sample, asked, kind, MONTHS)
        sums = {
            month: sum(each[month].gross_cents for each in found.values() if month in each)
            for month in {month for each in found.values() for month in each}
        }
        assert sums == expected
    lengths = by_two(sample, asked, "language", "length", MONTHS)
    assert sum(price.gross_cents for price in lengths.values()) == sum(expected.values())


def test_only_closed_months_are_compared_and_in_the_order_of_time(sample: sqlite3.Connection) -> None:
    calendar = calendar_of(sample)
    report = make.pricing(sample, PriceFilters(2026, by=Dimension.MONTH), calendar)
    assert [row.cells[0] for row in report.table.body][:3] == ["Nov-25", "Dec-25", "Jan-26"]
    assert len(report.table.body) == 12
    assert 202611 not in calendar.closed
    trend = make.trends(sample, PriceFilters(2026, back=24), calendar)
    labels = [column.label for column in trend.tables[0].columns[1:-2]]
    assert (labels[0], labels[2], labels[-1], len(labels)) == ("Nov-24", "Jan-25", "Oct-26", 24)


def test_the_report_says_what_the_ledger_says(sample: sqlite3.Connection) -> None:
    calendar = calendar_of(sample)
    gross = sum(booked.by_month(sample, Filters(2026), 202511, 202610).values())
    for by in Dimension:
        report = make.pricing(sample, PriceFilters(2026, by=by), calendar)
        assert report.table.totals[0].cells[4] == gross, by
        assert sum(int(row.cells[4] or 0) for row in report.table.body) == gross, by
    assert sum(int(row.cells[4] or 0) for row in report.quarters.rows) == gross
    trend = make.trends(sample, PriceFilters(2026), calendar)
    assert trend.tables[3].totals[0].cells[4] == gross
    ranked = make.trends(sample, PriceFilters(2026, show=Show.CONCENTRATION), calendar)
    assert ranked.tables[0].totals[0].cells[2] == gross
    assert sum(int(row.cells[2] or 0) for row in ranked.tables[0].body) == gross
    year = sum(booked.by_month(sample, Filters(2026), 202601, 202612).values())
    for by in (Dimension.LANGUAGE, Dimension.CUSTOMER):
        lengths = make.lengths(sample, PriceFilters(2026, by=by), calendar)
        assert lengths.tables[0].totals[0].cells[3] == year


def test_a_name_opens_what_is_below_it() -> None:
    asked = PriceFilters(2026)
    path = [asked.by]
    for chosen in ({"ae": "House"}, {"market": "SEA"}, {"sector": "Retail"}, {"customer": '"X"'}):
        below = next_dimension(asked)
        assert below is not None
        path.append(below)
        asked = asked.asking(by=below, **chosen)
    assert path == [Dimension.AE, Dimension.MARKET, Dimension.SECTOR, Dimension.CUSTOMER, Dimension.MONTH]
    assert next_dimension(asked) is None


def test_the_periods_that_have_a_name() -> None:
    closed = [
        month for year in (2024, 2025, 2026) for month in range(year * 100 + 1, year * 100 + 13) if month < 202611
    ]
    assert presets(closed) == {
        "Trailing 12": (202511, 202610),
        "Year to date": (202601, 202610),
        "Year before": (202501, 202512),
        "Last full quarter": (202607, 202609),
    }
    assert period(PriceFilters(2026), closed) == MONTHS
    assert period(PriceFilters(2026, first=202601, last=202702), closed) == list(range(202601, 202611))
    assert (period(PriceFilters(2026), []), presets([])) == ([], {})


def test_a_wrong_address_asks_for_the_default() -> None:
    args = {"first": "202613", "last": "x", "by": "colour", "day_part": "77", "tenure": "old", "back": "9"}
    assert price_filters(args, Filters(2026)) == PriceFilters(2026)
    swapped = price_filters({"first": "202606", "last": "202601", "by": "day part"}, Filters(2026))
    assert (swapped.first, swapped.last, swapped.by) == (202601, 202606, Dimension.DAY_PART)


def test_a_file_says_which_months_it_is_about() -> None:
    assert "Months: closed ones" in PriceFilters(2026).words()
    assert PriceFilters(2026, first=202601, last=202603).words()[0] == "Months: Jan-26 to Mar-26"
    of_lengths = length_filters({"by": "market"}, Filters(2026, span=Span.ENDED)).words()
    assert (of_lengths[0], of_lengths[2], of_lengths[-1]) == ("Year: 2026", "Months: ended months only", "By: Market")
    assert length_filters({"by": "ae"}, Filters(2026)).by is Dimension.LANGUAGE


def test_concentration() -> None:
    assert herfindahl([100]) == 1
    assert herfindahl([50, 50]) == 0.5
    assert herfindahl([]) == 0


def test_a_ledger_without_closed_months_has_empty_reports(ledger, import_file, write_log, line) -> None:
    import_file(write_log([line()]), mode=Mode.WEEKLY)
    calendar = Calendar(TODAY, frozenset())
    for ask in (make.pricing, make.trends, make.lengths):
        assert ask(ledger, PriceFilters(2026), calendar).tables
    empty = make.trends(ledger, PriceFilters(2026, show=Show.CONCENTRATION), calendar)
    assert empty.figures[0].value == 0
