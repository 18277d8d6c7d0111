"""Who gets a session, for how long, and how often a password may be tried."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bookedbiz.names.audit import By
from bookedbiz.users import find_user_by_email, set_password
from station_kit.environment import Secret
from station_kit.sqlitefile import open_database, transaction
from station_pages.attempts import PER_ADDRESS, PER_NAME, WINDOW


def test_the_right_password_opens_the_start_page(visitor: Any) -> None:
    answer = visitor.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/reports/")
    assert visitor.get("/reports/").status_code == 200


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(visitor: Any) -> None:
    cookie = visitor.sign_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_email_is_found_whatever_its_case(visitor: Any) -> None:
    assert visitor.sign_in("ADMIN").status_code == 302


@pytest.mark.parametrize(("name", "password"), [("admin", "wrong password"), ("nobody", "correct horse battery")])
def test_a_wrong_name_and_a_wrong_password_look_alike(visitor: Any, name: str, password: str) -> None:
    answer = visitor.sign_in(name, password)
    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert visitor.get("/reports/").status_code == 302


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/reports/months?year=2025&measure=net", "/reports/months?year=2025&measure=net"),
        ("https://elsewhere.example/", "/reports/"),
        ("//elsewhere.example/", "/reports/"),
        ("/\\elsewhere.example/", "/reports/"),
        ("\\\\elsewhere.example/", "/reports/"),
        ("/\t/elsewhere.example", "/reports/"),
        ("javascript:alert(1)", "/reports/"),
        ("reports", "/reports/"),
        ("", "/reports/"),
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(visitor: Any, target: str, place: str) -> None:
    assert visitor.sign_in(next=target).headers["Location"] == place


def test_the_page_that_was_wanted_comes_after_signing_in(visitor: Any) -> None:
    wanted = visitor.get("/reports/customers?year=2025&market=SEA").headers["Location"]
    form = visitor.get(wanted).text
    assert 'name="next" value="/reports/customers?year=2025&amp;market=SEA"' in form


def test_signing_out_ends_the_session(admin: Any) -> None:
    assert admin.sign_out().status_code == 302
    assert admin.get("/reports/").status_code == 302


def test_too_many_wrong_passwords_have_to_wait(visitor: Any, clock: Any) -> None:
    for _ in range(PER_NAME):
        assert visitor.sign_in(password="wrong password").status_code == 401
    answer = visitor.sign_in()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= WINDOW.total_seconds() + 1
    assert visitor.sign_in("boss").status_code == 302
    visitor.sign_out()
    clock.at += WINDOW + timedelta(seconds=1)
    assert visitor.sign_in().status_code == 302


def test_trying_many_names_has_to_wait_as_well(app: Flask, visitor: Any) -> None:
    attempts = app.extensions["bookedbiz"].attempts
    for number in range(PER_ADDRESS):
        attempts.failed("127.0.0.1", f"name{number}")
    assert visitor.sign_in().status_code == 429
    assert attempts.wait_s("192.0.2.7", "admin@station.example") == 0


def test_a_right_password_forgives_the_wrong_ones_before_it(visitor: Any) -> None:
    for _ in range(2):
        for _ in range(PER_NAME - 1):
            visitor.sign_in(password="wrong password")
        assert visitor.sign_in().status_code == 302
        visitor.sign_out()


def test_a_new_password_ends_the_sessions_of_the_old_one(admin: Any, ledger: Path) -> None:
    with closing(open_database(ledger)) as db, transaction(db):
        set_password(db, "admin@station.example", Secret("another good password"), By("test", "2026-11-20T20:00:00Z"))
    assert admin.get("/reports/").status_code == 302


def test_somebody_who_was_switched_off_is_out_at_once(admin: Any, visitor: Any, ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        db.execute("UPDATE user SET active = 0")
    assert admin.get("/reports/").status_code == 302
    assert visitor.sign_in().status_code == 401


def test_a_session_is_signed_with_this_stations_key(app: Flask, admin: Any) -> None:
    app.secret_key = "another key than the one before"
    assert admin.get("/reports/").status_code == 302


def test_the_last_sign_in_is_noted(visitor: Any, ledger: Path) -> None:
    visitor.sign_in()
    with closing(open_database(ledger, read_only=True)) as db:
        user = find_user_by_email(db, "admin@station.example")
    assert user is not None
    assert user.last_login_at == "2026-11-20T20:00:00.000Z"


def test_a_database_that_cannot_be_written_keeps_nobody_out(visitor: Any, ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        db.execute("CREATE TRIGGER no_writing BEFORE UPDATE ON user BEGIN SELECT RAISE(ABORT, 'standby copy'); END")
    assert visitor.sign_in().status_code == 302
    assert visitor.get("/reports/").status_code == 200
