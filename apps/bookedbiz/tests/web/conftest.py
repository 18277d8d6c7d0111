"""The application on a ledger that the real importer has filled, and people who are signed in to it."""

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Request, sync_playwright
from werkzeug.test import TestResponse

from bookedbiz.names.audit import By
from bookedbiz.sample.fill import SampleRequest, fill
from bookedbiz.settings import Settings
from bookedbiz.users import NewUser, Role, create_user, find_user_by_email
from bookedbiz.web import create_app
from bookedbiz.web.auth import person_of
from bookedbiz.web.context import database
from bookedbiz.web.serve import as_asgi
from station_kit.environment import Secret
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database, transaction

CHROMIUM = "/usr/bin/chromium"
_SWITCHES = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
PEOPLE = {"admin": Role.ADMIN, "boss": Role.MANAGEMENT, "guest": Role.VIEWER, "seller": Role.AE, "bookless": Role.AE}


class Clock:
    """A clock that a test may put forward."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


class Browser:
    """A test client that fills in forms the way a person does."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)

    def token(self) -> str:
        page = self.get("/sign-in").text
        page = page if 'name="csrf_token"' in page else self.get("/reports/").text
        return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

    def sign_in(self, name: str = "admin", password: str = PASSWORD, **more: str) -> TestResponse:
        form = {"csrf_token": self.token(), "email": f"{name}@station.example", "password": password, **more}
        return self.client.post("/sign-in", data=form)

    def come_in(self, app: Flask, name: str) -> None:
        """Be signed in already: verifying a password takes its time, and test_sign_in does it."""
        with app.test_request_context():
            user = find_user_by_email(database(), f"{name}@station.example")
            assert user is not None
            known = person_of(user).get_id()
        with self.client.session_transaction() as session:
            session.update(_user_id=known, _fresh=True)

    def sign_out(self) -> TestResponse:
        return self.client.post("/sign-out", data={"csrf_token": self.token()})


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger to copy: filled by the real importer, with one person of each kind."""
    folder = tmp_path_factory.mktemp("filled")
    path = folder / "ledger.db"
    by = By("test", NOW.isoformat())
    with closing(open_database(path)) as db:
        migrate(db, "bookedbiz.schema")
        fill(db, SampleRequest(1200, 7, NOW), folder, None, lambda _: None)
        seller = db.execute("SELECT ae FROM revenue WHERE ae_id > 1 GROUP BY ae ORDER BY count(*) DESC").fetchone()[0]
        with transaction(db):
            for name, role in PEOPLE.items():
                ae = seller if name == "seller" else None
                create_user(
                    db, NewUser(f"{name}@station.example", role, name.title(), "Person", Secret(PASSWORD), ae), by
                )
        db.execute("UPDATE batch SET finished_at = '2026-11-20T19:00:00.000Z'")  # the importer looks at the real clock
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def ledger(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "ledger.db"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(ledger: Path, clock: Clock) -> Iterator[Flask]:
    made = create_app(Settings(ledger, Secret("a key for tests, and only for them")), now=clock)
    yield made
    made.extensions["bookedbiz"].machine.stop()


@pytest.fixture
def visitor(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    def sign_in(name: str) -> Browser:
        browser = Browser(app)
        browser.come_in(app, name)
        return browser

    return sign_in


@pytest.fixture
def admin(signed_in: Callable[[str], Browser]) -> Browser:
    return signed_in("admin")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    if shutil.which(CHROMIUM) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"there is no {CHROMIUM}: apt install chromium")
        pytest.skip(f"there is no {CHROMIUM}: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application behind a real server, in this process."""
    config = uvicorn.Config(as_asgi(app), host="127.0.0.1", port=0, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


class Visit:
    """One window, and whatever went wrong in it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # by the next page, before the icon had come
            self.problems.append(f"{request.failure}: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.address + path, wait_until="load")

    def width(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


@pytest.fixture
def window_of(chromium: Chromium, address: str, signed_in: Callable[[str], Browser]) -> Iterator[Callable[..., Visit]]:
    """Opens a window of that size for somebody who is signed in already, nobody for None; `window_of("boss", 390)`."""
    opened: list[BrowserContext] = []

    def make(name: str | None = "admin", width: int = 1280, height: int = 900, **more: Any) -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        opened.append(context)
        context.set_default_timeout(60_000)
        if name:
            cookie = signed_in(name).client.get_cookie("bookedbiz")
            assert cookie is not None
            context.add_cookies([{"name": "bookedbiz", "value": cookie.value, "url": address}])
        return Visit(context, address)

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def visit(window_of: Callable[..., Visit]) -> Any:
    """Opens windows of a given size in which an administrator is signed in."""

    @contextmanager
    def make(width: int = 1280, height: int = 900, **more: Any) -> Iterator[Visit]:
        yield window_of("admin", width, height, **more)

    return make
