"""What the office does, in a browser: bring a workbook in, close a month, enter what is to come."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookedbiz.sample.cells import NOT_AVAILABLE
from bookedbiz.workbook.columns import POSITION
from station_kit.sqlitefile import open_database

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
LATER = {"broadcast_month": "Jun-27", "air_date": "6/7/2027", "day_of_week": "Monday"}
MONTHS = {
    "Sep-26": {"broadcast_month": "Sep-26", "air_date": "9/7/2026", "day_of_week": "Monday"},
    "Oct-26": {"broadcast_month": "Oct-26", "air_date": "10/5/2026", "day_of_week": "Monday"},
    "Nov-26": {"broadcast_month": "Nov-26", "air_date": "11/23/2026", "day_of_week": "Monday"},
}

pytestmark = pytest.mark.browser


def total(ledger: Path) -> int:
    with closing(open_database(ledger, read_only=True)) as db:
        return int(db.execute("SELECT sum(gross_cents) FROM revenue").fetchone()[0])


def hand_over(page: Any, heading: str, path: Path) -> None:
    """Choose a workbook under that heading and ask what it would change."""
    section = page.locator("section", has=page.get_by_role("heading", name=heading))
    section.locator("input[type=file]").set_input_files(path)
    with page.expect_navigation():
        section.get_by_role("button", name="Show what it would change").click()


def bring_in(page: Any) -> None:
    page.get_by_role("button", name="Import it").click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))


def test_an_import_with_problems_is_brought_in_and_mended(
    window_of: Any, ledger: Path, write_log: Any, line: Any
) -> None:
    total_line = [""] * 29
    total_line[POSITION["bill_code"]] = "Grand Total"
    dirty = write_log(
        [
            line(bill_code="Orbit Media:Cedar Bnak Trust", unit=1.0, **LATER),
            line(bill_code="Orbit Media:Cedar Bnak Trust", unit=2.0, market="QX7", **LATER),
            line(bill_code="Orbit Media:Cedar Bnak Trust", unit=3.0, gross_rate=NOT_AVAILABLE, **LATER),
            total_line,
        ]
    )
    window = window_of("admin")
    page = window.page
    before = total(ledger)
    window.open("/imports/new")
    hand_over(page, "Refresh open months", dirty)
    assert total(ledger) == before  # nothing has been changed yet
    bring_in(page)
    after = total(ledger)
    assert after - before == 20_000  # the row whose rate is an error counts with nothing
    assert "3 rows added" in page.locator(".lead").inner_text()
    report = page.locator("main").inner_text()
    assert "#N/A" in report
    assert "QX7" in report
    assert "1 total on Commercials" in report
    assert "Grand Total" in report

    window.open("/names/")
    row = page.locator("tr", has_text="Cedar Bnak Trust")
    with page.expect_navigation():
        row.get_by_role("link", name="Orbit Media:Cedar Bnak Trust").click()
    page.get_by_label("Name, Agency:Customer").fill("Orbit Media:Cedar Bank Trust")
    with page.expect_navigation():
        page.get_by_role("button", name="Create").click()
    assert page.locator(".cards dd").all_inner_texts()[1:] == ["3", "$200"]
    with page.expect_navigation():
        page.get_by_role("button", name="Do it").click()
    assert page.locator("tr", has_text="Cedar Bnak Trust").count() == 0

    window.open("/codes/")
    row = page.locator("tr", has=page.get_by_role("link", name="QX7"))
    row.get_by_label("Name of QX7").fill("Quincy")
    with page.expect_navigation():
        row.get_by_role("button", name="Confirm").click()
    assert page.get_by_role("link", name="QX7").count() == 0

    assert total(ledger) == after
    window.open("/reports/customers?year=2027&customer=Cedar+Bank+Trust")
    assert page.locator(".cards dd").first.inner_text().startswith("$200")
    assert window.problems == []


@pytest.fixture
def open_months(ledger: Path) -> None:
    """September and October wait for their close."""
    with closing(open_database(ledger)) as db:
        db.execute("DELETE FROM month_status WHERE month > 202608")


def closed(page: Any) -> list[str]:
    return [each for each in page.locator("tbody th").all_inner_texts() if each in MONTHS]


@pytest.mark.usefixtures("open_months")
def test_a_month_is_closed_closed_again_and_reopened(window_of: Any, write_log: Any, line: Any) -> None:
    def recap(count: int) -> Path:
        lines = [line(unit=float(number), **cells) for cells in MONTHS.values() for number in range(count)]
        return Path(write_log({"Data": lines}, name=f"2026-{count}.xlsx"))

    window = window_of("admin")
    page = window.page
    window.open("/imports/new")
    hand_over(page, "Close months", recap(6))
    assert page.locator("fieldset label").all_inner_texts() == ["Sep-26", "Oct-26"]  # November is not over
    page.get_by_label("Oct-26").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Show again").click()
    bring_in(page)
    window.open("/imports/months")
    assert closed(page) == ["Oct-26"]  # and September, which was not ticked, is open

    window.open("/imports/new")
    hand_over(page, "Close months", recap(4))
    page.get_by_label("Oct-26 (closed already)").check()
    page.get_by_label("Reason, to close a month again").fill("two were wrong")
    with page.expect_navigation():
        page.get_by_role("button", name="Show again").click()
    row = page.locator("tr", has_text="closed already").inner_text().split("\t")
    assert row[1:5] == ["6", "4", "$600", "$400"]
    bring_in(page)
    window.open("/imports/months")
    assert "two were wrong" in page.locator("tr", has_text="Oct-26").inner_text()

    reader = window_of("boss")
    reader.open("/imports/months")
    assert closed(reader.page) == ["Oct-26"]
    assert reader.page.get_by_text("Reopen").count() == 0
    october = page.locator("tr", has=page.get_by_role("rowheader", name="Oct-26"))
    october.get_by_text("Reopen", exact=True).click()
    october.get_by_label("Reason").fill("a contract was missing")
    with page.expect_navigation():
        october.get_by_role("button", name="Reopen Oct-26").click()
    assert closed(page) == []
    window.open("/audit/?about=oct-26")
    assert "a contract was missing" in page.locator("tbody").inner_text()
    unticked = "409 (Conflict)"  # what a recap is answered with before a month is ticked
    assert [each for each in window.problems if unticked not in each] + reader.problems == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_budget_is_entered_and_a_forecast_saved(window_of: Any, size: dict[str, int]) -> None:
    window = window_of("admin", **size)
    page = window.page
    window.open("/planning/budget")
    field = page.locator(".plan tbody input").first
    words = field.get_attribute("aria-label") or ""
    field.fill("123,400")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert page.get_by_role("status").first.inner_text() == "Saved: 1 change."
    assert page.get_by_label(words).input_value() == "123,400"

    window.open("/planning/")
    forecasts = page.locator(".plan tbody input")
    first, second = forecasts.nth(0), forecasts.nth(2)
    assert first.get_attribute("placeholder") == "123,400" or first.input_value() != ""
    first.fill("150000")
    first.press("ArrowDown")  # to the next entity, in the same month
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == second.get_attribute("aria-label")
    page.keyboard.type("7500")
    assert page.locator("#changed").inner_text() == "2 not saved yet"
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert page.get_by_role("status").first.inner_text() == "Saved: 2 changes."
    assert (first.input_value(), second.input_value()) == ("150,000", "7,500")
    assert window.width() == size["width"]
    assert window.problems == []


def test_the_sums_of_a_budget_stand_under_their_months_on_a_phone(window_of: Any) -> None:
    window = window_of("admin", **PHONE)
    for path in ("/planning/budget", "/planning/sectors/1", "/planning/"):
        window.open(path)
        rows = window.page.locator(".plan tr").evaluate_all(
            """rows => rows.map((row) => [...row.cells].filter((cell) => cell.offsetWidth)
                                                       .map((cell) => Math.round(cell.getBoundingClientRect().x)))"""
        )
        assert len({tuple(row) for row in rows if len(row) > 2}) == 1, path
