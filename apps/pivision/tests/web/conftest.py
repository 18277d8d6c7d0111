"""The pages on an appliance with two events, and people who may look or change things."""

import json
import os
import shutil
import threading
from functools import cache
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from flask import request
from jsonschema import Draft202012Validator

from pivision import tokens, users
from pivision.api.document import document, path_of
from pivision.api.routes import operations
from pivision.devices.audit import By
from pivision.moments import utc_text
from pivision.pictures.filing import write_durably
from pivision.settings import Settings
from pivision.testing.pictures import picture
from pivision.users import Role
from pivision.web.app import create_app
from station_kit.environment import Secret

PASSWORD = "a long enough password"
CHROMIUM = shutil.which("chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
OPTIONS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture
def pages(appliance, monkeypatch):
    """The application; passwords are hashed quickly, since argon2 takes its time on purpose."""
    monkeypatch.setattr(users, "_hasher", users.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    who = By("test", appliance.now)
    users.add(appliance.db, "anna", Role.ADMIN, Secret(PASSWORD), who)
    users.add(appliance.db, "guest", Role.VIEWER, Secret(PASSWORD), who)
    settings = Settings(appliance.path, appliance.folder.root, secret_key=Secret("0123456789abcdef0123"))
    app = create_app(settings, now=lambda: appliance.now)
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    app.after_request(lambda answer: wrong.extend(untold(answer)) or answer)
    yield app
    assert wrong == []


@cache
def told():
    """The document, in which no answer has more than it tells."""
    return document(operations(), "test", closed=True)


def untold(answer):
    """What an answer of the API says that the document does not."""
    if (
        not request.path.startswith("/api/v1/")
        or request.url_rule is None
        or not answer.is_json
        or answer.status_code == 304
    ):
        return
    operation = told()["paths"][path_of(request.url_rule.rule)].get(request.method.lower())
    if operation is None or request.url_rule.endpoint == "api.openapi":
        return
    response = operation["responses"].get(str(answer.status_code))
    where = f"{request.method} {request.path}: {answer.status_code}"
    if response is None:
        yield f"{where} is not told"
        return
    schema = response["content"]["application/json"]["schema"] | {"components": told()["components"]}
    yield from (f"{where}: {each.json_path} {each.message}" for each in
                Draft202012Validator(schema).iter_errors(answer.json))  # fmt: skip


@pytest.fixture
def as_person(pages):
    """A browser of this person: `as_person("anna")`."""

    def sign_in(name):
        client = pages.test_client()
        if name:
            assert client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 302
        return client

    return sign_in


@pytest.fixture
def anna(as_person):
    return as_person("anna")


@pytest.fixture
def happen(appliance):
    """An event with pictures; its id."""

    def make(kind="interaction_detected", device=None, **more):
        device_id = device or appliance.device(f"camera{appliance.db.total_changes}")
        appliance.pass_time(seconds=60)
        values = {"slot": "", "note": "", "review": "new", "starred": 0, "ended_at": utc_text(appliance.now), **more}
        event_id = appliance.db.execute(
            "INSERT INTO event (device_id, kind, slot, start_capture_id, started_at, ended_at, confidence, summary,"
            " details, note, review, starred, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, 0.9, 'Somebody came', ?, ?, ?, ?, '') RETURNING id",
            (
                device_id, kind, values["slot"], appliance.db.total_changes, utc_text(appliance.now),
                values["ended_at"],
                json.dumps({"motion_peak": 0.71234, "trace": ["interaction_start"]}), values["note"], values["review"],
                values["starred"],
            ),
        ).fetchone()["id"]  # fmt: skip
        for role in ("pre", "during", "post"):
            path = f"events/{device_id}/{event_id}/{role}.jpg"
            write_durably(appliance.folder.file(path), b"\xff\xd8" + role.encode() + b"\xff\xd9")
            appliance.db.execute(
                "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at)"
                " VALUES (?, ?, ?, 640, 480, 8, ?)",
                (event_id, role, path, utc_text(appliance.now)),
            )
        return event_id

    return make


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


class Threads(ThreadingMixIn, WSGIServer):
    """A browser opens a connection that it may not use: nothing waits behind it."""


@pytest.fixture
def address(pages, appliance, happen):
    """The pages on loopback, with a camera that sent a picture and an event of it."""
    device = appliance.device("stand")
    jpeg = picture(1, 640, 480)
    appliance.receive(device, [jpeg])
    happen("stock_changed", device=device, slot="eggs")
    tokens.add(appliance.db, "guest", "shelf", Role.VIEWER, By("test", appliance.now))
    server = make_server("127.0.0.1", 0, pages, server_class=Threads, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _is_complaint(said):
    """A form that was refused (422) is what a test may be about."""
    return said.type == "error" and "status of 422" not in said.text


@pytest.fixture
def browse(address):
    """A browser of this size, signed in as anna; complaints of its console fail the test."""
    if CHROMIUM is None:
        pytest.skip("no chromium here (apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, env={**os.environ})
        complaints = []

        def open_page(width, height):
            page = browser.new_context(viewport={"width": width, "height": height}).new_page()
            page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{address}/sign-in")
            page.fill("input[name=name]", "anna")
            page.fill("input[name=password]", "a long enough password")
            page.keyboard.press("Enter")
            page.wait_for_url("**/dashboard")
            return page

        yield open_page
        browser.close()
    assert complaints == []
