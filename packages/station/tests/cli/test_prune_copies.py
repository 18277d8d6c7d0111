"""`station db prune`: backups and records of drills, and one run at a time."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest

from station.clock import utc_now
from station.points.holding import locked
from station.points.point import DatabaseId
from station.points.portable import Copy, backup_key, record_key, to_record

IDENTITY = DatabaseId("bookedbiz", "main")


@pytest.fixture
def kept(yard) -> Any:
    """The yard with four backups, one of them named, and a rule that keeps two."""
    yard.backups = []
    for days in (1, 2, 3):
        at = utc_now() - timedelta(days=days)
        yard.backups.append(f"database_backup_{at:%Y%m%d_%H%M%S}.db")
        _put(yard.store, yard.backups[-1], at)
    _put(yard.store, "before-migration.db", utc_now() - timedelta(days=300))
    with (yard.folder / "fleet.toml").open("a") as manifest:
        manifest.write("[apps.bookedbiz.keep]\nbackups = 2\n")
    return yard


def _put(store: Any, name: str, at: Any) -> None:
    key = backup_key(IDENTITY, name)
    store.put(record_key(key), to_record([Copy("bookedbiz", "main", 1, "pi-ctv", at, 4096, 1, "0" * 32, True, 3, "0")]))
    store.put(key, b"abc")


def names(yard: Any) -> list[str]:
    prefix = backup_key(IDENTITY, "")
    found = [entry.key.removeprefix(prefix) for entry in yard.store.list(prefix)]
    return sorted(name for name in found if name.endswith(".db"))


def test_a_dry_run_names_the_backups_that_would_go(kept, station) -> None:
    shown = station("db", "prune", "--dry-run")
    assert shown.code == 0 and len(names(kept)) == 4
    assert f"  goes: 1 of 3 backups of main with a time for a name\n    {kept.backups[2]}\n" in shown.out
    assert ", 1 backups, " in shown.out.splitlines()[-1]


def test_they_are_freed_after_a_yes_and_the_named_one_stays(kept, station) -> None:
    assert station("db", "prune").code == 2
    done = station("db", "prune", "--yes", "--json")
    assert done.code == 0
    assert names(kept) == sorted(["before-migration.db", *kept.backups[:2]])
    copies = json.loads(done.out)["stores"]["disk"]["databases"]["main"]["copies"]
    assert copies["freed_backups"] == [kept.backups[2]]
    assert station("db", "prune", "--yes").out.splitlines()[-1].startswith("nothing to free of ")


@pytest.mark.parametrize("verb", ["prune", "verify"])
def test_the_second_of_two_runs_is_told_who_is_at_it(kept, station, verb: str, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept.folder / "cache"))
    state = kept.folder / "pi-ctv" / "var" / "lib" / "station" / "bookedbiz"
    place = state if state.is_dir() else kept.folder / "cache" / "station" / "demo-bookedbiz"
    with locked(place / f"{verb}.lock", "another run", "pi-ctv"):
        second = station("db", verb)
    assert second.code == 12
    assert f"The {verb} of bookedbiz not started: process {os.getpid()} on pi-ctv (since 20" in second.err
    assert station("db", verb, *(["--yes"] if verb == "prune" else [])).code == 0
