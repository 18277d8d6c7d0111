"""The planning pages: what is entered stays, what is over stays as it was, and who may not write cannot."""

import html
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookedbiz.planning.figures import Plan
from bookedbiz.planning.plans import load_plans
from station_kit.sqlitefile import open_database


@pytest.fixture(autouse=True)
def nothing_planned(ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        db.execute("DELETE FROM plan")


@pytest.fixture
def avery(ledger: Path) -> int:
    with closing(open_database(ledger, read_only=True)) as db:
        return int(db.execute("SELECT id FROM entity WHERE name = 'Avery Quill'").fetchone()[0])


def plan(ledger: Path, entity_id: int, month: int) -> Plan:
    with closing(open_database(ledger, read_only=True)) as db:
        return load_plans(db, month, month).get((entity_id, month), Plan())


def post(browser: Any, path: str, **form: str) -> Any:
    return browser.client.post(path, data={"csrf_token": browser.token(), "year": "2026", **form})


def test_the_page_shows_every_entity_and_adds_up_to_the_company(admin: Any, ledger: Path) -> None:
    page = html.unescape(admin.get("/planning/?year=2026").text)
    with closing(open_database(ledger, read_only=True)) as db:
        gross = db.execute("SELECT sum(gross_cents) FROM revenue WHERE month BETWEEN 202601 AND 202612").fetchone()[0]
        names = [row[0] for row in db.execute("SELECT name FROM entity")]
    assert f"${round(gross / 100):,}" in page
    assert all(f'<th scope="rowgroup">{name}' in page for name in [*names, "Company", "Unmatched"])
    assert "Rowan Fennick" in page


def test_a_session_is_saved_and_shown_with_its_note(admin: Any, ledger: Path, avery: int) -> None:
    fields = {f"forecast-{avery}-202612": "12,500", f"forecast-{avery}-202611": "$900.50", "note": "Monday meeting"}
    answer = post(admin, "/planning/", **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/planning/?year=2026&saved=2")
    assert plan(ledger, avery, 202612).forecast == 12_500_00
    page = admin.get("/planning/?saved=2").text
    assert "Saved: 2 changes." in page
    assert "Monday meeting" in page
    assert re.search(rf'name="forecast-{avery}-202612" value="12,500"', page)
    history = admin.get(f"/planning/behind?entity={avery}&first=202612&last=202612").text
    assert "Monday meeting" in history
    assert "nothing \u2192 12,500" in history


def test_new_accounts_and_dollars_are_planned_beside_it(admin: Any, ledger: Path, avery: int) -> None:
    fields = {f"new_accounts-{avery}-202612": "3", f"new_dollars-{avery}-202612": "4,000", "lines": "all"}
    assert post(admin, "/planning/", **fields).headers["Location"] == "/planning/?year=2026&lines=all&saved=2"
    assert plan(ledger, avery, 202612) == Plan(
        new_accounts=3, new_dollars=4_000_00, booked=plan(ledger, avery, 202612).booked
    )
    assert re.search(rf'name="new_accounts-{avery}-202612" value="3"', admin.get("/planning/?lines=all").text)


def test_a_reset_gives_the_budget_back(admin: Any, ledger: Path, avery: int) -> None:
    post(admin, "/planning/budget", **{f"budget-{avery}-202612": "10,000"})
    post(admin, "/planning/", **{f"forecast-{avery}-202612": "12,000"})
    assert post(admin, "/planning/", reset=str(avery)).status_code == 303
    assert (plan(ledger, avery, 202612).forecast, plan(ledger, avery, 202612).shown) == (None, 10_000_00)


def test_what_cannot_be_saved_is_said_and_stays_in_its_field(admin: Any, ledger: Path, avery: int) -> None:
    answer = post(admin, "/planning/", **{f"forecast-{avery}-202612": "a lot"})
    assert answer.status_code == 409
    assert "no number: &#39;a lot&#39; (Dec-26)" in answer.text
    assert f'name="forecast-{avery}-202612" value="a lot"' in answer.text
    assert plan(ledger, avery, 202612).forecast is None


def test_a_month_that_is_over_has_no_field_and_takes_nothing(admin: Any, ledger: Path, avery: int) -> None:
    page = admin.get("/planning/?lines=all").text
    assert f"-{avery}-202610" not in page
    answer = post(admin, "/planning/", **{f"forecast-{avery}-202610": "5"})
    assert (answer.status_code, plan(ledger, avery, 202610).forecast) == (409, None)


def test_two_people_do_not_overwrite_each_other(admin: Any, ledger: Path, avery: int) -> None:
    seen = re.search(r'name="seen" value="(\d+)"', admin.get("/planning/").text)[1]
    post(admin, "/planning/", **{f"forecast-{avery}-202612": "100"})
    answer = post(admin, "/planning/", seen=seen, **{f"forecast-{avery}-202612": "200"})
    assert answer.status_code == 409
    assert "changed meanwhile: Dec-26 by admin@station.example" in answer.text


def test_management_reads_and_writes_only_when_the_station_lets_it(
    signed_in: Any, admin: Any, ledger: Path, avery: int
) -> None:
    boss = signed_in("boss")
    page = boss.get("/planning/").text
    assert "Only administrators can change plans." in page
    assert 'name="forecast-' not in page
    fields = {f"forecast-{avery}-202612": "100"}
    assert post(boss, "/planning/", **fields).status_code == 403
    assert post(boss, "/planning/budget", **{f"budget-{avery}-202612": "100"}).status_code == 403
    assert post(boss, "/planning/who-writes", management="on").status_code == 403
    post(admin, "/planning/who-writes", management="on")
    assert post(boss, "/planning/", **fields).status_code == 303
    post(admin, "/planning/who-writes", management="off")
    assert post(boss, "/planning/", **fields).status_code == 403


@pytest.mark.parametrize("name", ["seller", "guest"])
@pytest.mark.parametrize("path", ["/planning/", "/planning/budget", "/planning/behind?first=202611&last=202611"])
def test_nobody_else_sees_a_plan(signed_in: Any, name: str, path: str) -> None:
    assert signed_in(name).get(path).status_code == 403


def test_a_pasted_budget_is_looked_at_before_it_is_stored(admin: Any, ledger: Path, avery: int) -> None:
    sheet = "AE\tJan\tDec\tTotal\navery quill\t1,000\t2,000\t3,000\nTotal\t1,000\t2,000\t3,000\n"
    looked = post(admin, "/planning/budget", look="1", sheet=sheet)
    assert looked.status_code == 200
    assert "What the sheet would change" in looked.text
    assert plan(ledger, avery, 202612).budget is None
    assert post(admin, "/planning/budget", store="1", sheet=sheet).headers["Location"].endswith("saved=2")
    assert (plan(ledger, avery, 202601).budget, plan(ledger, avery, 202612).budget) == (1_000_00, 2_000_00)


def test_a_budget_with_an_unknown_name_is_not_stored(admin: Any) -> None:
    answer = post(admin, "/planning/budget", look="1", sheet="AE,Nov,Dec\nNobody Known,1,2\n")
    assert answer.status_code == 409
    assert "no entity is named &#39;Nobody Known&#39;" in answer.text
    assert "Nobody Known,1,2" in answer.text


def test_customers_behind_a_figure_are_its_sum(admin: Any, ledger: Path) -> None:
    page = admin.get("/planning/behind?first=202601&last=202603").text
    with closing(open_database(ledger, read_only=True)) as db:
        gross = db.execute("SELECT sum(gross_cents) FROM revenue WHERE month BETWEEN 202601 AND 202603").fetchone()[0]
    assert f"${round(gross / 100):,}" in page


@pytest.mark.parametrize("query", ["", "?first=202613&last=202613", "?entity=999&first=202611&last=202611"])
def test_there_is_nothing_behind_what_does_not_exist(admin: Any, query: str) -> None:
    assert admin.get(f"/planning/behind{query}").status_code == 404


def test_an_unmatched_sales_person_becomes_an_entity_when_asked(admin: Any, ledger: Path) -> None:
    assert post(admin, "/planning/entity", name="Nobody Known").status_code == 404
    assert post(admin, "/planning/entity", name="Rowan Fennick").status_code == 303
    page = html.unescape(admin.get("/planning/").text)
    assert '<th scope="rowgroup">Rowan Fennick' in page
    assert "every dollar of 2026 belongs to an entity" in page


def test_the_plan_can_be_taken_along_as_a_file(signed_in: Any) -> None:
    boss = signed_in("boss")
    links = re.findall(r'href="(/api/revenue/planning-export\.[^"]+)" download', boss.get("/planning/").text)
    assert [boss.get(html.unescape(link)).status_code for link in links] == [200, 200]


def test_the_planning_pages_are_light_and_without_inline_scripts(admin: Any) -> None:
    for path in ("/planning/?lines=all&year=2027", "/planning/budget?year=2027"):
        answer = admin.get(path)
        page = answer.text
        assert answer.status_code == 200
        assert len(page) < 200_000
        assert re.search(r"<script(?![^>]*\bsrc=)|\s(style|on[a-z]+)=", page) is None
