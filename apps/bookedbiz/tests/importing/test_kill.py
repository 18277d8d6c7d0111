"""kill -9 at any moment of an import: afterwards the ledger is what it was before, or what it is after."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from bookedbiz.importing.checks import check_ledger
from bookedbiz.sample.airings import MonthPlan, airings_of
from bookedbiz.sample.book import make_book
from bookedbiz.sample.world import Size, make_world
from bookedbiz.sample.writing import write_book
from station_kit.sqlitefile import open_database

TODAY = date(2026, 11, 20)
ROWS = 1500
KILLS = 12

# The import itself in a process of its own, without the start of the command line that a kill would mostly hit.
_IMPORT = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.request import ImportRequest
from station_kit.sqlitefile import open_database
db = open_database(Path(sys.argv[1]))
print("ready", flush=True)
import_workbook(db, ImportRequest(Path(sys.argv[2]), "killed", datetime(2026, 11, 20, tzinfo=UTC)), Path(sys.argv[3]))
"""


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    """Two logs of the same months, half of whose rows differ."""
    world = make_world(7, 36, Size())
    paths = []
    for name, seeds in (("a.xlsx", (1, 2)), ("b.xlsx", (1, 3))):
        plans = [MonthPlan(month, 30, ROWS // 2, TODAY, leaver_left=True) for month in (202611, 202612)]
        airings = [airing for plan, seed in zip(plans, seeds, strict=True) for airing in airings_of(world, plan, seed)]
        paths.append(tmp_path / name)
        write_book(make_book(airings, 1, 0, recap=False), paths[-1])
    return paths


def start(database: Path, log: Path, folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _IMPORT, str(database), str(log), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def held(database: Path) -> tuple[int, int, int]:
    """Spots, their money, and the sum of their hashes: tells one state from another."""
    db = open_database(database)
    try:
        row = db.execute(
            "SELECT count(*), coalesce(sum(gross_cents), 0), coalesce(sum(row_hash % 1000003), 0) FROM spot"
        ).fetchone()
        assert [check.name for check in check_ledger(db) if check.found] == []
        return tuple(row)
    finally:
        db.close()


@pytest.mark.slow
def test_a_killed_import_leaves_the_ledger_before_or_after_and_nothing_between(ledger, logs, tmp_path) -> None:
    database = Path(ledger.execute("PRAGMA database_list").fetchone()["file"])
    dice = random.Random(20261120)
    states, took_s = [], 0.0
    for log in logs:  # what the two states are, and how long an import takes
        process = start(database, log, tmp_path)
        began = time.monotonic()
        assert process.wait() == 0
        took_s = time.monotonic() - began
        process.stdout.close()
        states.append(held(database))
    survived = 0
    for kill in range(KILLS):
        before = held(database)
        process = start(database, logs[kill % 2], tmp_path)
        time.sleep(dice.uniform(0, took_s))
        os.kill(process.pid, signal.SIGKILL)
        if process.wait() == 0:
            survived += 1
            took_s *= 0.8  # the machine has become quicker since
        process.stdout.close()
        assert held(database) in (before, states[kill % 2])
        assert held(database) in states
    assert survived < KILLS  # some were really hit


def test_after_a_kill_the_next_import_goes_on_and_tells_of_it(ledger, logs, tmp_path, import_file) -> None:
    database = Path(ledger.execute("PRAGMA database_list").fetchone()["file"])
    process = start(database, logs[0], tmp_path)
    while not ledger.execute("SELECT count(*) FROM batch").fetchone()[0]:
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert import_file(logs[0]).rows_stored == ROWS
    assert [tuple(row) for row in ledger.execute("SELECT status, error FROM batch ORDER BY id")] == [
        ("failed", "cut short; nothing was stored"),
        ("completed", None),
    ]
