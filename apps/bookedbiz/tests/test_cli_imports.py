"""The commands about imports: what they print, and how they end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def run(tmp_path: Path):
    place = os.environ | {"DATABASE_PATH": str(tmp_path / "bookedbiz.db"), "DATA_PATH": str(tmp_path / "files")}

    def call(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bookedbiz.cli", *map(str, arguments)]
        return subprocess.run(command, env=place | more, capture_output=True, text=True, check=False)

    return call


def test_a_month_is_closed_shown_reopened_and_its_import_taken_back(run, write_log, line) -> None:
    cells = {"broadcast_month": "Oct-25", "air_date": "10/6/2025", "day_of_week": "Monday"}
    recap = write_log({"Data": [line(**cells)]}, name="2025.xlsx")
    assert run("close", recap, "--months", "202510", "--by", "me").returncode == 0
    assert "1 months are closed, 0 changed since." in run("close").stdout
    told = json.loads(run("diff", "--json").stdout)
    assert (told["batch"], told["total"]["gross_cents"]) == (1, 10_000)
    assert "Orbit Media:Cedar Bank" in run("diff").stdout
    assert run("reopen", "202510").returncode == 2  # no reason
    assert run("reopen", "202510", "--reason", "two are missing").stdout == "Oct-25 open again.\n"
    assert run("reopen", "202510", "--reason", "again").returncode == 3
    assert "taken back as batch 2: 0 rows restored, 1 taken out, gross -$100.00." in run("undo", "1").stdout
    assert run("undo").returncode == 3
    assert run("check").returncode == 0


def test_an_unattended_import_ends_with_a_code_for_each_case(run, write_log, line, tmp_path: Path) -> None:
    assert run("fetch").returncode == 0  # nothing is named, nothing is missing
    away = run("fetch", COMMERCIAL_LOG=str(tmp_path / "K" / "Commercial Log.xlsx"))
    assert (away.returncode, away.stdout) == (4, "")
    assert "Is the drive mounted?" in away.stderr
    log = str(write_log([line()]))
    assert "1 added" in run("fetch", COMMERCIAL_LOG=log).stdout
    assert "nothing to do" in run("fetch", COMMERCIAL_LOG=log).stdout
    Path(log).write_bytes(b"PK half")
    assert run("fetch", COMMERCIAL_LOG=log).returncode == 1
