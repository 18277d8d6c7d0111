"""Nobody sees anything without a login, a viewer changes nothing, and every route says whom it is for."""

import re

import pytest

from pivision import users
from pivision.devices.audit import By
from pivision.users import BadUser, Role
from pivision.web.roles import ADMIN, EVERYBODY, SIGNED_IN
from station_kit.environment import Secret
from station_pages.guard import may_ask

OPEN = {"auth.sign_in", "static", "api.openapi"}


def routes(pages):
    """(endpoint, method, address) of everything there is, with something in the place of each variable."""
    for rule in pages.url_map.iter_rules():
        address = re.sub(r"<int:[^>]*>", "1", rule.rule)
        address = re.sub(r"<[^>]*>", "pre", address)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def test_every_route_says_whom_it_is_for(pages):
    found = {endpoint: may_ask(pages, endpoint) for endpoint, _, _ in routes(pages)}
    assert {name for name, roles in found.items() if roles == EVERYBODY} == OPEN
    assert all(roles in (EVERYBODY, SIGNED_IN, ADMIN) for roles in found.values())


def test_without_a_login_nothing_is_shown(pages, as_person, happen):
    happen()
    nobody = as_person(None)
    for endpoint, method, address in routes(pages):
        if endpoint not in OPEN:
            answer = nobody.open(address, method=method)
            assert answer.status_code in (302, 401), (method, address)
            assert b"Somebody came" not in answer.data


def test_a_viewer_changes_nothing(pages, as_person, happen, appliance):
    happen()
    guest = as_person("guest")
    for endpoint, method, address in routes(pages):
        if method != "GET" and endpoint not in ("auth.sign_in", "auth.sign_out", "api_trying.what_if"):
            assert guest.open(address, method=method).status_code == 403, (method, address)


def test_a_form_without_its_token_is_refused(pages, as_person, happen):
    event_id = happen()
    anna = as_person("anna")
    pages.config["WTF_CSRF_ENABLED"] = True
    assert anna.post(f"/events/{event_id}", data={"review": "right"}).status_code == 400


def test_wrong_passwords_are_counted(as_person, caplog):
    nobody = as_person(None)
    answers = [nobody.post("/sign-in", data={"name": "anna", "password": "wrong"}).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    assert caplog.messages == ["sign-in refused address=127.0.0.1"] * 5
    for blanks in (" " * 60, "\t" * 60, "\u2003" * 60):  # cut there, the name is the same
        assert nobody.post("/sign-in", data={"name": f"anna{blanks}x", "password": "wrong"}).status_code == 429
    assert nobody.post("/sign-in", data={"name": "guest", "password": "wrong"}).status_code == 401


def test_another_password_ends_the_sessions_of_the_old_one(anna, appliance):
    assert anna.get("/dashboard").status_code == 200
    users.set_password(appliance.db, "ANNA", Secret("another long password"), By("test", appliance.now))
    assert anna.get("/dashboard").status_code == 302


def test_somebody_who_may_change_things_is_always_left(pages, appliance):
    who = By("test", appliance.now)
    with pytest.raises(BadUser, match="nobody would be left"):
        users.change(appliance.db, "anna", Role.VIEWER, True, who)
    with pytest.raises(BadUser, match="nobody would be left"):
        users.change(appliance.db, "anna", Role.ADMIN, False, who)
    assert users.by_name(appliance.db, "anna").role is Role.ADMIN


def test_nobody_is_led_elsewhere_after_signing_in(as_person):
    answer = as_person(None).post(
        "/sign-in?next=//evil.example", data={"name": "anna", "password": "a long enough password"}
    )
    assert answer.headers["Location"] == "/dashboard"
