"""The sample command and its traffic: idempotent, and never a made-up spot in a real ledger."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bookedbiz.errors import Refused
from bookedbiz.importing.checks import check_ledger
from bookedbiz.importing.lock import import_lock
from bookedbiz.sample.fill import SampleRequest, begun_sample, fill
from bookedbiz.sample.traffic import Tick, Traffic
from bookedbiz.users import FIRST_ADMIN, verify_password
from station_kit.environment import Secret
from station_kit.sqlitefile import open_database

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def healthy(ledger) -> bool:
    return all(check.passed for check in check_ledger(ledger))


def state(ledger) -> list[tuple[object, ...]]:
    return [tuple(row) for row in ledger.execute("SELECT month, row_hash, gross_cents FROM spot ORDER BY 1, 2")]


def test_a_sample_fills_an_empty_ledger_and_again_changes_nothing(ledger, tmp_path) -> None:
    password = Secret("a long enough password")
    said: list[str] = []
    request = SampleRequest(400, 7, NOW)
    filled = fill(ledger, request, tmp_path, password, said.append)
    assert filled.imports == 4
    assert filled.spots == len(state(ledger))
    assert verify_password(ledger, FIRST_ADMIN, password) is not None
    assert (tmp_path / "raw" / "2025.xlsx").exists()
    assert len([line for line in said if line.startswith("Imported")]) == 4
    assert healthy(ledger)
    everything = "\n".join(ledger.iterdump())
    assert fill(ledger, SampleRequest(9999, 1, NOW + timedelta(days=90)), tmp_path, password, said.append).imports == 0
    assert "\n".join(ledger.iterdump()) == everything


def test_revenue_of_the_sample_is_worth_looking_at(sample_database: Path) -> None:
    db = open_database(sample_database, read_only=True)
    try:
        assert db.execute("SELECT count(DISTINCT month / 100) FROM revenue").fetchone()[0] == 4
        entities = {row[0] for row in db.execute("SELECT DISTINCT entity FROM revenue")}
        assert {"WorldLink", "House", "Unmatched", "Avery Quill"} <= entities
        assert len(entities) >= 12
        assert db.execute("SELECT count(DISTINCT market) FROM revenue").fetchone()[0] >= 9
        assert db.execute("SELECT count(DISTINCT language) FROM revenue").fetchone()[0] >= 10
        assert db.execute("SELECT count(*) FROM month_status WHERE status = 'closed'").fetchone()[0] == 34
        assert db.execute("SELECT count(*) FROM revenue WHERE customer_id < 0").fetchone()[0] > 0
    finally:
        db.close()


def test_a_ledger_with_rows_of_its_own_is_never_filled_and_gets_no_traffic(
    ledger, tmp_path, import_file, write_log, line
) -> None:
    import_file(write_log([line()]))
    with pytest.raises(Refused, match="not empty"):
        fill(ledger, SampleRequest(400, 7, NOW), tmp_path, None, lambda _: None)
    assert begun_sample(ledger) is None


@pytest.mark.slow
def test_a_sample_that_was_killed_is_finished_by_the_next_run(ledger, tmp_path) -> None:
    """Killed when it begins, and after each of its imports but the last; it ends as one run would have."""
    command = [sys.executable, "-m", "bookedbiz.cli", "sample", "--spots", "400"]
    environ = os.environ | {"DATABASE_PATH": str(tmp_path / "killed.db"), "DATA_PATH": str(tmp_path / "killed")}
    environ.pop("CREDENTIALS_DIRECTORY", None)
    for moment in ("Writing 2024", "Imported 2024", "Imported 2025", "Writing Commercial Log"):
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        assert any(line.startswith(moment) for line in process.stderr)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()
    subprocess.run(command, env=environ, check=True, capture_output=True)
    db = open_database(tmp_path / "killed.db")
    try:
        assert healthy(db)
        day = begun_sample(db).today
        noon = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
        fill(ledger, SampleRequest(400, 7, noon), tmp_path / "whole", None, lambda _: None)
        assert state(db) == state(ledger)
        assert db.execute("SELECT count(*) FROM batch WHERE status = 'completed'").fetchone()[0] == 4
    finally:
        db.close()


def test_traffic_books_reprices_and_cancels_and_the_summary_stays_right(ledger, tmp_path) -> None:
    fill(ledger, SampleRequest(400, 7, NOW), tmp_path, None, lambda _: None)
    before = len(state(ledger))
    traffic = Traffic(ledger, tmp_path, begun_sample(ledger), 3)
    ticks = [traffic.tick(NOW + timedelta(seconds=second)) for second in range(60)]
    booked, cancelled = sum(tick.booked for tick in ticks), sum(tick.cancelled for tick in ticks)
    assert len(state(ledger)) == before + booked - cancelled
    assert min(booked, cancelled, sum(tick.repriced for tick in ticks)) > 0
    assert healthy(ledger)
    batch = ledger.execute("SELECT count(*), max(rows_added) FROM batch WHERE mode = 'TRAFFIC'").fetchone()
    assert tuple(batch) == (1, booked + sum(tick.repriced for tick in ticks))
    kinds = {row[0] for row in ledger.execute("SELECT DISTINCT kind FROM change JOIN batch ON batch.id = batch_id "
                                              "WHERE mode = 'TRAFFIC'")}  # fmt: skip
    assert kinds == {"booked", "repriced", "cancelled"}
    traffic.tick(NOW + timedelta(days=1))
    assert ledger.execute("SELECT count(*) FROM batch WHERE mode = 'TRAFFIC'").fetchone()[0] == 2


def test_traffic_waits_while_an_import_runs(ledger, tmp_path) -> None:
    fill(ledger, SampleRequest(400, 7, NOW), tmp_path, None, lambda _: None)
    before = state(ledger)
    with import_lock(tmp_path, "somebody"):
        assert Traffic(ledger, tmp_path, begun_sample(ledger), 3).tick(NOW) == Tick()
    assert state(ledger) == before
