"""Administrators keep the list of people; nobody can lock everybody out, and every change is in the audit."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookedbiz.users import User, find_user_by_email
from station_kit.sqlitefile import open_database


@pytest.fixture
def person(ledger: Path) -> Any:
    def find(name: str) -> User:
        with closing(open_database(ledger, read_only=True)) as db:
            found = find_user_by_email(db, f"{name}@station.example")
        assert found is not None
        return found

    return find


@pytest.fixture
def send(admin: Any) -> Any:
    def post(path: str, **form: object) -> Any:
        return admin.client.post(path, data={"csrf_token": admin.token(), **form})

    return post


def audited(ledger: Path) -> list[tuple[str, ...]]:
    with closing(open_database(ledger, read_only=True)) as db:
        rows = db.execute("SELECT actor, action, key, old, new FROM audit ORDER BY id DESC LIMIT 2").fetchall()
    return [tuple(row) for row in rows]


def test_somebody_new_can_come_in_and_is_linked_by_id(send: Any, person: Any, visitor: Any, ledger: Path) -> None:
    ae_id = person("seller").ae_id
    form = {"email": "new@station.example", "role": "ae", "ae_id": ae_id, "password": "a password for the new"}
    assert send("/users/", **form).status_code == 302
    assert (person("new").role.value, person("new").ae_id) == ("ae", ae_id)
    assert visitor.sign_in("new", "a password for the new").status_code == 302
    actors = {(line[0], line[1]) for line in audited(ledger)}
    assert actors == {("admin@station.example", "user_create"), ("admin@station.example", "user_role")}


def test_a_role_is_changed_and_audited(send: Any, person: Any, ledger: Path) -> None:
    assert send(f"/users/{person('guest').id}/role", role="management", ae_id="").status_code == 302
    assert person("guest").role.value == "management"
    line = ("admin@station.example", "user_role", "guest@station.example", "viewer", "management")
    assert audited(ledger)[0] == line


@pytest.mark.parametrize(("verb", "form"), [("role", {"role": "viewer"}), ("active", {"active": "0"})])
def test_the_last_administrator_stays_one(send: Any, person: Any, verb: str, form: dict[str, str]) -> None:
    answer = send(f"/users/{person('admin').id}/{verb}", **form)
    assert answer.status_code == 409
    assert "last administrator" in answer.text
    assert (person("admin").role.value, person("admin").active) == ("admin", True)


def test_who_is_switched_off_is_out_and_can_be_let_in_again(send: Any, person: Any, signed_in: Any) -> None:
    guest, path = signed_in("guest"), f"/users/{person('guest').id}/active"
    send(path, active="0")
    assert guest.get("/reports/").status_code == 302
    send(path, active="1")
    assert guest.get("/reports/").status_code == 200


def test_a_new_password_ends_the_old_sessions(send: Any, person: Any, signed_in: Any, ledger: Path) -> None:
    guest = signed_in("guest")
    assert send(f"/users/{person('guest').id}/password", password="short").status_code == 422
    assert send(f"/users/{person('guest').id}/password", password="a much longer one").status_code == 302
    assert guest.get("/reports/").status_code == 302
    assert audited(ledger)[0][1:3] == ("user_password", "guest@station.example")


def test_the_list_and_the_audit_show_everybody_and_every_change(admin: Any, send: Any, person: Any) -> None:
    send(f"/users/{person('guest').id}/role", role="management", ae_id="")
    assert "bookless@station.example" in admin.get("/users/").text
    assert "guest@station.example" in admin.get("/audit/?about=GUEST").text
    assert "Nothing yet" in admin.get("/audit/?about=nobody-at-all").text
    assert send("/users/999/role", role="viewer").status_code == 422
    assert send("/users/999/password", password="a much longer one").status_code == 404
