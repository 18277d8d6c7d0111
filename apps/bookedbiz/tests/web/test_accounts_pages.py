"""The account pages: whose they are, what is written on them, and that nobody else's are there."""

import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bookedbiz.accounts.assigning import assign_by_sales
from bookedbiz.names.audit import By
from station_kit.sqlitefile import open_database, transaction

BY = By("tester", "2026-11-20T20:00:00.000Z")


@pytest.fixture
def db(ledger: Path) -> Iterator[sqlite3.Connection]:
    """The ledger, its accounts given to who sells them, and nothing else written on them."""
    with closing(open_database(ledger)) as connection:
        with transaction(connection):
            connection.execute("UPDATE account SET commission_bp = NULL, ae_id = NULL")
            for table in ("assignment", "activity", "contact", "address"):
                connection.execute(f"DELETE FROM {table}")
            assign_by_sales(connection, 202611, BY)
        yield connection


@pytest.fixture
def mine(db: sqlite3.Connection) -> int:
    """An account of the seller."""
    row = db.execute(
        """SELECT id FROM account_shown WHERE kind = 'customer' AND ae_id =
           (SELECT ae_id FROM user WHERE email LIKE 'seller@%') ORDER BY id"""
    ).fetchone()
    return int(row[0])


@pytest.fixture
def theirs(db: sqlite3.Connection) -> int:
    """An account of somebody else, with an activity, a contact and a signal."""
    row = db.execute(
        """SELECT id FROM account_shown WHERE kind = 'customer' AND ae_id <>
           (SELECT ae_id FROM user WHERE email LIKE 'seller@%') ORDER BY id"""
    ).fetchone()
    account = int(row[0])
    db.execute(
        """INSERT INTO activity (id, account_id, kind, text, author, at, due_on)
           VALUES (900, ?, 'follow-up', 'x', 'boss@station.example', ?, '2026-11-19')""",
        (account, BY.at),
    )
    db.execute("INSERT INTO contact (id, account_id, name, role) VALUES (900, ?, 'Zyxo Contact', 'other')", (account,))
    db.execute(
        """INSERT INTO account_signal (id, account_id, kind, label, opened_on)
           VALUES (900, ?, 'churned', 'x', '2026-11-01') ON CONFLICT DO NOTHING""",
        (account,),
    )
    return account


def send(browser: Any, path: str, **form: str) -> Any:
    return browser.client.post(path, data={"csrf_token": browser.token(), **form})


def audited(db: sqlite3.Connection, action: str) -> list[tuple[str | None, str | None]]:
    rows = db.execute(
        "SELECT old, new FROM audit WHERE action = ? AND actor LIKE '%@station.example' ORDER BY id", (action,)
    )
    return [(row[0], row[1]) for row in rows]


PAGES = ("/accounts/", "/accounts/signals", "/accounts/book", "/accounts/book?view=grouped&q=zyx", "/accounts/contacts")


@pytest.mark.parametrize("path", [*PAGES, "/accounts/mine.csv", "/accounts/book.xlsx", "/accounts/contacts.csv"])
def test_an_ae_finds_nobody_elses_account(signed_in, db, theirs, path: str) -> None:
    db.execute("UPDATE customer SET name = 'Zyxomma Works' WHERE id = (SELECT customer_id FROM account WHERE id = ?)",
               (theirs,))  # fmt: skip

    def told(name: str) -> str:
        answer = signed_in(name).get(path)
        assert answer.status_code == 200
        if not path.endswith("xlsx"):
            return str(answer.text)
        with ZipFile(io.BytesIO(answer.data)) as archive:
            return "".join(archive.read(each).decode(errors="replace") for each in archive.namelist())

    assert "Zyxo" not in told("seller")
    if path not in ("/accounts/contacts",):
        assert "Zyxo" in told("boss") or path == "/accounts/signals"


@pytest.mark.parametrize(
    "said",
    ["kind=agency", "kind=customer&page=1", "q=bank", "market=LAX", "sector=Healthcare", "ae=House", "signal=any",
     "touch=never", "missing=contact", "state=inactive", "view=grouped", "sort=name"],
)  # fmt: skip
def test_the_address_book_answers_to_each_of_its_filters_and_hands_them_to_its_files(signed_in, said: str) -> None:
    boss = signed_in("boss")
    page = boss.get(f"/accounts/book?{said}")
    assert page.status_code == 200
    files = re.findall(r'href="(/accounts/book\.(?:csv|xlsx)[^"]*)"', page.text)
    assert [unescape(file).partition("?")[2] for file in files] in ([said, said], ["", ""])
    assert [boss.get(unescape(file)).status_code for file in files] == [200, 200]


def test_an_ae_can_neither_open_nor_change_somebody_elses(signed_in, db, theirs) -> None:
    seller = signed_in("seller")
    assert seller.get(f"/accounts/{theirs}").status_code == 404
    assert "Zyxo" not in seller.get(f"/accounts/?open={theirs}").text
    before = list(db.iterdump())
    for path, form in [
        (f"/accounts/{theirs}/activities", {"line": "hello"}),
        ("/accounts/activities/900", {"verb": "done"}),
        ("/accounts/signals/900", {"verb": "acknowledge"}),
        (f"/accounts/{theirs}/contacts", {"name": "A"}),
        (f"/accounts/{theirs}/addresses", {"street": "A"}),
        (f"/accounts/{theirs}/billing", {"commission": "0"}),
        (f"/accounts/{theirs}/notes", {"notes": "A"}),
    ]:
        assert send(seller, path, **form).status_code == 404, path
    assert send(seller, f"/accounts/{theirs}/ae", ae="1").status_code == 403
    assert list(db.iterdump()) == before


def test_an_ae_without_a_book_sees_no_account(signed_in, db) -> None:
    browser = signed_in("bookless")
    for path in PAGES:
        page = browser.get(path)
        assert page.status_code == 200
        assert "/accounts/1" not in page.text


def test_a_line_becomes_an_activity_and_a_follow_up_asks_for_the_next(signed_in, db, mine) -> None:
    seller = signed_in("seller")
    answer = send(seller, f"/accounts/{mine}/activities", line="Call: wants radio too", back=f"/accounts/?open={mine}")
    assert (answer.status_code, answer.location) == (303, f"/accounts/?open={mine}")
    send(seller, f"/accounts/{mine}/activities", line="Send the proposal >+3")
    rows = db.execute("SELECT id, kind, text, due_on, author FROM activity ORDER BY id").fetchall()
    assert [tuple(row)[1:] for row in rows] == [
        ("call", "wants radio too", None, "seller@station.example"),
        ("follow-up", "Send the proposal", "2026-11-23", "seller@station.example"),
    ]
    page = seller.get("/accounts/").text
    assert "Send the proposal" in page
    assert "Later: 1" in page
    done = send(seller, f"/accounts/activities/{rows[1]['id']}", verb="done")
    assert done.location == f"/accounts/{mine}?next=1"
    assert "What is next" in seller.get(done.location).text
    assert db.execute("SELECT done_by FROM activity WHERE due_on IS NOT NULL").fetchone()[0] == "seller@station.example"
    assert send(seller, f"/accounts/activities/{rows[1]['id']}", verb="done").status_code == 409
    assert [new for _, new in audited(db, "activity")] == [
        "call: wants radio too",
        "follow-up: Send the proposal (due 2026-11-23)",
    ]


def test_who_wrote_a_line_can_remove_it_and_nobody_else(signed_in, db, mine) -> None:
    seller, boss = signed_in("seller"), signed_in("boss")
    send(seller, f"/accounts/{mine}/activities", line="a slip")
    number = db.execute("SELECT max(id) FROM activity").fetchone()[0]
    assert send(boss, f"/accounts/activities/{number}", verb="remove").status_code == 409
    assert send(seller, f"/accounts/activities/{number}", verb="remove").status_code == 303
    assert db.execute("SELECT count(*) FROM activity").fetchone()[0] == 0
    assert audited(db, "activity_removed") == [("note: a slip", None)]


def test_a_signal_is_snoozed_with_a_reason_and_shown_where_it_is(signed_in, db, theirs) -> None:
    boss = signed_in("boss")
    assert send(boss, "/accounts/signals/900", verb="snooze", until="+14", reason="").status_code == 409
    assert send(boss, "/accounts/signals/900", verb="snooze", until="+14", reason="new budget").status_code == 303
    assert "new budget" in boss.get("/accounts/signals?state=snoozed").text
    assert db.execute("SELECT snoozed_until FROM account_signal WHERE id = 900").fetchone()[0] == "2026-12-04"
    assert audited(db, "signal")[-1] == ("new", "snoozed until 2026-12-04 new budget")


def test_the_first_contact_is_the_primary_one_and_another_can_become_it(signed_in, db, mine) -> None:
    seller = signed_in("seller")
    form = {"role": "billing", "email": "ann@cedar.example", "phone": "1"}
    send(seller, f"/accounts/{mine}/contacts", name="Ann Cedar", **form)
    send(seller, f"/accounts/{mine}/contacts", name="Bob Cedar", role="other", primary="1")
    rows = db.execute("SELECT name, is_primary FROM contact WHERE account_id = ? ORDER BY name", (mine,)).fetchall()
    assert [tuple(row) for row in rows] == [("Ann Cedar", 0), ("Bob Cedar", 1)]
    assert send(seller, f"/accounts/{mine}/contacts", name="C", email="no").status_code == 409
    assert "Bob Cedar" in seller.get("/accounts/book").text
    assert len(audited(db, "contact")) == 2


def test_a_commission_that_was_never_reviewed_is_the_agencys(signed_in, db, admin) -> None:
    row = db.execute(
        "SELECT id, parent_id FROM account_shown WHERE parent_id IS NOT NULL AND kind = 'customer' LIMIT 1"
    ).fetchone()
    customer, agency = row["id"], row["parent_id"]
    assert "never reviewed" in admin.get(f"/accounts/{customer}").text
    send(admin, f"/accounts/{agency}/billing", commission="15 %", edi="yes", edi_code="AB12")
    page = admin.get(f"/accounts/{customer}").text
    assert "Commission 15 %, the agency" in page
    send(admin, f"/accounts/{customer}/billing", commission="0")
    assert re.search(r"Commission 0 %\s*·", admin.get(f"/accounts/{customer}").text)
    assert db.execute("SELECT commission_bp FROM account WHERE id = ?", (customer,)).fetchone()[0] == 0
    for wrong in ({"commission": "101"}, {"commission": "much"}, {"edi_code": "12345678901"}):
        assert send(admin, f"/accounts/{customer}/billing", **wrong).status_code == 409
    assert audited(db, "billing")[0][1] == "commission 15 %, EDI AB12"


def test_assigning_keeps_the_history(signed_in, db, mine) -> None:
    boss = signed_in("boss")
    before = db.execute("SELECT ae_id, ae FROM account_shown WHERE id = ?", (mine,)).fetchone()
    other = db.execute("SELECT id, name FROM ae WHERE id <> ? AND active LIMIT 1", (before["ae_id"],)).fetchone()
    send(boss, f"/accounts/{mine}/ae", ae=str(other["id"]))
    assert signed_in("seller").get(f"/accounts/{mine}").status_code == 404
    send(boss, f"/accounts/{mine}/ae", ae="")
    rows = db.execute(
        "SELECT ae_id, until_at IS NULL, assigned_by FROM assignment WHERE account_id = ? ORDER BY id", (mine,)
    ).fetchall()
    assert [tuple(row) for row in rows] == [
        (before["ae_id"], 0, "tester"),
        (other["id"], 0, "boss@station.example"),
    ]
    assert audited(db, "account_ae")[-2:] == [(before["ae"], other["name"]), (other["name"], None)]


def test_accounts_are_given_to_who_sells_the_most_there_and_only_those_of_nobody(signed_in, db) -> None:
    db.execute("DELETE FROM assignment")
    db.execute("UPDATE account SET ae_id = NULL")
    kept = db.execute("SELECT id FROM account_shown WHERE kind = 'customer' LIMIT 1").fetchone()[0]
    db.execute("UPDATE account SET ae_id = 1 WHERE id = ?", (kept,))
    boss = signed_in("boss")
    assert "Give each to who sells the most" in boss.get("/accounts/team").text
    send(boss, "/accounts/nobodys")
    assert db.execute("SELECT ae_id FROM account WHERE id = ?", (kept,)).fetchone()[0] == 1
    row = db.execute(
        """SELECT account.ae_id, (SELECT revenue.ae_id FROM revenue WHERE revenue.customer_id = account.customer_id
               AND month >= 202511 AND revenue.ae_id IS NOT NULL
               GROUP BY revenue.ae_id ORDER BY sum(gross_cents) DESC, revenue.ae_id LIMIT 1)
           FROM account WHERE customer_id IS NOT NULL AND id <> ? AND ae_id IS NOT NULL""",
        (kept,),
    ).fetchall()
    assert row
    assert all(each[0] == each[1] for each in row)


def test_a_name_that_is_alike_is_shown_before_an_account_is_made(signed_in, db) -> None:
    boss = signed_in("boss")
    known = db.execute("SELECT name FROM agency ORDER BY id LIMIT 1").fetchone()[0]
    looked = send(boss, "/accounts/new", kind="agency", name=f"{known}s")
    assert looked.status_code == 409
    assert known in looked.text
    made = send(boss, "/accounts/new", kind="agency", name=f"{known}s", looked="1")
    assert made.status_code == 303
    assert db.execute("SELECT count(*) FROM account_shown WHERE name = ?", (f"{known}s",)).fetchone()[0] == 1
    assert send(boss, "/accounts/new", kind="agency", name=known.upper(), looked="1").status_code == 409
    fresh = send(boss, "/accounts/new", kind="customer", name="Qwxz Vbnm Jkl", ae="1")
    assert fresh.status_code == 303
    assert db.execute("SELECT ae_id FROM account_shown WHERE name = 'Qwxz Vbnm Jkl'").fetchone()[0] == 1


def test_contacts_go_out_as_a_file_and_come_back_as_they_were(signed_in, db, mine, admin) -> None:
    send(admin, f"/accounts/{mine}/contacts", name="=Ann", role="traffic", email="ann@cedar.example", phone="+1 206")
    content = admin.get("/accounts/contacts.csv").data.decode("utf-8-sig")
    assert "'=Ann" in content
    held = [tuple(row) for row in db.execute("SELECT * FROM contact")]
    answer = send(admin, "/accounts/contacts", text=content, store="1")
    assert answer.status_code == 303
    assert [tuple(row) for row in db.execute("SELECT * FROM contact")] == held


def test_contacts_of_a_file_are_shown_before_they_are_stored_and_all_of_them_or_none(
    signed_in, db, mine, theirs
) -> None:
    seller = signed_in("seller")
    own = db.execute("SELECT name FROM account_shown WHERE id = ?", (mine,)).fetchone()[0]
    other = db.execute("SELECT name FROM account_shown WHERE id = ?", (theirs,)).fetchone()[0]
    count = db.execute("SELECT count(*) FROM contact").fetchone()[0]
    good = f'account,name,role,email\n"{own}",Ann,Billing,ann@a.example\n'
    assert "1 to add" in send(seller, "/accounts/contacts", text=good).text
    for bad in (f'"{other}",Bob,,', f'"{own}",,,', f'"{own}",Bob,king,', f'"{own}",Bob,,nonsense'):
        answer = send(seller, "/accounts/contacts", text=f"{good}{bad}\n", store="1")
        assert answer.status_code == 409
        assert "line 3" in answer.text
    assert db.execute("SELECT count(*) FROM contact").fetchone()[0] == count
    send(seller, "/accounts/contacts", text=good, store="1")
    send(seller, "/accounts/contacts", text=good.replace("Ann", "Anne"), store="1")
    rows = db.execute("SELECT name, role FROM contact WHERE account_id = ?", (mine,)).fetchall()
    assert [tuple(row) for row in rows] == [("Anne", "billing")]


def test_the_teams_page_counts_what_the_books_hold(signed_in, db, theirs) -> None:
    page = signed_in("boss").get("/accounts/team")
    assert page.status_code == 200
    assert "Signals that nobody works on" in page.text
    name = db.execute("SELECT name FROM account_shown WHERE id = ?", (theirs,)).fetchone()[0]
    assert str(name).replace("&", "&amp;").replace("'", "&#39;") in page.text  # its signal is new since 19 days
    for browser in ("seller", "guest"):
        assert signed_in(browser).get("/accounts/team").status_code == 403


def test_thresholds_are_changed_by_an_administrator_and_work_at_once(signed_in, db, admin) -> None:
    assert send(signed_in("boss"), "/accounts/thresholds", growing_percent="1").status_code == 403
    db.execute("DELETE FROM account_signal")
    before = db.execute("SELECT count(*) FROM account_signal").fetchone()[0]
    assert send(admin, "/accounts/thresholds", gap_percent="100000").status_code == 303
    assert db.execute("SELECT count(*) FROM account_signal WHERE kind = 'renewal gap'").fetchone()[0] > before
    assert send(admin, "/accounts/thresholds", gap_percent="many").status_code == 409


def test_a_failed_refresh_is_told_on_the_pages(signed_in, db, admin) -> None:
    db.execute("UPDATE account_refresh SET error = 'Account signals not computed: a test'")
    assert "Account signals not computed: a test" in admin.get("/accounts/").text
    send(admin, "/accounts/refresh")
    assert "not computed" not in admin.get("/accounts/").text


def test_the_customers_page_shows_its_account_to_who_may_see_it(signed_in, db, mine) -> None:
    send(signed_in("seller"), f"/accounts/{mine}/contacts", name="Qwertz Contact")
    customer = db.execute("SELECT customer_id FROM account WHERE id = ?", (mine,)).fetchone()[0]
    assert "Qwertz Contact" in signed_in("seller").get(f"/reports/customers/{customer}").text
    assert "Qwertz Contact" in signed_in("boss").get(f"/reports/customers/{customer}").text
    assert "Qwertz Contact" not in signed_in("guest").get(f"/reports/customers/{customer}").text
    db.execute("UPDATE account SET ae_id = NULL WHERE id = ?", (mine,))
    assert "Qwertz Contact" not in signed_in("seller").get(f"/reports/customers/{customer}").text


def test_my_book_shows_what_is_to_be_done(signed_in, db, mine, theirs) -> None:
    seller = signed_in("seller")
    send(seller, f"/accounts/{mine}/activities", line="Ask for the qwertz order >today")
    for path in ("/reports/mine", "/reports/mine.csv"):
        page = seller.get(path).text
        assert "Ask for the qwertz order" in page


def test_a_name_and_a_note_cannot_bring_a_script_in(signed_in, db, mine) -> None:
    script = "<script>alert(1)</script>"
    boss = signed_in("boss")
    send(boss, f"/accounts/{mine}/activities", line=script)
    send(boss, f"/accounts/{mine}/contacts", name=script)
    send(boss, f"/accounts/{mine}/notes", notes=script)
    form = {"csrf_token": boss.token(), "path": "/accounts/book", "query": "", "name": script}
    assert boss.client.post("/filters/", data=form).status_code == 303
    db.execute("UPDATE customer SET name = ?", (f'">{script}',))
    for path in ("/accounts/", f"/accounts/?open={mine}", f"/accounts/{mine}", "/accounts/book", "/accounts/team"):
        page = boss.get(path).text
        assert "alert(1)" in page
        assert script not in page, path
