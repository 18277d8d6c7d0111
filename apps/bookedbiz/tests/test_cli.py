"""The command line: what it prints where, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

Run = subprocess.CompletedProcess[str]


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty ledger and a first password."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "first_admin_password").write_text("a long enough password\n")
    return os.environ | {
        "DATABASE_PATH": str(tmp_path / "bookedbiz.db"),
        "DATA_PATH": str(tmp_path / "files"),
        "CREDENTIALS_DIRECTORY": str(credentials),
    }


@pytest.fixture
def run(place: dict[str, str]):
    def call(*arguments: str | Path, stdin: str = "") -> Run:
        command = [sys.executable, "-m", "bookedbiz.cli", *map(str, arguments)]
        return subprocess.run(command, env=place, input=stdin, capture_output=True, text=True, check=False)

    return call


def test_a_sample_is_filled_checked_and_known_again(run, place) -> None:
    filled = run("sample", "--spots", "400")
    assert filled.returncode == 0
    assert "filled by 4 imports" in filled.stdout
    assert "Imported 2025.xlsx" in filled.stderr
    assert "nothing changed" in run("sample", "--spots", "400").stdout
    assert json.loads(run("check", "--json").stdout)["passed"] is True
    users = json.loads(run("users", "list", "--json").stdout)["users"]
    assert [(user["email"], user["role"]) for user in users] == [("admin@bookedbiz.example", "admin")]
    log = next((Path(place["DATA_PATH"]) / "raw" / "daily").iterdir())
    assert "nothing to do" in run("import", log).stdout


def test_an_import_prints_its_report_and_as_json_the_same(run, write_log, line) -> None:
    path = write_log([line(), line(gross_rate="ask")])
    tried = run("import", path, "--dry-run", "--by", "me")
    assert "Nov-26" in tried.stdout
    assert "would be imported: 2 lines = 2 stored + 0 skipped" in tried.stdout
    report = json.loads(run("import", path, "--json").stdout)
    assert (report["rows_added"], report["issues"]) == (2, {"bad_money": 1, "value_differs": 1})
    assert report["months"][0]["month"] == "2026-11-01"


def test_each_way_to_fail_has_its_exit_code(run, write_log, line, tmp_path) -> None:
    assert run("import").returncode == 2
    assert run("import", "x.xlsx", "--mode", "close", "--months", "soon").returncode == 2
    missing = run("import", tmp_path / "missing.xlsx")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.startswith("error: ")
    assert "hint: " in missing.stderr
    later = {"broadcast_month": "Jan-30", "air_date": "1/7/2030", "day_of_week": "Monday"}
    assert run("import", write_log([line(**later, unit=float(n)) for n in range(10)])).returncode == 0
    fewer = write_log([line(**later)], name="fewer.xlsx")
    refused = run("import", fewer)
    assert refused.returncode == 3
    assert "Jan-30 would fall from 10 to 1 rows" in refused.stderr
    assert run("import", fewer, "--accept-drop").returncode == 0


def test_there_is_no_database_by_default(run, place) -> None:
    place.pop("DATABASE_PATH")
    ended = run("check")
    assert ended.returncode == 1
    assert "DATABASE_PATH" in ended.stderr


def test_the_names_of_a_first_import_are_shown_and_taken_over(run, write_log, line) -> None:
    assert run("import", write_log([line(sales_person="Avery Quill")])).returncode == 0
    unknown = json.loads(run("names", "unknown", "--json").stdout)
    assert unknown["aes"] == [{"name": "Avery Quill", "spots": 1, "gross_cents": 10_000}]
    assert run("names", "adopt").stdout == "1 customers and 1 account executives made.\n"
    assert run("names", "unknown").stdout == "0 customers and 0 account executives are not known yet.\n"


def test_a_folder_that_cannot_be_written_is_an_error_and_no_traceback(run, place, write_log, line, tmp_path) -> None:
    (tmp_path / "a file").write_text("")
    place["DATA_PATH"] = str(tmp_path / "a file")
    ended = run("import", write_log([line()]))
    assert (ended.returncode, ended.stderr.startswith("error: Not done: ")) == (1, True)


def test_a_password_comes_from_a_file_or_standard_input_and_never_shows(run, tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("correct horse battery\n")
    made = run("users", "add", "a@b.example", "--role", "viewer", "--password-file", secret)
    assert made.stdout == "User a@b.example made, role viewer.\n"
    changed = run("users", "passwd", "a@b.example", "--password-file", "-", stdin="another good one\n")
    assert changed.returncode == 0
    assert "good one" not in changed.stdout + changed.stderr
    assert run("users", "passwd", "a@b.example").returncode == 1  # no terminal to ask on
    short = run("users", "passwd", "a@b.example", "--password-file", "-", stdin="short\n")
    assert (short.returncode, "shorter than" in short.stderr) == (1, True)


def test_an_account_executive_who_is_nobody_yet_is_told_of(run, tmp_path) -> None:
    secret = tmp_path / "password"
    secret.write_text("a password of ten")
    made = run("users", "add", "ae@b.example", "--role", "ae", "--password-file", secret)
    assert made.returncode == 0
    assert "see nothing: name one with --ae" in made.stderr


def test_a_tampered_ledger_fails_the_check(run, place) -> None:
    assert run("sample", "--spots", "200").returncode == 0
    import sqlite3

    db = sqlite3.connect(place["DATABASE_PATH"])
    db.execute("UPDATE booked SET gross_cents = gross_cents + 1 WHERE month = 202501")
    db.commit()
    db.close()
    checked = run("check")
    assert checked.returncode == 1
    assert "FAIL  the summary says what the spots say" in checked.stdout


def test_traffic_ends_well_when_it_is_told_to(run, place) -> None:
    assert run("sample-traffic", "--every", "0.1").returncode == 3  # not into a ledger that is no sample
    assert run("sample", "--spots", "200").returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "bookedbiz.cli", "sample-traffic", "--every", "0.05"],
        env=place, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(5)]
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    process.stderr.close()
    assert all(line.startswith("traffic booked=") for line in lines)
    assert run("check").returncode == 0
