"""`pivision export`: what happened in a period, its pictures and two tables, whole or not at all."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pivision.devices import registry
from pivision.devices.audit import By
from pivision.errors import PiVisionError
from pivision.pictures.privacy import blurred
from pivision.testing.pictures import picture
from pivision.upkeep.export import COLUMNS, Exported, Wanted, export

DAYS = ("2026-11-18", "2026-11-19", "2026-11-20")
ALL = Wanted()


@pytest.fixture
def noticed(appliance):
    """Two cameras, three days, an event of each a day; the newest has lost a picture."""
    for name in ("stand", "yard"):
        device = appliance.device(name)
        for number, day in enumerate(DAYS):
            event = appliance.db.execute(
                "INSERT INTO event (device_id, kind, start_capture_id, started_at, confidence, summary, details,"
                " created_at, note)"
                " VALUES (?1, 'interaction_detected', ?2, ?3, 0.9, 'Somebody', '{\"why\": 1}', ?3, ?4) RETURNING id",
                (device, number, f"{day}T23:30:00.000Z", "=2+2"),
            ).fetchone()["id"]
            for role in ("pre", "post"):
                path = f"events/{name}/{day}/{event}/{role}.jpg"
                appliance.db.execute(
                    "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at)"
                    " VALUES (?, ?, ?, 1, 1, 3, ?)",
                    (event, role, path, f"{day}T23:30:00.000Z"),
                )
                file = appliance.folder.file(path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(f"{name} {day} {role}".encode())
    return appliance


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_folder_has_tables_and_pictures(noticed, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert export(noticed.db, noticed.folder, ALL, target) == Exported(6, 12, 0)
    told = json.loads((target / "events.json").read_text())["events"]
    assert [each["device"] for each in told] == ["stand", "yard"] * 3 and told[0]["details"] == {"why": 1}
    assert (target / told[0]["pictures"]["pre"]).read_bytes() == b"stand 2026-11-18 pre"
    table = rows((target / "events.csv").read_bytes())
    assert [each["id"] for each in table] == [str(each["id"]) for each in told] and set(table[0]) == set(COLUMNS)
    assert table[0]["note"] == "'=2+2"  # no spreadsheet runs it


def test_a_zip_has_the_same(noticed, tmp_path: Path) -> None:
    export(noticed.db, noticed.folder, ALL, tmp_path / "out")
    export(noticed.db, noticed.folder, ALL, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as packed:
        inside = {name: packed.read(name) for name in packed.namelist()}
    folder = tmp_path / "out"
    assert inside == {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_period_a_camera_and_tables_alone_can_be_asked_for(noticed, tmp_path: Path) -> None:
    day = Wanted(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC), "yard", pictures=False)
    assert export(noticed.db, noticed.folder, day, tmp_path / "a") == Exported(1, 0, 0)
    [row] = rows((tmp_path / "a" / "events.csv").read_bytes())
    assert (row["device"], row["started_at"][:10]) == ("yard", "2026-11-19")
    other = Wanted(kind="camera_offline")
    assert export(noticed.db, noticed.folder, other, tmp_path / "b").events == 0


def test_a_picture_that_retention_took_meanwhile_is_counted(noticed, tmp_path: Path) -> None:
    next((noticed.folder.root / "events").rglob("pre.jpg")).unlink()
    assert export(noticed.db, noticed.folder, ALL, tmp_path / "out") == Exported(6, 11, 1)


def test_of_a_camera_with_the_blur_the_goods_alone_are_taken_along(noticed, tmp_path: Path) -> None:
    original = picture(1, 320, 240)
    for file in (noticed.folder.root / "events" / "stand").rglob("*.jpg"):
        file.write_bytes(original)
    registry.blur(noticed.db, "stand", By("test", noticed.now), wanted=True)
    assert export(noticed.db, noticed.folder, ALL, tmp_path / "out") == Exported(6, 12, 0)
    shown = {file.read_bytes() for file in (tmp_path / "out" / "pictures" / "stand").rglob("*.jpg")}
    assert shown == {blurred(original, [])}
    assert b"yard 2026-11-18 pre" in {file.read_bytes() for file in (tmp_path / "out").rglob("*.jpg")}


def test_whole_pictures_are_taken_along_by_a_word_that_the_audit_keeps(noticed, tmp_path: Path) -> None:
    registry.blur(noticed.db, "stand", By("test", noticed.now), wanted=True)
    command = [sys.executable, "-m", "pivision.cli", "export", str(tmp_path / "out"), "--originals", "--json"]
    environ = {"DATABASE_PATH": str(noticed.path), "PATH": ""}
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["pictures"] == 12
    assert noticed.rows("SELECT key FROM audit WHERE action = 'originals exported'") == [{"key": "out"}]


def test_nothing_is_overwritten_and_nothing_half_is_left(noticed, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(PiVisionError, match="is there already"):
        export(noticed.db, noticed.folder, ALL, tmp_path / "out")
    monkeypatch.setattr(json, "dumps", lambda *_args, **_more: 1 / 0)
    for name in ("new", "new.zip"):
        with pytest.raises(ZeroDivisionError):
            export(noticed.db, noticed.folder, ALL, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir() if "new" in path.name] == []


def test_the_command_counts_days_where_the_appliance_stands(noticed, tmp_path: Path) -> None:
    noticed.db.execute(
        "INSERT INTO setting (name, value, changed_at, changed_by) VALUES ('time_zone', '\"Asia/Tokyo\"', 'x', 'x')"
    )
    target = tmp_path / "out.zip"
    words = ["export", str(target), "--since", "2026-11-20", "--until", "2026-11-20", "--camera", "stand", "--json"]
    environ = {"DATABASE_PATH": str(noticed.path), "PATH": ""}
    command = [sys.executable, "-m", "pivision.cli", *words]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"target": str(target), "events": 1, "pictures": 2, "missing": 0}
    with zipfile.ZipFile(target) as packed:  # 23:30 of the 19th in UTC is the 20th in Tokyo
        assert rows(packed.read("events.csv"))[0]["started_at"] == "2026-11-19T23:30:00.000Z"
