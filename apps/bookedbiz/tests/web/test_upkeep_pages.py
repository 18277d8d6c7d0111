"""Pages where somebody decides: languages to look at, codes to confirm, customers to retire, classes."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from station_kit.sqlitefile import open_database

Post = Callable[..., Any]
PAGES = ["/languages/", "/languages/rules", "/codes/", "/customers/stale", "/customers/stale?tab=zero",
         "/customers/stale?tab=inactive", "/customers/classes"]  # fmt: skip


@pytest.fixture
def post(admin: Any) -> Post:
    def send(address: str, **form: Any) -> Any:
        return admin.client.post(address, data={"csrf_token": admin.token(), **form})

    return send


@pytest.fixture
def unsure(ledger: Path) -> tuple[int, int]:
    """A bill code with rows of a code that nobody knows: its id, and the code's."""
    with closing(open_database(ledger)) as db:
        db.execute("INSERT INTO language (id, code, name, grp, status) VALUES (77, 'QX', 'QX', 'Unknown', 'pending')")
        line = db.execute(
            """SELECT bill_code_id FROM revenue WHERE revenue_type = 'Internal Ad Sales' AND spot_type = 'COM'
               AND raw_language_id = 1 LIMIT 1"""
        ).fetchone()[0]
        db.execute(
            """UPDATE booked SET language_id = 77, assigned_language_id = 77, language_method = 'invalid_code_flagged'
               WHERE bill_code_id = ? AND language_id = 1""",
            (line,),
        )
        db.execute("DELETE FROM coded")
        db.execute("INSERT INTO coded SELECT * FROM coded_now")
    return line, 77


def asked(ledger: Path, sql: str, *values: object) -> Any:
    with closing(open_database(ledger, read_only=True)) as db:
        return db.execute(sql, values).fetchone()[0]


@pytest.mark.parametrize("path", PAGES)
def test_management_reads_every_page_and_an_account_executive_none(signed_in: Any, path: str) -> None:
    boss = signed_in("boss").get(path)
    assert boss.status_code == 200
    assert "Data as of" in boss.text
    assert signed_in("seller").get(path).status_code == 403


def test_a_language_is_set_from_the_queue_and_taken_back(
    admin: Any, post: Post, ledger: Path, unsure: tuple[int, int]
) -> None:
    assert f'name="bill_code" value="{unsure[0]}"' in admin.get("/languages/").text
    before = asked(ledger, "SELECT sum(gross_cents) FROM revenue")
    answer = post("/languages/set", bill_code=unsure[0], language=unsure[1], code="K")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/languages/")
    assert "are in the language K" in admin.get("/languages/").text
    assert asked(ledger, "SELECT DISTINCT language FROM revenue WHERE raw_language_id = 77") == "Korean"
    assert asked(ledger, "SELECT sum(gross_cents) FROM revenue") == before
    assert "Korean" in admin.get("/languages/rules").text
    assert post("/languages/set", bill_code=unsure[0], language=unsure[1]).status_code == 303
    assert "No language was set by hand" in admin.get("/languages/rules").text


@pytest.mark.parametrize("form", [{}, {"bill_code": 1, "language": 1, "code": "nonsense"}, {"bill_code": "x"}])
def test_a_language_that_makes_no_sense_is_refused(post: Post, form: dict[str, Any]) -> None:
    assert post("/languages/set", **form).status_code in (409, 422)


def test_a_code_is_confirmed_only_after_its_rows_were_shown(
    admin: Any, post: Post, ledger: Path, unsure: tuple[int, int]
) -> None:
    form = {"verb": "confirm", "kind": "language", "id": unsure[1], "name": "Xhosa", "group": "African"}
    first = post("/codes/", **form)
    spots = asked(ledger, "SELECT sum(spots) FROM booked WHERE language_id = 77")
    assert (first.status_code, "Nothing has been changed yet" in first.text) == (200, True)
    assert f"<dd>{spots:,}</dd>" in first.text
    assert asked(ledger, "SELECT status FROM language WHERE id = 77") == "pending"
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', first.text))
    assert admin.client.post("/codes/", data=hidden).status_code == 303
    assert asked(ledger, "SELECT name FROM language WHERE id = 77") == "Xhosa"
    assert "Done: The language QX is Xhosa" in admin.get("/codes/").text


def test_a_code_is_read_as_another_one_and_the_audit_takes_it_back(
    admin: Any, post: Post, ledger: Path, unsure: tuple[int, int]
) -> None:
    post("/codes/", verb="read-as", kind="language", id=unsure[1], target=6, sure="yes")
    assert asked(ledger, "SELECT DISTINCT language FROM revenue WHERE raw_language_id = 77") == "Korean"
    line = asked(ledger, "SELECT max(id) FROM audit WHERE action = 'code_read_as'")
    assert post(f"/names/undo/{line}").status_code == 302
    assert asked(ledger, "SELECT status FROM language WHERE id = 77") == "pending"


@pytest.mark.parametrize(
    "form",
    [
        {"verb": "confirm", "kind": "market", "id": 1, "name": "Seattle"},
        {"verb": "read-as", "kind": "planet", "id": 1, "target": 1},
        {"verb": "new-ae", "name": "Nobody At All"},
    ],
)
def test_what_does_not_wait_is_refused_before_anybody_is_asked(post: Post, form: dict[str, Any]) -> None:
    assert post("/codes/", **form).status_code == 409
    assert post("/codes/", verb="dance").status_code == 422


def test_a_sales_person_becomes_somebody_who_is_known(admin: Any, post: Post, ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        seller, ae_id = db.execute("SELECT id, ae_id FROM sales_person WHERE ae_id > 1 LIMIT 1").fetchone()
        db.execute(
            "UPDATE sales_person SET raw = 'Quincy New', key = 'quincy new', ae_id = NULL WHERE id = ?", (seller,)
        )
        name = db.execute("SELECT name FROM ae WHERE id = ?", (ae_id,)).fetchone()[0]
    assert "Quincy New" in admin.get("/codes/").text
    assert "Nothing has been changed yet" in post("/codes/", verb="same-ae", name="Quincy New", target=name).text
    post("/codes/", verb="same-ae", name="Quincy New", target=name, sure="yes")
    assert asked(ledger, "SELECT ae_id FROM sales_person WHERE id = ?", seller) == ae_id


def test_customers_are_retired_for_a_reason_and_come_back(admin: Any, post: Post, ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        db.execute("UPDATE booked SET last_air_day = 15000, first_air_day = 15000 WHERE bill_code_id = 1")
        one = db.execute("SELECT customer_id FROM bill_code WHERE id = 1").fetchone()[0]
        db.execute("UPDATE bill_code SET customer_id = NULL WHERE customer_id = ? AND id <> 1", (one,))
        name = db.execute("SELECT name FROM customer WHERE id = ?", (one,)).fetchone()[0]
    assert f'name="customer" value="{one}"' in admin.get("/customers/stale").text
    assert post("/customers/stale", customer=[one], reason=" ").status_code == 409
    assert post("/customers/stale", customer=[one], reason="closed down").status_code == 303
    shown = admin.get("/customers/stale?tab=inactive").text
    assert "closed down" in shown
    assert name.replace("&", "&amp;") in shown
    post("/customers/activate", customer=[one])
    assert asked(ledger, "SELECT active FROM customer WHERE id = ?", one) == 1


def test_a_class_is_said_by_management_and_reported(signed_in: Any, ledger: Path) -> None:
    boss = signed_in("boss")
    one = asked(
        ledger, "SELECT customer_id FROM revenue WHERE month / 100 = 2026 AND customer_id > 0 AND entity <> 'WorldLink'"
    )
    form = {"csrf_token": boss.token(), "customer": [one], "class": "irregular"}
    assert boss.client.post("/customers/classes", data=form).status_code == 303
    assert f'value="{one}"' in boss.get("/customers/classes?class=irregular").text
    data = boss.get("/reports/classes.json?year=2026").json["data"]["tables"][1]["rows"]
    cents = asked(ledger, "SELECT sum(gross_cents) FROM revenue WHERE month / 100 = 2026 AND customer_id = ?", one)
    assert cents / 100 in data[1]["cells"]
    assert signed_in("seller").client.post("/customers/classes", data=form).status_code in (400, 403)


def test_trade_stands_apart_and_says_so(admin: Any) -> None:
    page = admin.get("/reports/trade?year=2026").text
    assert "It is in no revenue figure of any other page" in page
    assert admin.get("/reports/trade.json?year=2026").json["trade"] == "only"
    assert "data-months" not in page
    assert ">Airings<" not in page  # the page of airings shows revenue alone
    assert "Trade: only" in admin.get("/reports/trade.csv?year=2026").text


def test_the_language_page_says_how_much_it_tells_of(admin: Any) -> None:
    page = admin.get("/reports/language-markets?year=2026").text
    assert "Told of: Internal Ad Sales of the types COM and BNS" in page
    assert "Left out: " in page
