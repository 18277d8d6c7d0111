"""Agencies as a clerk sees and changes them, with what it moves told before."""

from contextlib import closing
from pathlib import Path
from typing import Any

from station_kit.sqlitefile import open_database


def busiest(ledger: Path) -> list[tuple[int, str]]:
    with closing(open_database(ledger, read_only=True)) as db:
        rows = db.execute(
            "SELECT agency_id, count(*) FROM customer WHERE agency_id NOT NULL GROUP BY 1 ORDER BY 2 DESC"
        )
        ids = [row[0] for row in rows][:2]
        return [(each, db.execute("SELECT name FROM agency WHERE id = ?", (each,)).fetchone()[0]) for each in ids]


def test_an_agency_is_merged_after_its_effect_was_shown_and_split_again(admin: Any, ledger: Path) -> None:
    (one, name), (other, into) = busiest(ledger)
    assert name in admin.get("/names/agencies").text
    page = admin.get(f"/names/agencies/{one}").text
    assert f"{name}:" in page
    back = f"/names/agencies/{one}"
    form = {"csrf_token": admin.token(), "verb": "agency-merge", "id": str(one), "agency": into, "back": back}
    shown = admin.client.post("/names/change", data=form).text
    assert f"Merge this agency into {into}" in shown
    assert "<dd>0</dd>" not in shown  # it moves rows, and says how many
    assert "merged into" not in admin.get(back).text
    assert admin.client.post("/names/change", data={**form, "confirm": "yes"}).status_code == 302
    assert f"merged into {into}" in admin.get(back).text
    split = {**form, "verb": "agency-split"}
    assert "<dd>0</dd>" not in admin.client.post("/names/change", data=split).text
    admin.client.post("/names/change", data={**split, "confirm": "yes"})
    assert admin.get(f"/names/agencies/{one}").text.count(f"{name}:") == page.count(f"{name}:")
    assert admin.get(f"/names/agencies/{other}").status_code == 200
    assert admin.get("/names/agencies/99999").status_code == 404


def test_renaming_spelling_and_switching_off_go_through_the_same_question(admin: Any, ledger: Path) -> None:
    (one, name), _ = busiest(ledger)
    back = f"/names/agencies/{one}"
    for verb, more in (
        ("agency-alias", {"alias": "Quite Another"}),
        ("agency-deactivate", {"reason": "closed"}),
        ("agency-reactivate", {}),
        ("agency-rename", {"name": f"{name} Worldwide"}),
    ):
        form = {"csrf_token": admin.token(), "verb": verb, "id": str(one), "back": back, **more}
        assert "Nothing has been changed yet" in admin.client.post("/names/change", data=form).text
        assert admin.client.post("/names/change", data={**form, "confirm": "yes"}).status_code == 302
    page = admin.get(back).text
    assert f"{name} Worldwide:" in page
    assert "Quite Another" in page
    assert f"Also read as it: {name}" in page or f", {name}" in page
