"""Programs come with a token: made for a person, shown once, never more than that person, and ended at once."""

import re

import pytest

from pivision import tokens, users
from pivision.api.routes import operations
from pivision.devices.audit import By
from pivision.users import BadUser, Role
from pivision.web.roles import ADMIN

EVENTS = "/api/v1/admin/events"


@pytest.fixture
def by(appliance):
    return By("test", appliance.now)


@pytest.fixture
def program(pages, appliance, by):
    """A program with a token of this person: `program("anna", Role.ADMIN)`."""

    def make(person, role, name="shelf"):
        token = tokens.add(appliance.db, person, name, role, by).reveal()
        client = pages.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return make


def test_a_program_asks_and_changes_without_a_session_or_a_form(pages, program, appliance, happen):
    event_id = happen()
    pages.config["WTF_CSRF_ENABLED"] = True
    client = program("anna", Role.ADMIN)
    assert client.get(EVENTS).status_code == 200
    assert client.patch(f"{EVENTS}/{event_id}", json={"review": "right"}).status_code == 200
    [row] = appliance.rows("SELECT actor FROM audit ORDER BY id DESC LIMIT 1")
    assert row == {"actor": "anna (shelf)"}


@pytest.mark.parametrize(("person", "role"), [("anna", Role.VIEWER), ("guest", Role.VIEWER)])
def test_a_token_to_look_changes_nothing(program, happen, person, role):
    event_id = happen()
    client = program(person, role)
    assert client.get(f"{EVENTS}/{event_id}").status_code == 200
    answer = client.delete(f"{EVENTS}/{event_id}")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("person", "role"), [("anna", Role.VIEWER), ("guest", Role.VIEWER)])
def test_no_route_lets_a_token_to_look_change_anything(pages, program, person, role):
    client = program(person, role)
    asked = 0
    for operation in operations():
        if operation.who == ADMIN:
            address = re.sub(r"<int:\w+>", "1", operation.address).replace("<name>", "stand")
            assert client.open(address, method=operation.method).status_code == 403, operation.name
            asked += 1
    assert asked > 12


def test_nobody_has_a_token_that_may_more_than_they(program, appliance, by, happen):
    with pytest.raises(BadUser, match="may only look"):
        program("guest", Role.ADMIN)
    users.change(appliance.db, "guest", Role.ADMIN, True, by)
    client = program("guest", Role.ADMIN)
    users.change(appliance.db, "guest", Role.VIEWER, True, by)
    assert client.delete(f"{EVENTS}/{happen()}").status_code == 403
    users.change(appliance.db, "guest", Role.VIEWER, False, by)
    assert client.get(EVENTS).status_code == 401


def test_a_revoked_token_opens_nothing_and_its_name_is_free(program, appliance, by):
    client = program("anna", Role.VIEWER)
    assert client.get(EVENTS).status_code == 200
    with pytest.raises(BadUser, match="has one named"):
        program("anna", Role.VIEWER)
    tokens.revoke(appliance.db, "anna", "shelf", by)
    answer = client.get(EVENTS)
    assert (answer.status_code, answer.json["code"]) == (401, "token_unknown")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert program("anna", Role.VIEWER).get(EVENTS).status_code == 200


def test_wrong_tokens_are_counted_and_right_ones_let_in_beside_them(pages, program):
    stranger = pages.test_client()
    wrong = {"Authorization": "Bearer pvt_0123456789abcdef_" + "x" * 43}
    answers = [stranger.get(EVENTS, headers=wrong) for _ in range(6)]
    assert [each.status_code for each in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert program("anna", Role.VIEWER).get(EVENTS).status_code == 200


def test_a_wrong_token_is_not_saved_by_a_session(anna, program):
    assert anna.get(EVENTS, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert anna.get(EVENTS).status_code == 200


def test_a_token_counts_and_no_session_beside_it(anna, appliance, by, happen):
    token = tokens.add(appliance.db, "guest", "shelf", Role.VIEWER, by).reveal()
    answer = anna.delete(f"{EVENTS}/{happen()}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_a_token_is_for_programs_and_opens_no_page(program):
    client = program("anna", Role.ADMIN)
    assert client.get("/people").status_code == 302 and client.get("/dashboard").status_code == 302


def test_a_session_changes_nothing_without_the_forms_token(pages, anna, happen):
    event_id = happen()
    pages.config["WTF_CSRF_ENABLED"] = True
    answer = anna.delete(f"{EVENTS}/{event_id}")
    assert (answer.status_code, answer.json["code"]) == (400, "form_not_accepted")
    page = anna.get(f"/events/{event_id}").text
    csrf = page.split('name="csrf" content="')[1].split('"')[0]
    assert anna.delete(f"{EVENTS}/{event_id}", headers={"X-CSRFToken": csrf}).status_code == 200


def test_of_a_token_only_what_opens_nothing_is_stored(program, appliance, caplog):
    client = program("anna", Role.ADMIN)
    token = client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    assert client.get(EVENTS).status_code == 200
    [shown] = tokens.of(appliance.db, "anna")
    assert shown.last_used_at == "2026-11-20T12:00:00.000Z" and token.endswith(shown.hint)
    assert token not in "".join(appliance.db.iterdump()) and token[21:] not in caplog.text


def test_the_page_people_shows_a_token_once_and_ends_it(anna, pages, appliance):
    page = anna.post("/tokens", data={"person": "guest", "name": "shelf", "role": "viewer"}).text
    token = re.search(r"pvt_[\w-]{60}", page)[0]
    headers = {"Authorization": f"Bearer {token}"}
    assert pages.test_client().get(EVENTS, headers=headers).status_code == 200
    listed = anna.get("/people").text
    assert "shelf" in listed and f"…{token[-4:]}" in listed and token not in listed
    anna.post("/tokens/revoke", data={"person": "guest", "name": "shelf"})
    assert pages.test_client().get(EVENTS, headers=headers).status_code == 401
    assert [row["action"] for row in appliance.rows("SELECT action FROM audit ORDER BY id DESC LIMIT 2")] == [
        "token revoked", "token made",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("person", "name", "role"), [("guest", "x", "admin"), ("nobody", "x", "viewer"), ("anna", " ", "viewer")]
)
def test_a_token_that_cannot_be_is_refused_in_words(anna, appliance, person, name, role):
    answer = anna.post("/tokens", data={"person": person, "name": name, "role": role})
    assert answer.status_code == 422 and tokens.of(appliance.db) == []
