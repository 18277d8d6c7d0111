"""`pivision devices …` as an installer types it, in a real process."""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from pivision.devices import access
from pivision.devices.registry import Gaps, gaps


def pivision(path: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pivision.cli", "devices", *words],
        env={**os.environ, "DATABASE_PATH": str(path)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_camera_is_made_enrolled_configured_and_listed(path: Path, db: sqlite3.Connection) -> None:
    made = pivision(path, "add", "gate", "--title", "The gate")
    assert made.returncode == 0, made.stderr
    key = access.enroll(db, "gate", made.stdout.strip(), datetime.now(UTC)).reveal()
    saved = pivision(path, "config", "gate", "--put", "-", stdin='{"cadence": {"capture_interval_ms": 5000}}')
    assert saved.stdout == "Version 1 of gate is in force.\n"
    listed = json.loads(pivision(path, "list", "--json").stdout)["devices"]
    assert [(each["name"], each["title"], each["config_version"]) for each in listed] == [("gate", "The gate", 1)]
    rotated = pivision(path, "rotate", "gate").stdout.strip()
    assert access.authenticate(db, key, datetime.now(UTC)) and access.authenticate(db, rotated, datetime.now(UTC))


def test_a_setting_that_makes_no_sense_is_named(path: Path, db: sqlite3.Connection) -> None:
    pivision(path, "add", "gate")
    refused = pivision(path, "config", "gate", "--put", "-", stdin='{"cadence": {"burst_fps": 900}}')
    assert refused.returncode == 2
    assert refused.stderr == "error: cadence.burst_fps not taken: 900 is not from 0.1 to 30\n"


def test_the_blur_is_switched_and_written_down(path: Path, db: sqlite3.Connection) -> None:
    pivision(path, "add", "gate")
    assert pivision(path, "blur", "gate", "on").stdout == "Only the goods can be recognised in pictures of gate.\n"
    assert json.loads(pivision(path, "list", "--json").stdout)["devices"][0]["privacy_blur"] is True
    assert db.execute("SELECT action FROM audit ORDER BY id DESC LIMIT 1").fetchone()["action"] == "privacy blur on"


def test_signatures_are_required_and_no_more(path: Path, db: sqlite3.Connection) -> None:
    pivision(path, "add", "gate")
    assert pivision(path, "signing", "gate", "on").stdout == "Only signed requests are taken of gate.\n"
    assert json.loads(pivision(path, "list", "--json").stdout)["devices"][0]["signs"] is True
    assert pivision(path, "signing", "gate", "off").stdout == "Its key is taken of gate.\n"
    rows = db.execute("SELECT action FROM audit ORDER BY id DESC LIMIT 2").fetchall()
    assert [row["action"] for row in rows] == ["signatures not required", "signatures required"]


def test_gaps_are_counted_within_each_run_of_the_camera(path: Path, db: sqlite3.Connection) -> None:
    pivision(path, "add", "gate")
    for boot, seq in (("a", 1), ("a", 2), ("a", 5), ("b", 1), ("b", 2)):
        db.execute(
            "INSERT INTO capture (device_id, boot_id, seq, received_at, width, height, bytes, sha256)"
            " VALUES (1, ?, ?, '2026-11-21T09:00:00.000Z', 1, 1, 1, x'00')",
            (boot, seq),
        )
    assert gaps(db, 1) == Gaps(pictures=5, gaps=1, missing=2)
