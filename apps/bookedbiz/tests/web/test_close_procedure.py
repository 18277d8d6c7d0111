"""The monthly close: each classic mistake is impossible, or loud."""

import io
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bookedbiz.errors import Refused
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.request import ImportRequest, Mode
from station_kit.sqlitefile import open_database

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
SEPTEMBER = {"broadcast_month": "Sep-26", "air_date": "9/7/2026", "day_of_week": "Monday"}
OCTOBER = {"broadcast_month": "Oct-26", "air_date": "10/5/2026", "day_of_week": "Monday"}
NOVEMBER = {"broadcast_month": "Nov-26", "air_date": "11/23/2026", "day_of_week": "Monday"}
YEAR_BEFORE = {"broadcast_month": "Oct-25", "air_date": "10/6/2025", "day_of_week": "Monday"}


@pytest.fixture
def hand_over(admin: Any, write_log: Any, line: Any) -> Any:
    """Hand a recap over: `hand_over(count, OCTOBER, mode="close")` gives the page and the workbook's hash."""

    def run(count: int, *months: dict[str, Any], mode: str = "close") -> tuple[str, str]:
        lines = [line(unit=float(n), **cells) for cells in months for n in range(count)]
        content = Path(write_log({"Data": lines}, name="2026.xlsx")).read_bytes()
        form = {"csrf_token": admin.token(), "mode": mode, "workbook": (io.BytesIO(content), "2026.xlsx")}
        page = admin.client.post("/imports/new", data=form, content_type="multipart/form-data").text
        return page, page.partition('name="sha256" value="')[2][:64]

    return run


@pytest.fixture
def post(admin: Any) -> Any:
    def run(path: str, **form: Any) -> Any:
        answer = admin.client.post(path, data={"csrf_token": admin.token(), **form})
        watched = answer.headers.get("Location", "")
        while (
            "/running/" in watched and answer.status_code != 409 and answer.headers.get("Location") in (watched, None)
        ):
            answer = admin.client.get(watched)
        return answer

    return run


def status(ledger: Path) -> dict[int, Any]:
    with closing(open_database(ledger, read_only=True)) as db:
        rows = db.execute("SELECT month, closed_at, note FROM month_status WHERE status = 'closed' AND month > 202608")
        return {row[0]: (row[1], row[2]) for row in rows}


@pytest.fixture
def open_months(ledger: Path) -> None:
    """September and October are open."""
    with closing(open_database(ledger)) as db:
        db.execute("DELETE FROM month_status WHERE month > 202608")


pytestmark = pytest.mark.usefixtures("open_months")


def test_closing_and_refreshing_are_two_buttons_and_a_refresh_closes_nothing(
    admin: Any, hand_over: Any, post: Any, ledger: Path
) -> None:
    page = admin.get("/imports/new").text
    assert set(re.findall(r'name="mode" value="(\w+)"', page)) == {"refresh", "close"}
    shown, sha256 = hand_over(3, OCTOBER, mode="refresh")
    assert "This closes no month" in shown
    post("/imports/run", sha256=sha256, mode="refresh", accept_drop="1", include_past="1", months="202610")
    assert status(ledger) == {}


def test_only_months_that_are_ticked_and_over_are_closed(hand_over: Any, post: Any, ledger: Path) -> None:
    page, sha256 = hand_over(3, SEPTEMBER, OCTOBER, NOVEMBER)
    assert re.findall(r'name="months" value="(\d+)"', page) == ["202609", "202610"]  # November is not over
    assert post("/imports/run", sha256=sha256, mode="close", months=["202610", "202611"]).status_code == 409
    assert status(ledger) == {}
    _, sha256 = hand_over(3, SEPTEMBER, OCTOBER, NOVEMBER)
    assert (
        post("/imports/run", sha256=sha256, mode="close", months="202610").headers["Location"].startswith("/imports/")
    )
    assert list(status(ledger)) == [202610]


def test_the_recap_of_another_year_is_refused(hand_over: Any, post: Any, ledger: Path) -> None:
    page, sha256 = hand_over(5, YEAR_BEFORE)
    assert "202610" not in re.findall(r'name="months" value="(\d+)"', page)
    assert post("/imports/run", sha256=sha256, mode="close", months="202610").status_code == 409
    assert status(ledger) == {}


def test_closing_again_asks_for_a_reason_and_shows_old_and_new_totals(
    admin: Any, hand_over: Any, post: Any, ledger: Path, clock: Any
) -> None:
    _, sha256 = hand_over(6, OCTOBER)
    post("/imports/run", sha256=sha256, mode="close", months="202610")
    first = status(ledger)[202610][0]
    clock.at = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    page, sha256 = hand_over(4, OCTOBER)
    assert "closed already" in page
    refused = post("/imports/try", sha256=sha256, mode="close", months="202610")
    assert refused.status_code == 409
    assert "Oct-26 is closed already" in refused.text
    shown = post("/imports/try", sha256=sha256, mode="close", months="202610", reason="two were wrong").text
    row = shown.partition("Old and new totals")[2].partition("</tbody>")[0]
    for said in ("Oct-26", ">6<", ">4<", "$600", "$400"):
        assert said in row
    post("/imports/run", sha256=sha256, mode="close", months="202610", reason="two were wrong")
    again = status(ledger)[202610]
    assert again[0] > first  # the date moves
    assert again[1] == "two were wrong"
    months = admin.get("/imports/months").text
    assert re.search(r"closed [23] times", months)  # the sample may have closed it, too
    assert "6 rows, $600" in months


def test_the_page_says_which_ledger_it_writes_to(admin: Any, ledger: Path) -> None:
    page = admin.get("/imports/new").text
    assert str(ledger) in page
    assert "rows, " in page


def test_a_close_that_is_cut_leaves_a_failed_import_and_the_month_open(ledger: Path, write_log: Any, line: Any) -> None:
    def cut(step: str, _: int) -> None:
        if step == "adding up":
            raise KeyboardInterrupt

    recap = Path(write_log({"Data": [line(**OCTOBER)]}, name="2026.xlsx"))
    with closing(open_database(ledger)) as db:
        held = db.execute("SELECT count(*) FROM spot").fetchone()[0]
        request = ImportRequest(recap, "me", NOW, Mode.CLOSE, months=frozenset({202610}))
        with pytest.raises(KeyboardInterrupt):
            import_workbook(db, request, ledger.parent, cut)
        assert db.execute("SELECT count(*) FROM spot").fetchone()[0] == held
        assert db.execute("SELECT status FROM batch ORDER BY id DESC LIMIT 1").fetchone()[0] == "failed"
    assert status(ledger) == {}


def test_a_month_in_two_spellings_is_one_month(hand_over: Any, post: Any, ledger: Path) -> None:
    page, sha256 = hand_over(
        2, OCTOBER, OCTOBER | {"broadcast_month": "2026-10-01"}, OCTOBER | {"broadcast_month": "October 2026"}
    )
    assert re.findall(r'name="months" value="(\d+)"', page) == ["202610"]
    post("/imports/run", sha256=sha256, mode="close", months="202610")
    with closing(open_database(ledger, read_only=True)) as db:
        held = db.execute("SELECT count(*) FROM spot WHERE month = 202610").fetchone()[0]
        sealed = db.execute("SELECT spots FROM month_seal WHERE month = 202610 ORDER BY id DESC").fetchone()[0]
    assert (held, sealed) == (6, 6)
    assert list(status(ledger)) == [202610]


def test_the_recap_of_mostly_another_year_is_refused_though_the_month_is_in_it(
    ledger: Path, write_log: Any, line: Any
) -> None:
    lines = [line(unit=float(n), **YEAR_BEFORE) for n in range(5)]
    recap = Path(write_log({"Data": [*lines, line(**OCTOBER)]}, name="2025.xlsx"))
    with closing(open_database(ledger)) as db, pytest.raises(Refused, match="most rows of the file are of 2025"):
        import_workbook(db, ImportRequest(recap, "me", NOW, Mode.CLOSE, months=frozenset({202610})), ledger.parent)
