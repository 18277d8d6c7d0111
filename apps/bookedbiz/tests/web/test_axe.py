"""Every page can be used by everybody: what axe finds by WCAG 2.2 A and AA, by day and by night, is nothing."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for

from bookedbiz.web import menu

VENDOR = Path(__file__).parents[4] / "tests/vendor"
BEHIND = [
    "/reports/spots?period=202610", "/reports/customers/1", "/accounts/1", "/accounts/?open=1", "/accounts/new",
    "/accounts/contacts", "/planning/sectors/1", "/planning/versions/1", "/planning/unmatched", "/imports/1",
    "/imports/new", "/names/customers/1", "/names/agencies/1", "/languages/rules", "/quality/customer_without_sector",
    "/nothing-here",
]  # fmt: skip
OF_COLOUR = ["color-contrast", "link-in-text-block"]

pytestmark = pytest.mark.browser


def pages_of(app: Flask, word: str) -> list[str]:
    """The pages of the menu under that word; those of the bar for none."""
    with app.test_request_context():
        return [url_for(entry.endpoint) for entry in (menu.FOLDED[word] if word else menu.BAR)]


def violations(page: Any, only: list[str] | None = None) -> list[str]:
    script = (VENDOR / "violations.js").read_text(encoding="utf-8")
    return list(page.evaluate(script.partition("\n")[2], only))


def wrong_with(page: Any) -> list[str]:
    """What is wrong with the page that is open; colours are looked at in the dark, too."""
    page.evaluate((VENDOR / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    page.emulate_media(color_scheme="light")
    by_day = violations(page)
    page.emulate_media(color_scheme="dark")
    by_night = violations(page, OF_COLOUR)
    return by_day + [f"in the dark: {each}" for each in by_night]


@pytest.mark.parametrize("word", ["", *menu.FOLDED, "behind"])
def test_every_page_can_be_used_by_everybody(window_of: Any, app: Flask, word: str) -> None:
    window = window_of("admin")
    found = {}
    for path in BEHIND if word == "behind" else pages_of(app, word):
        window.open(path)
        found[path] = wrong_with(window.page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_the_way_in_and_the_open_menu_can_be_used_by_everybody(window_of: Any) -> None:
    visitor = window_of(None)
    visitor.open("/sign-in")
    assert wrong_with(visitor.page) == []
    window = window_of("admin", width=390, height=844)
    window.open("/reports/months")
    window.page.get_by_role("button", name="Menu").click()
    for fold in window.page.locator("#menu details").all():
        fold.locator("summary").click()
        assert wrong_with(window.page) == []
