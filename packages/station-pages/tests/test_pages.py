"""Everything is denied that nobody allowed; a password cannot be guessed by trying; nobody is led elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_login import LoginManager, UserMixin, login_user

from station_pages import guard
from station_pages.addresses import local_path, static_address
from station_pages.attempts import MOST_KEYS, PER_ADDRESS, PER_NAME, WINDOW, Attempts
from station_pages.roles import EVERYBODY, only


class Person(UserMixin):
    def __init__(self, role):
        self.id = self.role = role


@pytest.fixture
def client(tmp_path):
    """Pages for everybody, for `clerk`, and one whose author forgot to say; `/as/ROLE` signs in."""
    (tmp_path / "a.css").write_text("a")
    app = Flask(__name__, static_folder=str(tmp_path))
    app.secret_key = "for the test"
    LoginManager(app).user_loader(Person)
    guard.install(app, sign_in="sign_in")

    @app.get("/sign-in")
    @only(EVERYBODY)
    def sign_in():
        return "form"

    @app.get("/as/<role>")
    @only(EVERYBODY)
    def come_in(role):
        login_user(Person(role))
        return "in"

    @app.get("/desk")
    @only(frozenset({"clerk"}))
    def desk():
        return static_address("a.css")

    @app.get("/forgotten")
    def forgotten():
        return "secret"

    return app.test_client()


def test_without_a_session_people_are_led_to_the_form_and_programs_told(client):
    assert client.get("/desk?a=1").headers["Location"] == "/sign-in?next=/desk?a%3D1"
    assert client.get("/desk", headers={"Accept": "application/json"}).status_code == 401
    assert client.get("/nowhere").status_code == 302


def test_only_the_named_roles_come_in(client):
    client.get("/as/guest")
    assert client.get("/desk").status_code == 403
    client.get("/as/clerk")
    assert client.get("/desk").status_code == 200
    assert client.get("/nowhere").status_code == 404


def test_what_nobody_allowed_is_denied_to_all(client):
    client.get("/as/clerk")
    assert client.get("/forgotten").status_code == 403


def test_every_answer_says_what_a_browser_may_do(client):
    headers = client.get("/sign-in").headers
    assert (
        "script-src 'self'" in headers["Content-Security-Policy"] and "unsafe" not in headers["Content-Security-Policy"]
    )
    assert headers["Cache-Control"] == "private, no-store" and headers["X-Frame-Options"] == "DENY"


def test_the_address_of_a_static_file_changes_with_its_content(client):
    client.get("/as/clerk")
    assert client.get("/desk").text.endswith("/a.css?v=ca978112ca1b")  # the first digits of its SHA-256


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb", "x"])
def test_nobody_is_led_elsewhere(elsewhere):
    assert local_path(elsewhere, "/home") == "/home"
    assert local_path("/here?x=1", "/home") == "/here?x=1"


@pytest.fixture
def clock():
    return [datetime(2026, 11, 20, 12, tzinfo=UTC)]


@pytest.fixture
def attempts(clock):
    return Attempts(lambda: clock[0])


def test_a_name_waits_after_a_few_wrong_passwords_and_others_do_not(attempts, clock):
    for _ in range(PER_NAME):
        assert attempts.wait_s("10.0.0.1", "Ann") == 0
        attempts.failed("10.0.0.1", "Ann")
    assert attempts.wait_s("10.0.0.1", "ann") > 0 and attempts.wait_s("10.0.0.1", "bob") == 0
    clock[0] += WINDOW + timedelta(seconds=1)
    assert attempts.wait_s("10.0.0.1", "ann") == 0


def test_an_address_that_tries_many_names_waits(attempts):
    for number in range(PER_ADDRESS):
        attempts.failed("10.0.0.1", f"name{number}")
    assert attempts.wait_s("10.0.0.1", "another") > 0 and attempts.wait_s("10.0.0.2", "another") == 0


def test_guessing_takes_bounded_memory(attempts):
    for number in range(MOST_KEYS + 50):
        attempts.failed(f"10.0.{number // 250}.{number % 250}", f"name{number}")
    assert len(attempts._failures) <= MOST_KEYS + 2
