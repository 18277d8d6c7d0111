"""Who may look at the page: nobody but the operator, except at what is named."""

import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from station.errors import StationError
from station.web.access import OPEN_ENDPOINTS, Attempts, Credentials, read_credentials

PASSWORD = "a long password"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _token(client: FlaskClient, path: str = "/sign-in") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def _sign_in(client: FlaskClient, password: str = PASSWORD) -> int:
    return client.post("/sign-in", data={"password": password, "csrf_token": _token(client)}).status_code


def test_every_route_but_the_named_ones_is_closed(app: Flask, client: FlaskClient) -> None:
    seen = set()
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<path:filename>", "station.css")
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            data = {"csrf_token": _token(client)} if method == "POST" else None
            with client.open(path, method=method, data=data) as answer:
                status = answer.status_code
            if rule.endpoint not in OPEN_ENDPOINTS:
                assert status in (302, 401), f"{method} {path} is open"
                seen.add(rule.endpoint)
    assert {"page", "live", "api_status", "api_readiness", "sign_out"} <= seen


def test_a_path_that_is_not_there_tells_a_stranger_nothing(client: FlaskClient) -> None:
    assert client.get("/no-such-page").status_code == 302


def test_health_is_open_and_says_nothing_else(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok"}


def test_the_password_opens_the_page_and_signing_out_closes_it(client: FlaskClient) -> None:
    assert _sign_in(client) == 302
    page = client.get("/")
    assert page.status_code == 200
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    client.post("/sign-out", data={"csrf_token": token[1]})
    assert client.get("/").status_code == 302


def test_a_wrong_password_opens_nothing(client: FlaskClient) -> None:
    assert _sign_in(client, "wrong") == 403
    assert client.get("/").status_code == 302


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(client: FlaskClient) -> None:
    for _ in range(5):
        assert _sign_in(client, "wrong") == 403
    token = _token(client)
    answer = client.post("/sign-in", data={"password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert client.get("/").status_code == 302


def test_a_form_from_elsewhere_is_refused(client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"password": PASSWORD}).status_code == 400
    assert client.get("/").status_code == 302
    _sign_in(client)
    assert client.post("/sign-out").status_code == 400
    assert client.get("/").status_code == 200


def test_the_session_of_an_old_password_is_worth_nothing(app: Flask, client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = Credentials("an older password", "a secret key for tests").mark
    assert client.get("/").status_code == 302


def test_another_host_name_is_refused_on_loopback(client: FlaskClient) -> None:
    assert client.get("/health", headers={"Host": "evil.example:5001"}).status_code == 400
    assert client.get("/health", headers={"Host": "localhost:5001"}).status_code == 200


def test_the_cookie_is_the_pages_own_and_hidden_from_scripts(client: FlaskClient) -> None:
    cookie = client.post("/sign-in", data={"password": PASSWORD, "csrf_token": _token(client)}).headers["Set-Cookie"]
    assert cookie.startswith("station_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", ["/sign-in", "/health", "/static/station.css", "/"])
def test_every_answer_forbids_what_is_not_ours(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_hashed_password_is_accepted_too() -> None:
    hashed = Credentials(PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD), "key")
    assert hashed.accept(PASSWORD)
    assert not hashed.accept("wrong")
    assert not Credentials("$argon2-broken", "key").accept("$argon2-broken")


def test_credentials_do_not_print() -> None:
    assert PASSWORD not in repr(Credentials(PASSWORD, "key"))


def test_a_missing_or_empty_secret_is_named(tmp_path: Path) -> None:
    (tmp_path / "operator_password").write_text("x\n")
    with pytest.raises(StationError, match="secret_key"):
        read_credentials(tmp_path)
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(StationError, match="is empty"):
        read_credentials(tmp_path)
    (tmp_path / "secret_key").write_text("k\n")
    assert read_credentials(tmp_path) == Credentials("x", "k")


def test_waiting_ends_a_minute_after_the_first_wrong_password() -> None:
    attempts = Attempts(limit=2, window_s=60)
    attempts.failed("here", 0)
    attempts.failed("here", 10)
    assert attempts.wait_s("here", 20) == 40
    assert attempts.wait_s("there", 20) == 0
    assert attempts.wait_s("here", 61) == 0


def test_many_addresses_do_not_fill_the_memory() -> None:
    attempts = Attempts(limit=1, window_s=60, most_addresses=3)
    for number in range(10):
        attempts.failed(str(number), 0)
    assert attempts.wait_s("9", 1) > 0
    assert attempts.wait_s("0", 1) == 0
