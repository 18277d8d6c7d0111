"""Litestream in a whole fleet: it ships what the app writes, and every primary has a replica of its own."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from station.clock import to_text, utc_now

TABLE = """
[apps.counter.litestream]
store = "disk"
program = "{program}"
sync_every_s = 0.2
"""


@pytest.mark.slow
def test_each_primary_has_its_own_replica_and_the_freshest_of_both_engines_is_restored(
    new_fleet, wait_for, program, tmp_path
) -> None:
    fleet = new_fleet()
    fleet.manifest.write_text(fleet.manifest.read_text() + TABLE.format(program=program))
    fleet.up()

    def shipped(host: str) -> None:
        since = to_text(utc_now())
        wait_for(lambda: (_seen(fleet, host).get("newest") or "") > since, 30, f"the replica of {host}")

    for number in range(20):
        fleet.add(f"on one {number}")
    shipped("one")
    assert _seen(fleet, "one")["lag_s"] == 0
    assert _seen(fleet, "one")["error"] is None
    assert "litestream" not in fleet.app_status("two")["units"]
    fleet.add("the last of one")
    fleet.station("failover", "counter", "--yes")
    assert fleet.missing_rows() == []
    fleet.add("on two")
    shipped("two")
    assert fleet.app_status("one")["units"]["litestream"]["state"] == "stopped"
    place = fleet.folder / "store" / "litestream" / "counter" / "main"
    assert sorted(folder.name for folder in place.iterdir()) == ["000001", "000002"]

    fleet.stop()
    for engine in ("litestream", "freshest"):
        target = tmp_path / f"{engine}.db"
        said = fleet.station("db", "restore", "--engine", engine, "--to", str(target)).stderr
        assert _rows(target) >= set(fleet.acknowledged), said
    refused = fleet.station("db", "restore", "--engine", "litestream", "--to", str(target), check=False)
    assert refused.returncode == 20
    own = next((fleet.folder / "store" / "counter" / "main").glob("000002-two-*"))
    own.rename(fleet.folder / "away")
    target = tmp_path / "without-own.db"
    said = fleet.station("db", "restore", "--engine", "freshest", "--to", str(target)).stderr
    assert "taken: litestream; our newest point is of epoch 1, an older primary's" in said
    assert _rows(target) >= set(fleet.acknowledged)
    assert fleet.station("db", "verify", check=False).returncode == 0


def _seen(fleet, host: str) -> dict:
    return fleet.app_status(host)["databases"]["main"].get("litestream") or {}


def _rows(file: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(file)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        return {what for (what,) in db.execute("select what from entries")}
