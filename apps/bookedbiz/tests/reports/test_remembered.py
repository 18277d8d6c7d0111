"""An answer is kept until the ledger changes, and not a moment longer."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from bookedbiz.reports import booked
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.remembered import remembered
from station_kit.sqlitefile import open_database


def test_the_same_question_is_answered_once(db: sqlite3.Connection) -> None:
    asked: list[int] = []
    answers = [remembered(db, "the same", lambda: asked.append(1) or len(asked)) for _ in range(3)]
    assert (answers, len(asked)) == ([1, 1, 1], 1)


def test_what_another_connection_has_written_is_seen(db: sqlite3.Connection, book: Any, tmp_path: Path) -> None:
    book(202603, "Bank", 100_00)
    with closing(open_database(tmp_path / "ledger.db", read_only=True)) as reader:
        for cents in (100_00, 101_00, 102_00, 103_00):
            db.execute("UPDATE booked SET gross_cents = ?", (cents,))
            assert booked.by_month(reader, Filters(2026), 202603, 202603) == {202603: cents}


def test_two_people_with_books_of_their_own_get_their_own(db: sqlite3.Connection, book: Any) -> None:
    book(202603, "Bank", 100_00, ae="House")
    book(202603, "Shop", 50_00, ae="Avery Quill")
    avery = db.execute("SELECT id FROM ae WHERE name = 'Avery Quill'").fetchone()[0]
    found = [booked.by_month(db, Filters(2026, only_ae_id=each), 202603, 202603)[202603] for each in (None, 1, avery)]
    assert found == [150_00, 100_00, 50_00]


def test_who_asks_the_same_at_once_waits_for_one_answer(db: sqlite3.Connection) -> None:
    path = Path(db.execute("PRAGMA database_list").fetchone()[2])
    begun, asked = Event(), []

    def answer() -> str:
        asked.append(1)
        begun.wait(0.2)
        return "made once"

    def ask() -> str:
        with closing(open_database(path, read_only=True)) as own:
            return remembered(own, "a question of several", answer)

    with ThreadPoolExecutor(4) as people:
        answers = [each.result() for each in [people.submit(ask) for _ in range(4)]]
    assert (answers, len(asked)) == (["made once"] * 4, 1)


def test_a_question_that_failed_is_asked_again(db: sqlite3.Connection) -> None:
    with pytest.raises(ZeroDivisionError):
        remembered(db, "a question that fails", lambda: 1 // 0)
    assert remembered(db, "a question that fails", lambda: "then answered") == "then answered"
