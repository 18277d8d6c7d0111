"""Versions of the budget and expectations of sectors, as a person changes them; and who may."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookedbiz.planning.plans import load_plans
from station_kit.sqlitefile import open_database


def post(browser: Any, path: str, **form: Any) -> Any:
    return browser.client.post(path, data={"csrf_token": browser.token(), "year": "2027", **form})


@pytest.fixture
def house(ledger: Path) -> int:
    with closing(open_database(ledger)) as db:
        return int(db.execute("SELECT id FROM entity WHERE name = 'House'").fetchone()[0])


def budget(ledger: Path, house: int) -> int | None:
    with closing(open_database(ledger, read_only=True)) as db:
        return load_plans(db, 202703, 202703)[(house, 202703)].budget


def test_a_version_is_copied_changed_made_the_budget_and_taken_back(admin: Any, ledger: Path, house: int) -> None:
    before = budget(ledger, house)
    assert post(admin, "/planning/versions/1/copy", name="Second draft", note="").status_code == 303
    page = admin.get("/planning/versions/?year=2027").text
    assert "Second draft" in page
    field = f"budget-{house}-202703"
    assert f'name="{field}"' in admin.get("/planning/versions/2?year=2027").text
    assert post(admin, "/planning/versions/2", **{field: "77,000"}).status_code == 303
    assert post(admin, "/planning/versions/2", **{field: "much"}).status_code == 409
    assert budget(ledger, house) == before
    post(admin, "/planning/versions/2/activate")
    assert budget(ledger, house) == 7_700_000
    assert "Second draft" in admin.get("/planning/budget?year=2027").text
    assert admin.get("/planning/versions/2").status_code == 302  # the budget page, where its history is kept
    post(admin, "/planning/versions/1/activate")
    assert budget(ledger, house) == before
    assert post(admin, "/planning/versions/2/drop").status_code == 303
    assert post(admin, "/planning/versions/2/drop").status_code == 404
    assert post(admin, "/planning/versions/1/burn").status_code == 404


def test_management_writes_versions_and_sectors_only_when_the_station_lets_it(
    signed_in: Any, admin: Any, house: int
) -> None:
    boss = signed_in("boss")
    paths = ("/planning/versions/1/copy", f"/planning/sectors/{house}")
    assert [post(boss, path, name="Mine").status_code for path in paths] == [403, 403]
    post(admin, "/planning/who-writes", management="on")
    assert [post(boss, path, name="Mine").status_code for path in paths] == [303, 303]


def test_sectors_are_entered_and_what_does_not_add_up_is_told(admin: Any, ledger: Path, house: int) -> None:
    path = f"/planning/sectors/{house}"
    page = admin.get(f"{path}?year=2027").text
    field = re.search(rf'name="(sector-{house}-\d+-202703)"', page)[1]
    answer = post(admin, path, **{field: "1"})
    assert answer.status_code == 303
    page = admin.get(answer.headers["Location"]).text
    assert "Saved: 1 change" in page
    assert "under" in page
    short = (budget(ledger, house) or 0) // 100 - 1
    assert f"under {short:,}" in " ".join(page.split())
    assert post(admin, path, **{field: "-5"}).status_code == 409
    year = admin.get("/planning/sectors.json?year=2027").json["data"]["tables"]
    assert next(row["cells"] for row in year[1]["rows"] if row["cells"][0] == "House")[2] == 1.0
    assert admin.get("/planning/sectors/999").status_code == 404
    assert "House" in admin.get("/planning/sectors?year=2027").text


def test_unmatched_people_are_shown_before_they_become_entities(admin: Any) -> None:
    page = admin.get("/planning/unmatched?year=2026").text
    assert "Rowan Fennick" in page
    names = re.findall(r'name="name" value="([^"]+)"', page)
    assert post(admin, "/planning/entity", name=names, year="2026").status_code == 303
    assert "every dollar of 2026 belongs to an entity" in admin.get("/planning/unmatched?year=2026").text
