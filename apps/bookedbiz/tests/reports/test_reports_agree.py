"""Every report shows the same booked number for the same filters: the view's."""

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookedbiz.accounts import standing
from bookedbiz.accounts.mine import my_accounts
from bookedbiz.accounts.team import team
from bookedbiz.changes.asked import Asked
from bookedbiz.changes.report import changes_of
from bookedbiz.exports.tuples import tuples
from bookedbiz.monthly import make as monthly
from bookedbiz.monthly.asked import MonthFilters
from bookedbiz.months import station_day
from bookedbiz.planning.plans import buyers, load_plans
from bookedbiz.reports import booked, by_customer, by_month, make, mine, overview, pacing
from bookedbiz.reports.calendar import Calendar, in_year, months_of
from bookedbiz.reports.customer import customer_page
from bookedbiz.reports.filters import BLANK, Filters, Measure, Span
from bookedbiz.reports.table import Role, Table
from station_kit import statements

TODAY = date(2026, 11, 20)
_COLUMNS = {"ae": "ae", "revenue_type": "revenue_type", "sector": "sector", "market": "market"}


def in_the_view(db: sqlite3.Connection, filters: Filters, months: list[int]) -> int:
    """The sum, asked in the plainest way: every line of the view, one by one."""
    wanted = {column: getattr(filters, name) for name, column in _COLUMNS.items() if getattr(filters, name) is not None}
    if wanted.get("revenue_type") == BLANK:
        wanted["revenue_type"] = ""
    column = "gross_cents" if filters.measure is Measure.GROSS else "net_cents"
    text = (filters.customer or "").lower()
    return sum(
        row[column]
        for row in db.execute("SELECT * FROM revenue")
        if row["month"] in months
        and all(row[name] == value for name, value in wanted.items())
        and text in row["customer"].lower()
    )


def questions(db: sqlite3.Connection) -> st.SearchStrategy[Filters]:
    offered = booked.choices(db, Filters(2026))
    return st.builds(
        Filters,
        year=st.sampled_from(offered.years),
        measure=st.sampled_from(Measure),
        span=st.sampled_from(Span),
        ae=st.none() | st.sampled_from(offered.aes),
        revenue_type=st.none() | st.sampled_from(offered.revenue_types),
        sector=st.none() | st.sampled_from(offered.sectors),
        market=st.none() | st.sampled_from(offered.markets),
        customer=st.none() | st.sampled_from(["a", "er", "Group", "zzz"]),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_both_reports_add_up_to_the_view_and_to_each_other(sample: sqlite3.Connection, data: st.DataObject) -> None:
    filters = data.draw(questions(sample))
    calendar = Calendar(TODAY, booked.closed_months(sample))
    months = calendar.counted(filters.year, filters.span)
    compared = calendar.compared(filters.year, filters.span) or months
    by_months = by_month.month_report(
        filters, booked.by_month(sample, filters, *by_month.months_needed(filters)), calendar
    )
    by_customers = by_customer.customer_report(
        filters,
        booked.by_customer(sample, filters, *by_customer.months_needed(filters)),
        booked.customers_before(sample, filters.year * 100 + 1),
        calendar,
    )
    expected = in_the_view(sample, filters, months)
    assert by_months.table.totals[-1].cells[2] == expected
    labels = [column.label for column in by_customers.table.columns]
    sums = by_customers.table.totals[0].cells
    assert sums[labels.index("Total")] == expected
    assert sums[labels.index("Change") - 1] == in_the_view(sample, filters, in_year(compared, filters.year - 1))
    assert sum(int(row.cells[labels.index("Total")] or 0) for row in by_customers.table.body) == expected


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_report_by_name_adds_up_to_the_view(sample: sqlite3.Connection, data: st.DataObject) -> None:
    filters = data.draw(questions(sample))
    calendar = Calendar(TODAY, booked.closed_months(sample))
    months = calendar.counted(filters.year, filters.span)
    expected = in_the_view(sample, filters, months)
    for report in (make.aes, make.sectors, make.markets, make.languages, make.management):
        made = report(sample, filters, calendar)
        labels = [column.label for column in made.months.columns]
        assert made.months.totals[0].cells[labels.index("Total")] == expected
        assert sum(int(row.cells[labels.index("Total")] or 0) for row in made.months.body) == expected
        if months:
            assert made.quarters.totals[0].cells[-5] == expected
            assert sum(int(row.cells[-5] or 0) for row in made.quarters.body) == expected
    accounts = make.account_standings(sample, filters, calendar)
    assert accounts.table.totals[0].cells[-1] == expected


def column(table: Table, label: str) -> int:
    return [column.label for column in table.columns].index(label)


def body_sum(table: Table, label: str) -> int:
    return sum(int(row.cells[column(table, label)] or 0) for row in table.body if row.role is Role.LINE)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sectors_languages_and_classes_add_up_to_the_view(sample: sqlite3.Connection, data: st.DataObject) -> None:
    filters = data.draw(questions(sample))
    calendar = Calendar(TODAY, booked.closed_months(sample))
    months = calendar.counted(filters.year, filters.span)
    expected = in_the_view(sample, filters, months)
    groups, sectors, _, assigned = make.sectors(sample, filters, calendar).more
    for table in (groups, sectors, assigned):
        assert body_sum(table, "Booked") == table.totals[0].cells[column(table, "Booked")] == expected
    scope, languages, markets, matrix, *_, codes = make.language_markets(sample, filters, calendar).tables
    assert body_sum(scope, "Booked") == scope.totals[0].cells[column(scope, "Booked")] == expected
    assert body_sum(scope, "Rows") == scope.totals[0].cells[column(scope, "Rows")]  # bonus rows bring no money
    covered = int(scope.body[0].cells[column(scope, "Booked")] or 0)
    for table, label in ((languages, "Booked"), (markets, "Booked"), (matrix, "Total"), (codes, "Booked")):
        assert body_sum(table, label) == table.totals[0].cells[column(table, label)] == covered
    classes = make.customer_classes(sample, filters, calendar)
    assert classes.months.totals[0].cells[column(classes.months, "All")] == expected
    assert body_sum(classes.classes, "Total") == expected
    assert body_sum(classes.customers, str(filters.year)) == expected


def test_barter_is_all_of_trade_and_in_no_revenue(sample: sqlite3.Connection) -> None:
    calendar = Calendar(TODAY, booked.closed_months(sample))
    expected = sample.execute(
        """SELECT sum(gross_cents) FROM booked WHERE month BETWEEN 202601 AND 202612
           AND revenue_type_id = (SELECT id FROM revenue_type WHERE name = 'Trade')"""
    ).fetchone()[0]
    report = make.barter(sample, Filters(2026), calendar)
    assert report.table.totals[0].cells[column(report.table, "Total")] == expected
    every = sample.execute("SELECT sum(gross_cents) FROM booked WHERE month BETWEEN 202601 AND 202612").fetchone()[0]
    assert in_the_view(sample, Filters(2026), months_of(2026)) == every - expected


def test_a_book_adds_up_to_the_view(sample: sqlite3.Connection) -> None:
    calendar = Calendar(TODAY, booked.closed_months(sample))
    ids = [row[0] for row in sample.execute("SELECT DISTINCT ae_id FROM revenue WHERE ae_id IS NOT NULL")]
    books = [mine.book_of(sample, Filters(2026, only_ae_id=each), calendar) for each in ids]
    unknown = in_the_view(sample, Filters(2026, ae="Unknown"), calendar.counted(2026, Span.ALL))
    whole = in_the_view(sample, Filters(2026), calendar.counted(2026, Span.ALL))
    assert sum(int(book.months.totals[0].cells[2] or 0) for book in books) + unknown == whole


def test_the_customers_pages_add_up_to_the_view(sample: sqlite3.Connection) -> None:
    calendar = Calendar(TODAY, booked.closed_months(sample))
    ever = sum(row["gross_cents"] for row in sample.execute("SELECT gross_cents FROM revenue"))
    by_year = by_contract = by_share = 0
    for customer in booked.by_customer(sample, Filters(2026), 190001, 299912):
        page = customer_page(sample, Filters(2026, customer_id=customer.id), calendar)
        assert page is not None
        by_year += int(page.years.totals[0].cells[13] or 0)
        by_contract += int(page.contracts.totals[0].cells[6] or 0)
        by_share += sum(int(row.cells[1] or 0) for row in page.shares[0].body if "2026" in page.shares[0].name)
    assert (by_year, by_contract) == (ever, ever)
    assert by_share == in_the_view(sample, Filters(2026), calendar.counted(2026, Span.ALL))


def test_pacing_shows_what_is_booked_and_what_the_last_import_recorded(sample: sqlite3.Connection) -> None:
    calendar = Calendar(TODAY, booked.closed_months(sample))
    report = pacing.pacing_report(sample, Filters(2026), calendar)
    assert report.table.rows[0].cells[1] == in_the_view(sample, Filters(2026), [202611])
    recorded = pacing.booked_at(sample, Filters(2026), TODAY, 202611, 202612)
    assert recorded == {month: in_the_view(sample, Filters(2026), [month]) for month in (202611, 202612)}


def test_the_rates_of_the_month_report_are_the_views(sample: sqlite3.Connection) -> None:
    calendar = Calendar(TODAY, booked.closed_months(sample))
    report = monthly.months(sample, MonthFilters(2026, market="SFO"), calendar)
    spots = sample.execute("SELECT sum(spots) FROM revenue WHERE month / 100 = 2026 AND market = 'SFO'").fetchone()[0]
    assert report.rates.totals[0].cells[4] == spots


def test_the_start_page_shows_the_month_reports_numbers(sample: sqlite3.Connection) -> None:
    calendar = Calendar(station_day(datetime(2026, 11, 20, 20, tzinfo=UTC)), booked.closed_months(sample))
    filters = Filters(2026)
    standings = overview.standings(booked.by_month(sample, filters, *overview.months_needed(calendar)), calendar)
    found = {each.name: (each.booked, each.before) for each in standings}
    assert found["Nov-26"] == (in_the_view(sample, filters, [202611]), in_the_view(sample, filters, [202511]))
    assert found["Q4 2026"] == (
        in_the_view(sample, filters, [202610, 202611, 202612]),
        in_the_view(sample, filters, [202510, 202511, 202512]),
    )
    assert found["Jan-27"][0] == in_the_view(sample, filters, [202701])


def test_the_aes_books_together_are_the_company(sample: sqlite3.Connection) -> None:
    whole = sum(booked.by_month(sample, Filters(2026), 202601, 202612).values())
    ids = [row[0] for row in sample.execute("SELECT DISTINCT ae_id FROM revenue WHERE ae_id IS NOT NULL")]
    books = sum(sum(booked.by_month(sample, Filters(2026, only_ae_id=each), 202601, 202612).values()) for each in ids)
    unknown = sum(booked.by_month(sample, Filters(2026, ae="Unknown"), 202601, 202612).values())
    assert books + unknown == whole


def test_every_statement_fits_the_schema(db: sqlite3.Connection) -> None:
    assert statements.compile_errors(db, statements.load("bookedbiz.reports")) == []


def test_whatever_the_view_shows_can_be_chosen(sample: sqlite3.Connection) -> None:
    offered = booked.choices(sample, Filters(2026))
    for column, values in (
        ("ae", offered.aes),
        ("revenue_type", offered.revenue_types),
        ("sector", offered.sectors),
        ("market", offered.markets),
    ):
        shown = {row[0] or BLANK for row in sample.execute(f"SELECT DISTINCT {column} FROM revenue")}
        assert shown <= set(values)
    assert "Trade" not in offered.revenue_types


def test_what_was_chosen_can_be_chosen_again(db: sqlite3.Connection) -> None:
    offered = booked.choices(db, Filters(2026, ae="Somebody Else"))
    assert offered.aes == ("House", "Somebody Else", "Unknown")
    assert offered.years == (2026,)


def test_plans_and_workbook_exports_say_what_the_view_says(sample: sqlite3.Connection) -> None:
    plans = load_plans(sample, 202601, 202612)
    exported = tuples(sample)
    for month in range(202601, 202613):
        expected = in_the_view(sample, Filters(2026), [month])
        assert sum(plan.booked for (_, each), plan in plans.items() if each == month) == expected
        assert sum(money.gross for row in exported for each, money in row.months if each == month) == expected
        behind = buyers(sample, None, month, month)
        assert behind.gross_cents == expected
        assert sum(each.gross_cents for each in behind.largest) + behind.others == expected


def test_the_changes_of_all_imports_add_up_to_what_is_there(sample: sqlite3.Connection) -> None:
    ever = Asked(2026, since=date(2000, 1, 1), until=date(2099, 12, 31))
    for asked, column in ((ever, "gross_cents"), (replace(ever, measure=Measure.NET), "net_cents")):
        held = sum(row[column] for row in sample.execute("SELECT gross_cents, net_cents FROM booked"))  # Trade included
        assert [table.totals[0].cells[-1] for table in changes_of(sample, asked).tables] == [held] * 4


def test_accounts_add_up_to_the_view_ever_and_by_month_label(sample: sqlite3.Connection) -> None:
    every = standing.accounts(sample, TODAY)
    customers = [each.customer_id for each in every if each.kind == "customer"]
    told = sample.execute(
        """SELECT sum(ever_cents), sum(recent_cents), sum(coming_cents) FROM account_figures
           JOIN account_shown ON account_shown.id = account_id WHERE account_shown.kind = 'customer'"""
    ).fetchone()
    rows = [row for row in sample.execute("SELECT * FROM revenue") if row["customer_id"] in customers]
    recent, coming = (202608, 202609, 202610), (202611, 202612, 202701)
    assert told[0] == sum(row["gross_cents"] for row in rows)
    assert told[1] == sum(row["gross_cents"] for row in rows if row["month"] in recent)
    assert told[2] == sum(row["gross_cents"] for row in rows if row["month"] in coming)
    books = {each.ae_id for each in every if each.ae_id is not None}
    whole = my_accounts(sample, TODAY, None)
    assert sum(my_accounts(sample, TODAY, ae).figures[1].value for ae in books) == whole.figures[1].value
    now = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    assert team(sample, now, TODAY).whole.year_cents == whole.figures[1].value
