"""A clerk's way through the names: what a change moves is shown first, then made, then taken back."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from station_kit.sqlitefile import open_database


@pytest.fixture
def unknown(ledger: Path) -> tuple[int, str, str]:
    """A bill code that nobody knows any more: its id, its text, and the customer it meant."""
    with closing(open_database(ledger)) as db:
        row = db.execute(
            """SELECT bill_code.id, customer.name FROM bill_code JOIN customer ON customer.id = customer_id
               JOIN booked ON bill_code_id = bill_code.id
               WHERE instr(customer.name, '&') = 0 AND instr(customer.name, '''') = 0
               GROUP BY bill_code.id ORDER BY sum(gross_cents) DESC LIMIT 1"""
        ).fetchone()
        raw = f"{row[1]} Zz"
        db.execute("UPDATE bill_code SET raw = ?, key = lower(?), customer_id = NULL WHERE id = ?", (raw, raw, row[0]))
    return row[0], raw, row[1]


@pytest.fixture
def change(admin: Any) -> Any:
    def post(**form: object) -> Any:
        return admin.client.post("/names/change", data={"csrf_token": admin.token(), "back": "/names/", **form})

    return post


def test_a_code_is_linked_after_its_rows_and_dollars_were_shown(admin: Any, change: Any, unknown: Any) -> None:
    code_id, raw, name = unknown
    assert raw in admin.get("/names/").text
    assert name in admin.get(f"/names/codes/{code_id}").text
    shown = change(verb="link", id=code_id, customer=name)
    assert "Nothing has been changed yet" in shown.text
    assert "$" in shown.text
    assert raw in admin.get("/names/").text
    assert change(verb="link", id=code_id, customer=name, confirm="yes").headers["Location"] == "/names/"
    page = admin.get("/names/").text
    assert raw not in page.replace("Done: Link the bill code", "")
    assert "Done: Link" in page


def test_what_was_done_is_taken_back_from_the_audit(admin: Any, change: Any, unknown: Any, ledger: Path) -> None:
    code_id, raw, name = unknown
    change(verb="link", id=code_id, customer=name, confirm="yes")
    with closing(open_database(ledger, read_only=True)) as db:
        line = db.execute("SELECT max(id) FROM audit WHERE action = 'alias_create'").fetchone()[0]
    assert f"/names/undo/{line}" in admin.get("/audit/").text
    answer = admin.client.post(f"/names/undo/{line}", data={"csrf_token": admin.token()})
    assert answer.status_code == 302
    assert raw in admin.get("/names/").text
    assert f"/names/undo/{line}" not in admin.get("/audit/").text


def test_management_reads_and_does_not_change(signed_in: Any, unknown: Any) -> None:
    boss = signed_in("boss")
    assert unknown[1] in boss.get("/names/").text
    assert "/names/change" not in boss.get(f"/names/codes/{unknown[0]}").text
    answer = boss.client.post("/names/change", data={"csrf_token": boss.token(), "verb": "dismiss", "id": unknown[0]})
    assert answer.status_code == 403


def test_customers_are_listed_and_one_is_shown_with_its_codes(admin: Any, ledger: Path) -> None:
    with closing(open_database(ledger, read_only=True)) as db:
        one = db.execute("SELECT id, name FROM customer ORDER BY id LIMIT 1").fetchone()
    assert f"/names/customers/{one['id']}" in admin.get("/names/customers").text
    assert "Bill codes that mean it" in admin.get(f"/names/customers/{one['id']}").text
    assert "No customer has that" in admin.get("/names/customers?q=qqqqqq").text
    assert admin.get("/names/customers/99999").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("raw-to-customer", {"raw": "RAW", "normalized_name": "NAME"}),
        ("raw-to-customer", {"raw_text": "RAW", "target_entity_id": "NAME"}),
        ("raw-to-customer", {"raw_text": "RAW", "target_entity_id": "ID"}),
    ],
)
def test_programs_link_codes_in_both_forms_of_the_contract(
    admin: Any, unknown: Any, ledger: Path, path: str, body: dict[str, Any]
) -> None:
    with closing(open_database(ledger, read_only=True)) as db:
        ids = [row[0] for row in db.execute("SELECT id FROM customer WHERE name = ?", (unknown[2],))]
        other = db.execute("SELECT name FROM customer WHERE id <> ?", (ids[0],)).fetchone()[0]
    put_in = {"RAW": unknown[1], "NAME": unknown[2], "ID": ids[0]}
    headers = {"X-CSRFToken": admin.token()}
    filled = {name: put_in[value] for name, value in body.items()}
    answer = admin.client.post(f"/api/canon/{path}", json=filled, headers=headers)
    assert (answer.status_code, answer.json["ok"], answer.json["affected"] > 0) == (200, True, True)
    again = admin.client.post(f"/api/canon/{path}", json={"raw": unknown[1], "normalized_name": other}, headers=headers)
    assert (again.status_code, again.mimetype) == (409, "application/json")


@pytest.mark.parametrize("names", [("alias", "canonical"), ("alias_name", "canonical_name")])
def test_programs_add_spellings_in_both_forms(admin: Any, names: tuple[str, str]) -> None:
    headers = {"X-CSRFToken": admin.token()}
    for path in ("agency", "customer"):
        body = {names[0]: f"Some Spelling {path}", names[1]: "Some Name"}
        answer = admin.client.post(f"/api/canon/{path}", json=body, headers=headers)
        assert (answer.status_code, answer.json["affected"]) == (200, 0)
    assert admin.client.post("/api/canon/agency", json={"alias": "x"}, headers=headers).status_code == 400
    assert admin.client.post("/api/canon/agency", json={"alias": "x", "canonical": "y"}).status_code == 400


def test_programs_are_given_names_by_their_beginning_first(admin: Any, ledger: Path) -> None:
    with closing(open_database(ledger, read_only=True)) as db:
        key = db.execute("SELECT key FROM customer ORDER BY key LIMIT 1").fetchone()[0]
    names = admin.get(f"/api/canon/suggest/normalized?q={key[:4]}").json["names"]
    assert names[0].casefold().startswith(key[:4])
    assert len(names) <= 20
