"""An import runs behind its page: it can be watched, and goes on though nobody looks."""

import logging
import threading
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from bookedbiz.errors import Refused
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.request import ImportRequest
from bookedbiz.notices.outbox import Sent
from bookedbiz.web.running import Outcome, Runs
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def test_the_page_shows_how_far_an_import_is_and_leads_to_what_it_changed(app: Any, admin: Any, signed_in: Any) -> None:
    runs = app.extensions["bookedbiz"].runs
    go_on, told = threading.Event(), threading.Event()

    def work(progress: Any) -> Outcome:
        progress("reading Commercials", 42_000)
        told.set()
        go_on.wait()
        return Outcome(1, "log.xlsx imported", Sent(0, 1, ("ntfy: refused",)))

    run_id = runs.start("log.xlsx", "admin@station.example", NOW, work)
    told.wait()
    page = admin.get(f"/imports/running/{run_id}").text
    assert "Reading commercials" in page
    assert "42,000" in page
    assert "log.xlsx" in admin.get("/imports/").text
    assert signed_in("boss").get(f"/imports/running/{run_id}").status_code == 403
    go_on.set()
    runs.find(run_id, wait_s=60)
    answer = admin.get(f"/imports/running/{run_id}")
    assert answer.headers["Location"] == "/imports/1"
    page = admin.get("/imports/1").text
    assert "log.xlsx imported" in page
    assert "not sent and is tried again: ntfy: refused" in page


def test_what_a_safeguard_refuses_is_shown_where_the_import_was_watched(app: Any, admin: Any) -> None:
    def work(_: Any) -> Outcome:
        raise Refused(
            "log.xlsx not imported: Nov-26 would fall", "If that is right, import it again with --accept-drop"
        )

    run_id = app.extensions["bookedbiz"].runs.start("log.xlsx", "admin", NOW, work)
    app.extensions["bookedbiz"].runs.find(run_id, wait_s=60)
    answer = admin.get(f"/imports/running/{run_id}")
    assert answer.status_code == 409
    assert "Nov-26 would fall" in answer.text
    assert admin.get("/imports/running/nobody-knows").status_code == 404


def test_a_bug_in_an_import_is_logged_and_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    def work(_: Any) -> Outcome:
        raise ZeroDivisionError

    runs = Runs()
    with caplog.at_level(logging.ERROR):
        found = runs.find(runs.start("log.xlsx", "me", NOW, work), wait_s=60)
    assert found is not None
    assert found.error == "Not imported: ZeroDivisionError"
    assert "Traceback" in caplog.text
    assert runs.under_way() == []


def test_an_import_tells_what_it_does(tmp_path: Any, write_log: Any, line: Any) -> None:
    told: list[tuple[str, int]] = []
    lines = [line(unit=float(number)) for number in range(2_100)]
    with closing(open_database(tmp_path / "l.db")) as db:
        migrate(db, "bookedbiz.schema")
        request = ImportRequest(write_log(lines), "me", NOW)
        import_workbook(db, request, tmp_path, lambda step, count: told.append((step, count)))
    assert told == [
        ("opening the workbook", 0),
        ("reading Commercials", 2_000),
        ("comparing and storing Nov-26", 1),
        ("adding up", 1),
    ]
