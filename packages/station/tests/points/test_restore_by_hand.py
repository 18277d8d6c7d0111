"""The commands of docs/restore-by-hand.md and the script in every chain, run word for word by the real programs."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from station.points.catalog import list_points
from station.points.point import Point
from station.sqlite.scan import scan_file

MISSING = [program for program in ("sqlite3", "unzstd") if not shutil.which(program)]
pytestmark = pytest.mark.skipif(
    bool(MISSING) and os.environ.get("CI") != "true", reason=f"not installed: {', '.join(MISSING)} (apt: sqlite3 zstd)"
)
DOCUMENT = next(
    folder / "docs" / "restore-by-hand.md"
    for folder in Path(__file__).parents
    if (folder / "docs" / "restore-by-hand.md").exists()
)


@pytest.fixture(params=["wal", "delete"])
def points(bench: Any, request: pytest.FixtureRequest) -> list[Point]:
    """An older chain, and a newer one that grew, shrank and grew, and has an unfinished change and base after it."""
    bench.sql(f"pragma journal_mode = {request.param}")
    bench.take_once()
    bench.take_once(full=True)
    for change in ("delete from spots where id > 5; vacuum", "update spots set note = 'x'", "create table more (a)"):
        bench.sql(change)
        bench.add_rows(12)
        bench.take_once()
    points = list_points(bench.store, bench.identity)
    (bench.store.path / points[-1].folder / "000004.wal.zst").write_bytes(b"left by a killed run")
    unfinished = bench.store.path / "bookedbiz/main/000001-pi-ctv-20991231T000000000Z"
    unfinished.mkdir()
    (unfinished / "base.db.zst").write_bytes(b"left by a killed run")
    return points


def run_the_document(bench: Any) -> tuple[subprocess.CompletedProcess[str], Path]:
    (commands,) = re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    target = bench.folder / "by hand.db"
    environment = os.environ | {"STORE": str(bench.store.path), "TARGET": str(target)}
    done = subprocess.run(["sh", "-c", commands], capture_output=True, text=True, env=environment, check=False)
    return done, target


def run_the_script(point: Point, bench: Any, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    script = bench.store.path / point.folder / "restore.sh"
    return subprocess.run(["sh", script, *arguments], capture_output=True, text=True, check=False)


def test_the_commands_of_the_document_restore_the_newest_point(bench: Any, points: list[Point]) -> None:
    done, target = run_the_document(bench)
    assert done.stderr == "" and done.stdout.splitlines()[-1] == "ok"
    assert re.fullmatch(r"(\d{6}\.wal\.zst: 0\|([1-9]\d*)\|\2\n){3}ok\n", done.stdout)
    assert scan_file(target).digest == points[-1].digest
    assert [file.name for file in bench.folder.glob("by hand.db*")] == ["by hand.db"]


def test_the_commands_stop_at_a_damaged_change(bench: Any, points: list[Point]) -> None:
    unpacked = bench.folder / "change.wal"
    subprocess.run(["unzstd", "-q", bench.object_file(points[3]), "-o", unpacked], check=True)
    content = bytearray(unpacked.read_bytes())
    content[100] ^= 1
    unpacked.write_bytes(content)
    subprocess.run(["zstd", "-q", "-f", unpacked, "-o", bench.object_file(points[3])], check=True)
    done, target = run_the_document(bench)
    assert "000002.wal.zst is damaged: stop here" in done.stderr
    assert done.stdout.splitlines()[-1] == "ok" and scan_file(target).digest == points[2].digest


def test_the_script_restores_the_newest_or_an_earlier_point(bench: Any, points: list[Point]) -> None:
    for arguments, point in (((), points[-1]), (("000001",), points[2]), (("000000",), points[1])):
        target = bench.folder / f"out {len(arguments)} {point.seq}.db"
        done = run_the_script(point, bench, target, *arguments)
        assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("ok\n")
        assert scan_file(target).digest == point.digest


def test_the_script_refuses_to_write_over_anything(bench: Any, points: list[Point]) -> None:
    (bench.folder / "out.db-wal").write_bytes(b"somebody's")
    done = run_the_script(points[-1], bench, bench.folder / "out.db")
    assert done.returncode == 1 and "exists already" in done.stderr
    assert run_the_script(points[-1], bench).returncode != 0


def test_the_script_stops_at_a_damaged_change(bench: Any, points: list[Point]) -> None:
    file = bench.object_file(points[3])
    file.write_bytes(file.read_bytes()[:-9])
    done = run_the_script(points[-1], bench, bench.folder / "out.db")
    assert done.returncode != 0 and "is the point" not in done.stdout
