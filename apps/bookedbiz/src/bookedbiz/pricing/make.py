"""Each page on prices, asked of the query layer and shaped."""

import sqlite3
from collections.abc import Sequence

from bookedbiz.months import add_months
from bookedbiz.pricing.asked import BY_LENGTH, Dimension, PriceFilters, Show, period, presets
from bookedbiz.pricing.lengths import LengthReport, length_report
from bookedbiz.pricing.prices import by_name, by_two
from bookedbiz.pricing.report import PricingReport, pricing_report, year_before
from bookedbiz.pricing.trends import KINDS as OF_TRENDS
from bookedbiz.pricing.trends import TrendReport, concentration_report, trend_report
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters


def pricing(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> PricingReport:
    """What do we charge for a spot, and is that getting better?"""
    asked, closed = _prices(filters), sorted(calendar.closed)
    months = period(asked, closed)
    both = sorted({*months, *(month for month in year_before(months) if month in calendar.closed)})
    return pricing_report(asked, by_name(db, asked, asked.by, both), closed, presets(closed))


def trends(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> TrendReport:
    """Do rates rise, are they steady, and on how few customers does it hang?"""
    asked = _prices(filters)
    asked = _all_day(asked, OF_TRENDS)
    last = max(calendar.closed, default=0)
    newest = asked.asking(first=add_months(last, 1 - asked.back), last=last) if last else asked
    months = period(newest, sorted(calendar.closed))
    if asked.show is Show.CONCENTRATION:
        pairs = by_two(db, asked, Dimension.CUSTOMER, "nothing", months)
        return concentration_report(asked, {name: price for (name, _), price in pairs.items()}, months)
    both = sorted({*months, *(month for month in year_before(months[-12:]) if month in calendar.closed)})
    return trend_report(asked, by_name(db, asked, asked.by, both), months)


def lengths(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> LengthReport:
    """What does a spot cost by its length?"""
    asked = _prices(filters)
    asked = _all_day(asked, BY_LENGTH)
    months = calendar.counted(asked.year, asked.span)
    return length_report(
        asked, by_two(db, asked, asked.by, "length", months), by_two(db, asked, Dimension.LANGUAGE, "market", months)
    )


def _all_day(asked: PriceFilters, kinds: Sequence[Dimension]) -> PriceFilters:
    """The question by one of these kinds, whatever the time of day."""
    by = asked.by if asked.by in kinds else kinds[0]
    return asked.asking(by=by, day_part=None, day_type=None, tenure=None)


def _prices(filters: Filters) -> PriceFilters:
    assert isinstance(filters, PriceFilters)  # the pages narrow the address's filters to these
    return filters
