"""Every page can be used by everybody: what axe finds by WCAG 2.2 A and AA, by day and by night, is nothing."""

from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[4] / "tests/vendor"
PAGES = (
    "dashboard", "events", "events/1", "cameras", "cameras/stand", "cameras/stand/regions", "cameras/stand/settings",
    "storage", "notices", "people",
)  # fmt: skip
OF_COLOUR = ["color-contrast", "link-in-text-block"]

pytestmark = pytest.mark.browser


def violations(page, only=None):
    script = (VENDOR / "violations.js").read_text(encoding="utf-8")
    return page.evaluate(script.partition("\n")[2], only)


def wrong_with(page):
    """What is wrong with the page that is open; colours are looked at in the dark, too."""
    page.evaluate((VENDOR / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    page.emulate_media(color_scheme="light")
    by_day = violations(page)
    page.emulate_media(color_scheme="dark")
    return by_day + [f"in the dark: {each}" for each in violations(page, OF_COLOUR)]


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_can_be_used_by_everybody(browse, address, width):
    page = browse(width, 900)
    found = {}
    for path in PAGES:
        page.goto(f"{address}/{path}")
        found[path] = wrong_with(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_the_way_in_can_be_used_by_everybody(browse, address):
    page = browse(390, 844)
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in*")
    assert wrong_with(page) == []
