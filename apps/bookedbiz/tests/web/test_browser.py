"""In a real browser: nothing is refused, nothing leaves the machine, and a phone shows it whole."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

REPORTS = ["months", "customers", "aes", "accounts", "languages", "mine", "management", "pacing"]
OF_PRICES = ["pricing", "trends", "lengths", "spots"]
PAGES = ["/reports/", *(f"/reports/{report}" for report in (*REPORTS, *OF_PRICES)), "/reports/customers/1"]

pytestmark = pytest.mark.browser


def painted(page: Page) -> list[int]:
    """How many pixels of each chart's canvas are not empty."""
    script = """boxes => boxes.map(canvas => {
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let painted = 0;
        for (let at = 3; at < pixels.length; at += 4) if (pixels[at] > 0) painted++;
        return painted;
    })"""
    return list(page.locator(".chart canvas").evaluate_all(script))


def test_a_person_signs_in_reads_the_months_and_changes_a_filter(window_of: Any, address: str) -> None:
    visit = window_of(None)
    page = visit.page
    visit.open("/reports/months")
    page.get_by_label("E-mail").fill("admin@station.example")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/reports/months")
    assert page.locator("h1").inner_text().startswith("Revenue by month")
    before = page.locator(".figures").first.locator("tfoot tr:last-child td:nth-child(3)").inner_text()
    with page.expect_navigation():
        page.get_by_label("Market").select_option("SEA")
    assert re.search(r"/reports/months\?year=2026&market=SEA$", page.url)
    assert page.locator(".figures").first.locator("tfoot tr:last-child td:nth-child(3)").inner_text() != before
    assert visit.problems == []
    charts = painted(page)
    assert len(charts) == 2
    assert min(charts) > 500
    assert {url.partition("/")[2].lstrip("/").partition("/")[0] for url in visit.requests} == {address[7:]}


def test_every_page_is_whole_on_a_desk(visit: Any) -> None:
    with visit(color_scheme="dark") as window:
        for path in PAGES:
            window.open(path)
            assert window.width() <= 1280, path
            box = window.page.locator(".scroll").first
            assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0, path
        assert window.problems == []
        assert all(url.startswith(window.address) for url in window.requests)


def test_a_number_opens_its_airings(visit: Any) -> None:
    with visit() as window:
        window.open("/reports/sectors?market=SFO")
        number = window.page.locator("a.airs").first
        shown = number.inner_text()
        with window.page.expect_navigation():
            number.click()
        assert "/reports/spots?" in window.page.url
        assert "market=SFO" in window.page.url
        assert window.page.locator(".cards dd").first.inner_text() == f"${shown}"
        assert window.problems == []


def test_every_page_fits_a_phone(visit: Any) -> None:
    with visit(width=390, height=844) as window:
        for path in PAGES:
            window.open(path)
            assert window.width() <= 390, path
        assert window.problems == []


def test_the_charts_follow_when_the_evening_comes(visit: Any) -> None:
    with visit() as window:
        window.open("/reports/months")
        script = "box => box.querySelector('canvas').toDataURL()"
        chart = window.page.locator(".chart").first
        by_day = chart.evaluate(script)
        window.page.emulate_media(color_scheme="dark")
        window.page.wait_for_timeout(100)
        assert chart.evaluate(script) != by_day


def test_a_slash_leads_to_the_search_field(visit: Any) -> None:
    with visit() as window:
        window.open("/reports/customers")
        window.page.keyboard.press("/")
        assert window.page.evaluate("document.activeElement.name") == "customer"
        window.page.keyboard.type("an/a")
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")
        assert window.page.url.endswith("?year=2026&customer=an%2Fa")


def test_the_sums_and_the_names_stay_in_view(visit: Any) -> None:
    with visit(width=900) as window:
        window.open("/reports/customers")
        page = window.page
        page.locator(".scroll").evaluate("box => { box.scrollIntoView(); box.scrollTo(500, 2000); }")
        sums = page.locator("thead .total th").bounding_box()
        box = page.locator(".scroll").bounding_box()
        assert box["x"] <= sums["x"] < box["x"] + 5
        assert box["y"] <= sums["y"] < box["y"] + 70  # under heads of up to three lines


def test_a_link_can_be_copied_with_its_filters(visit: Any) -> None:
    with visit(permissions=["clipboard-read", "clipboard-write"]) as window:
        window.open("/reports/customers?year=2025&market=SEA")
        window.page.get_by_role("button", name="Copy link").click()
        window.page.get_by_role("button", name="Copied").wait_for()
        assert window.page.evaluate("navigator.clipboard.readText()") == window.page.url


def test_going_back_brings_the_former_filters_back(visit: Any) -> None:
    with visit() as window:
        page = window.page
        window.open("/reports/months")
        with page.expect_navigation():
            page.get_by_label("Market").select_option("SEA")
        page.go_back()
        with page.expect_navigation():
            page.get_by_label("Money").select_option("net")
        assert page.url.endswith("/reports/months?year=2026&measure=net")


def test_the_filters_work_without_scripts(visit: Any) -> None:
    with visit(java_script_enabled=False) as window:
        window.open("/reports/months")
        window.page.get_by_label("Market").select_option("SEA")
        window.page.get_by_role("button", name="Show").click()
        window.page.wait_for_url("**market=SEA**")
        assert httpx.get(window.address + "/health").status_code == 200


def test_an_export_is_downloaded(visit: Any, tmp_path: Path) -> None:
    with visit() as window:
        window.open("/reports/months?year=2025")
        with window.page.expect_download() as download:
            window.page.get_by_role("link", name="XLSX").click()
        assert download.value.suggested_filename == "bookedbiz-by-month-2025.xlsx"
