"""What stands on the pages, and for whom."""

import gzip
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bookedbiz.reports import booked
from bookedbiz.reports.filters import Filters
from bookedbiz.settings import Settings
from bookedbiz.web import create_app, menu, numbers
from station_kit.environment import Secret
from station_kit.sqlitefile import open_database

REPORTS = [
    "months",
    "customers",
    "aes",
    "accounts",
    "sectors",
    "markets",
    "languages",
    "language-markets",
    "classes",
    "trade",
    "mine",
    "management",
    "pacing",
    "contracts",
]
PAGES = ["/reports/", *(f"/reports/{report}" for report in REPORTS)]


@pytest.fixture
def db(ledger: Path) -> Any:
    with closing(open_database(ledger, read_only=True)) as connection:
        yield connection


def test_the_start_page_shows_the_months_booked_figure(admin: Any, db: sqlite3.Connection) -> None:
    cents = booked.by_month(db, Filters(2026), 202611, 202611)[202611]
    page = admin.get("/reports/").text
    assert numbers.money(cents) in page
    assert "What the last import changed" in page
    assert "Commercial Log" in page


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_how_old_the_data_is(admin: Any, clock: Any, path: str) -> None:
    assert "Data as of 2026-11-20" in re.sub(r"<[^>]+>", "", admin.get(path).text)
    clock.at += timedelta(hours=30)
    assert 'class="age stale"' in admin.get(path).text


def test_a_failed_import_is_named_on_every_page(admin: Any, ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        db.execute(
            """INSERT INTO batch (started_at, finished_at, mode, file_name, file_sha256, status, imported_by, error)
               VALUES ('2026-11-20T19:00:00Z', '2026-11-20T19:00:01Z', 'WEEKLY_UPDATE', 'x', 'x', 'failed', 'cron',
                       'the workbook has no sheet Commercials')"""
        )
    for path in PAGES:
        assert "no sheet Commercials" in admin.get(path).text


def test_the_filters_stand_in_the_address_and_in_the_form(admin: Any) -> None:
    page = admin.get("/reports/months?year=2025&measure=net&market=SEA&months=closed").text
    for chosen in ("<option selected>2025", '<option value="net" selected>', "<option selected>SEA"):
        assert chosen in page
    assert '<option value="closed" selected>' in page
    assert "/reports/months.csv?year=2025&amp;measure=net&amp;months=closed&amp;market=SEA" in page


def test_on_paper_a_report_says_what_it_answers(admin: Any) -> None:
    page = admin.get("/reports/months?year=2025&measure=net&market=SEA").text
    assert '<p class="paper">Year: 2025, Money: net, Months: all months, Market: SEA</p>' in page


def test_a_number_of_a_month_leads_to_its_customers(admin: Any) -> None:
    page = admin.get("/reports/months?year=2026&market=SEA").text
    link = re.search(r'href="(/reports/customers\?[^"]*sort=m03[^"]*)"', page)
    assert link is not None
    customers = admin.get(link[1].replace("&amp;", "&"))
    assert customers.status_code == 200
    assert "<option selected>SEA" in customers.text
    assert re.search(r'aria-sort="descending"><a [^>]*>Mar', customers.text)


@pytest.mark.parametrize("report", ["customers", "accounts"])
def test_every_customer_leads_to_their_own_page(admin: Any, report: str) -> None:
    page = admin.get(f"/reports/{report}?year=2026").text
    link = re.search(r'<th scope=row[^>]*><a href="(/reports/customers/-?\d+\?[^"]+)">([^<]+)<', page)
    assert link is not None
    answer = admin.get(link[1].replace("&amp;", "&"))
    assert answer.status_code == 200
    assert f"<h1>{link[2]} " in answer.text


@pytest.mark.parametrize("report", ["aes", "sectors", "markets", "languages"])
def test_every_name_leads_to_its_customers(admin: Any, report: str) -> None:
    page = admin.get(f"/reports/{report}?year=2026").text
    link = re.search(r'<th scope=row[^>]*><a href="(/reports/customers\?[^"]+)">', page)
    assert link is not None
    assert admin.get(link[1].replace("&amp;", "&")).status_code == 200


def test_nothing_is_a_dot_and_less_than_nothing_has_a_minus() -> None:
    assert [numbers.dollars(cents) for cents in (0, 123_456_00, -45_00, 40)] == ["\u00b7", "123,456", "\u221245", "0"]
    assert [numbers.percent(ratio) for ratio in (None, 0.0471, -0.12, 0.0, 12.0)] == [
        "\u2013",
        "+4.7%",
        "\u221212.0%",
        "0.0%",
        ">999%",
    ]


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")])
@pytest.mark.parametrize("report", REPORTS)
def test_a_report_can_be_taken_away(admin: Any, report: str, kind: str, start: bytes) -> None:
    answer = admin.get(f"/reports/{report}.{kind}?year=2025")
    assert answer.status_code == 200
    assert answer.data.startswith(start)
    assert f"-2025.{kind}" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["/reports/months.pdf", "/reports/customers.svg", "/reports/nothing"])
def test_what_does_not_exist_is_said_on_a_page(admin: Any, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.text


def test_every_line_of_the_menu_leads_somewhere(app: Flask) -> None:
    for entry in (*menu.BAR, *(entry for entries in menu.FOLDED.values() for entry in entries)):
        assert entry.endpoint in app.view_functions


def test_every_page_is_in_the_menu_or_behind_one_that_is(app: Flask) -> None:
    offered = {entry.endpoint for entries in (menu.BAR, *menu.FOLDED.values()) for entry in entries}
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments and not re.match("/(api|health|info|sign-in|static)", rule.rule)
    }
    behind = {"accounts.contacts", "accounts.new", "imports.new", "languages.in_force", "names.like", "orders.file",
              "planning.behind", "planning.unmatched_people", "reports.root", "reports.spots"}  # fmt: skip
    assert {page for page in pages if "export" not in page} - behind == offered


def test_a_page_behind_one_of_the_menu_shows_under_which_word(admin: Any) -> None:
    def word(path: str) -> list[str]:
        return re.findall('class="fold here"><summary>([^<]+)', admin.get(path).text)

    assert word("/names/customers/1") == ["Work"]
    assert word("/reports/trade") == ["Reports"]
    assert word("/accounts/1") == ["Accounts"]
    assert word("/accounts/") == word("/reports/customers/1") == []


def test_the_menu_offers_what_a_role_may_ask_for(signed_in: Callable[[str], Any]) -> None:
    def offered(name: str) -> set[str]:
        page = signed_in(name).get("/reports/").text
        return set(re.findall(r'href="(/[a-z/]+)"', page.partition("<nav")[2].partition("</nav>")[0]))

    assert "/users/" in offered("admin")
    assert {"/reports/mine", "/reports/pacing"} <= offered("seller")
    assert not {"/users/", "/reports/management"} & offered("seller")
    assert not {"/reports/mine", "/reports/pacing"} & offered("guest")


class TestAnAccountExecutive:
    def test_sees_their_own_book_alone(self, signed_in: Callable[[str], Any], db: sqlite3.Connection) -> None:
        ae_id = db.execute("SELECT ae_id FROM user WHERE email = 'seller@station.example'").fetchone()[0]
        own = sum(booked.by_month(db, Filters(2026, only_ae_id=ae_id), 202601, 202612).values())
        whole = sum(booked.by_month(db, Filters(2026), 202601, 202612).values())
        assert 0 < own < whole
        seller = signed_in("seller")
        told_otherwise = {f"/reports/{name}" for name in ("accounts", "pacing", "contracts", "trade")}
        for path in set(PAGES) - {"/reports/management", "/reports/classes"}:
            page = seller.get(path).text
            assert path in told_otherwise or numbers.dollars(own) in page
            assert numbers.dollars(whole) not in page

    @pytest.mark.parametrize("kind", ["", ".csv", ".xlsx", ".json"])
    def test_is_not_shown_the_company(self, signed_in: Callable[[str], Any], kind: str) -> None:
        assert signed_in("seller").get(f"/reports/management{kind}").status_code == 403
        assert signed_in("boss").get(f"/reports/management{kind}").status_code == 200
        assert "/reports/management" not in signed_in("seller").get("/reports/").text

    def test_cannot_open_a_customer_of_others(self, signed_in: Callable[[str], Any], db: sqlite3.Connection) -> None:
        ae_id = db.execute("SELECT ae_id FROM user WHERE email = 'seller@station.example'").fetchone()[0]
        own = {row[0] for row in db.execute("SELECT customer_id FROM revenue WHERE ae_id = ?", (ae_id,))}
        others = {row[0] for row in db.execute("SELECT customer_id FROM revenue")} - own
        seller = signed_in("seller")
        assert own
        assert others
        assert {seller.get(f"/reports/customers/{each}").status_code for each in own} == {200}
        assert {seller.get(f"/reports/customers/{each}.csv").status_code for each in others} == {404}

    def test_sees_of_a_shared_customer_their_own_part_alone(
        self, signed_in: Callable[[str], Any], db: sqlite3.Connection, ledger: Path
    ) -> None:
        ae_id = db.execute("SELECT ae_id FROM user WHERE email = 'seller@station.example'").fetchone()[0]
        customer, own = db.execute(
            "SELECT customer_id, sum(gross_cents) FROM revenue WHERE ae_id = ? GROUP BY 1 ORDER BY 2 DESC",
            (ae_id,),
        ).fetchone()
        with closing(open_database(ledger)) as writer:  # what another AE sells to somebody else is this customer's now
            writer.execute(
                """UPDATE bill_code SET customer_id = :customer
                   WHERE id IN (SELECT bill_code_id FROM revenue WHERE ae_id <> :own)""",
                {"customer": customer, "own": ae_id},
            )
        whole = db.execute("SELECT sum(gross_cents) FROM revenue WHERE customer_id = ?", (customer,)).fetchone()[0]
        page = signed_in("seller").get(f"/reports/customers/{customer}").text
        assert own < whole
        assert numbers.dollars(own) in page
        assert numbers.dollars(whole) not in page

    def test_finds_their_own_book_whatever_is_asked(
        self, signed_in: Callable[[str], Any], db: sqlite3.Connection
    ) -> None:
        seller = signed_in("seller")
        plain = seller.get("/reports/mine.csv").text
        assert seller.get("/reports/mine.csv?only_ae_id=1").text == plain
        boss = signed_in("boss").get("/reports/mine.csv").text
        assert len(boss) > len(plain)

    @pytest.mark.parametrize("path", ["/reports/months", "/reports/customers", "/reports/customers.csv"])
    def test_cannot_ask_for_another_ones(
        self, signed_in: Callable[[str], Any], db: sqlite3.Connection, path: str
    ) -> None:
        seller = signed_in("seller")
        name = db.execute("SELECT ae FROM revenue WHERE ae_id = 1").fetchone()[0]
        answer = seller.get(f"{path}?year=2026&ae={name}")
        assert answer.status_code == 200
        assert re.search(r"\d,\d\d\d", re.sub(r'href="[^"]*"', "", answer.text)) is None

    def test_is_offered_no_choice_of_others(self, signed_in: Callable[[str], Any]) -> None:
        assert 'name="ae"' not in signed_in("seller").get("/reports/months").text
        assert 'name="ae"' in signed_in("boss").get("/reports/months").text

    def test_without_a_book_sees_nothing(self, signed_in: Callable[[str], Any]) -> None:
        assert "0 customers" in signed_in("bookless").get("/reports/customers").text


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_ledger_has_pages_too(
    tmp_path: Path, signed_in: Callable[[str], Any], path: str, ledger: Path
) -> None:
    with closing(open_database(ledger)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        for table in ("booked", "spot", "change", "batch_month", "batch", "month_status"):
            db.execute(f"DELETE FROM {table}")
    answer = signed_in("admin").get(path)
    assert answer.status_code == 200
    assert "No import yet" in answer.text


def test_a_page_with_everything_it_needs_weighs_under_150_kb(admin: Any) -> None:
    for path in PAGES:
        page = admin.get(path, headers={"Accept-Encoding": "gzip"})
        weight = len(page.data)
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', gzip.decompress(page.data).decode()):
            with admin.get(address, headers={"Accept-Encoding": "gzip"}) as file:
                weight += len(file.data)
        assert weight < 150_000, path


def test_who_does_not_take_gzip_gets_the_plain_page(admin: Any) -> None:
    packed = admin.get("/reports/customers", headers={"Accept-Encoding": "gzip"})
    plain = admin.get("/reports/customers", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert len(gzip.decompress(packed.data)) == len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_static_files_may_be_kept_because_their_address_changes_with_them(admin: Any) -> None:
    address = re.search(r'href="(/static/bookedbiz\.css\?v=[0-9a-f]{12})"', admin.get("/reports/").text)
    assert address is not None
    with admin.get(address[1]) as answer:
        assert answer.cache_control.max_age == 365 * 24 * 3600


def test_a_database_that_has_gone_is_said_and_not_made_anew(admin: Any, ledger: Path) -> None:
    for file in ledger.parent.glob("ledger.db*"):
        file.unlink()
    answer = admin.get("/reports/")
    assert answer.status_code == 503
    assert not ledger.exists()


def test_a_new_database_is_given_its_schema_at_the_start(tmp_path: Path) -> None:
    made: Flask = create_app(Settings(tmp_path / "new.db", Secret("a key for tests, and only for them")))
    assert made.test_client().get("/health").status_code == 200
