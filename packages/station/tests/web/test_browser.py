"""The page in a real Chromium: signing in, live update, silence, no script, a phone, the dark."""

import os
import shutil
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright

PASSWORD = "a long password"
CHROMIUM = "/usr/bin/chromium"
QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"there is no {CHROMIUM}: apt install chromium")
        pytest.skip(f"there is no {CHROMIUM}: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def session(app: Flask, served: str) -> dict[str, str]:
    """The cookie of somebody who has signed in."""
    client = app.test_client()
    token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"csrf_token": token, "password": PASSWORD})
    cookie = client.get_cookie("station_session")
    assert cookie
    return {"name": cookie.key, "value": cookie.value, "url": served}


@pytest.fixture
def page(browser: Browser, served: str, session: dict[str, str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([session])
    page = context.new_page()
    page.goto(served)
    yield page
    context.close()


def test_the_page_comes_up_without_a_complaint_of_the_browser(browser: Browser, served: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    elsewhere: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(served) else elsewhere.append(asked.url))
    page.goto(served)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Safe. You can fail over now.")
    with page.expect_response("**/live"):
        pass
    assert (complaints, elsewhere) == ([], [])
    context.close()


def test_a_primary_that_falls_silent_shows_without_a_reload(scene, page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Safe. You can fail over now.")
    page.evaluate("window.sameDocument = true")
    scene.write("pi2")
    scene.write("pi-ctv", ago_s=40)
    expect(page.get_by_role("heading", level=1)).to_have_text("pi-ctv is silent. You can fail over now.")
    expect(page.locator("#spoken")).to_contain_text("pi-ctv is silent")
    assert page.evaluate("window.sameDocument")


def test_what_is_spoken_does_not_change_while_only_ages_do(scene, page: Page) -> None:
    page.evaluate(
        "window.spoken = 0; new MutationObserver(() => window.spoken++)"
        ".observe(document.getElementById('spoken'), {childList: true, characterData: true, subtree: true})"
    )
    before = page.locator("#pulse-text").text_content()
    scene.write()
    expect(page.locator("#pulse-text")).not_to_have_text(before or "")
    assert page.evaluate("window.spoken") == 0


def test_a_page_without_news_says_so_and_turns_grey(page: Page) -> None:
    page.clock.install()
    page.reload()
    page.route("**/live", lambda route: route.abort())
    for _ in range(8):
        page.clock.run_for(2000)
        page.wait_for_timeout(50)
    expect(page.locator("#pulse-text")).to_contain_text("no news for")
    expect(page.locator("body")).to_have_class("stale")


def test_nothing_is_wider_than_the_screen(scene, page: Page) -> None:
    scene.divergence = [{"at": None, "database": "main", "pages": 12, "file": "/a/" + "long/" * 30 + "name.wal"}]
    scene.write()
    page.reload()
    for width in (390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_dark_is_dark(page: Page) -> None:
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert _brightness(dark) < 120
    assert _brightness(light) > 600


def _brightness(colour: str) -> int:
    return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(",")))


def test_without_script_the_page_reloads_by_itself(browser: Browser, served: str, session: dict[str, str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session])
    page = context.new_page()
    page.goto(served)
    expect(page.get_by_role("heading", level=1)).to_have_text("Safe. You can fail over now.")
    with page.expect_navigation(timeout=10_000):
        pass
    context.close()
