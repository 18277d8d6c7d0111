"""What people do each morning, in a browser: look at the day, open a number, look after their accounts."""

import csv
import io
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from station_kit.sqlitefile import open_database

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

pytestmark = pytest.mark.browser


def booked(ledger: Path, more: str = "") -> int:
    """Cents of this month, by the one view that defines revenue."""
    with closing(open_database(ledger, read_only=True)) as db:
        statement = f"SELECT sum(gross_cents) FROM revenue WHERE month = 202611 {more}"
        return int(db.execute(statement).fetchone()[0])


def dollars(text: str) -> int:
    """Cents of what a page shows: whole dollars."""
    return int(re.sub(r"[^0-9-]", "", text.replace("\u2212", "-"))) * 100


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_morning_look(window_of: Any, ledger: Path, size: dict[str, int]) -> None:
    window = window_of(None, **size)
    page = window.page
    window.open("/")
    page.get_by_label("E-mail").fill("boss@station.example")
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/")
    card = page.locator(".cards a").first
    assert abs(dollars(card.locator("strong").inner_text()) - booked(ledger)) <= 50
    assert card.bounding_box()["y"] < 300  # above the fold, on a phone too
    assert "budget" in page.locator(".cards").inner_text()
    assert "Commercial Log" in page.locator(".news").inner_text()
    with page.expect_navigation():
        card.click()
    assert "/reports/customers?" in page.url
    number = page.locator("tbody tr").first.locator("a.airs").last
    shown = number.inner_text()
    with page.expect_navigation():
        number.click()
    assert "/reports/spots?" in page.url
    assert page.locator(".cards dd").first.inner_text() == f"${shown}"
    assert page.locator("tbody tr").count() > 0
    assert window.width() == size["width"]
    assert window.problems == []


def test_the_menu_leads_by_keyboard_and_behind_a_button_on_a_phone(window_of: Any) -> None:
    window = window_of("boss")
    page = window.page
    window.open("/reports/")
    page.get_by_text("Pricing", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Pricing"  # closed, and not lost
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/reports/trends")
    phone = window_of("boss", **PHONE)
    phone.open("/reports/")
    menu = phone.page.get_by_role("navigation", name="Menu")
    assert not menu.is_visible()
    phone.page.get_by_role("button", name="Menu").click()
    menu.get_by_text("Work", exact=True).click()
    with phone.page.expect_navigation():
        menu.get_by_role("link", name="Closed months").click()
    assert phone.page.url.endswith("/imports/months")
    assert phone.width() == 390
    assert window.problems + phone.problems == []


def test_an_account_executive_sees_their_own_book_alone(window_of: Any, ledger: Path) -> None:
    window = window_of("seller", **PHONE)
    page = window.page
    window.open("/reports/")
    own = booked(ledger, "AND ae_id = (SELECT ae_id FROM user WHERE email LIKE 'seller@%')")
    assert own < booked(ledger)
    assert abs(dollars(page.locator(".cards strong").first.inner_text()) - own) <= 50
    page.get_by_role("button", name="Menu").click()
    words = page.locator("#menu summary").all_inner_texts()
    assert words == ["Reports", "Pricing", "Accounts", "Saved"]  # neither plan nor work, nor who else comes in
    figures = page.request.get(window.address + "/api/revenue/monthly/2026").json()["data"]["months"]
    assert [round(each["booked"] * 100) for each in figures if each["month"] == "2026-11-01"] == [own]
    told = page.request.get(window.address + "/reports/customers.csv?year=2026").text()
    [sums] = [
        line for line in csv.DictReader(io.StringIO(told[told.index("Customer,") :])) if "customers" in line["Customer"]
    ]
    [november] = [value for name, value in sums.items() if name and name.startswith("Nov")]
    assert round(float(november) * 100) == own
    with closing(open_database(ledger, read_only=True)) as db:
        mine = db.execute("SELECT ae_id FROM user WHERE email LIKE 'seller@%'").fetchone()[0]
        others = db.execute("SELECT id FROM account_shown WHERE ae_id <> ? LIMIT 1", (mine,)).fetchone()[0]
    paths = ("/imports/", "/planning/", "/reports/management", "/reports/management.xlsx", f"/accounts/{others}")
    refused = {path: page.request.get(window.address + path).status for path in paths}
    assert refused == {path: 404 if path.startswith("/accounts") else 403 for path in refused}
    assert window.problems == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_note_and_a_follow_up_on_my_accounts(window_of: Any, size: dict[str, int]) -> None:
    window = window_of("seller", **size)
    page = window.page
    window.open("/accounts/")
    account = page.locator(".book tbody th a").first
    name = account.inner_text()
    with page.expect_navigation():
        account.click()
    page.keyboard.press("n")
    page.keyboard.type("Call: wants radio too")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "wants radio too" in page.locator("#panel .timeline li").first.inner_text()
    page.locator("#line").fill("Send the proposal >+0")
    with page.expect_navigation():
        page.get_by_role("button", name="Note it").click()
    due = page.locator(".due li", has_text="Send the proposal").filter(has_text=name)
    assert due.locator("b").inner_text() == "today"
    with page.expect_navigation():
        due.get_by_role("button", name="Done").click()
    assert page.get_by_placeholder("What is next, and when?").input_value() == ""
    assert window.width() == size["width"]
    assert window.problems == []
