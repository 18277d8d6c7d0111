"""`station db prune`: what it shows, that it asks, and what is left."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from station.clock import utc_now
from station.cluster.lease import Lease
from station.points.catalog import list_points
from station.points.point import DatabaseId, Point, chain_name, to_record

SHA256 = hashlib.sha256(bytes(1000)).hexdigest()
IDENTITY = DatabaseId("bookedbiz", "main")


@pytest.fixture
def old(yard) -> Any:
    """The yard with two chains more, of forty days ago and of the day after; the rule keeps the second one."""
    began = utc_now().replace(hour=9, minute=0) - timedelta(days=40)
    made = []
    for chain in (chain_name(1, "pi-ctv", began), chain_name(1, "pi-ctv", began + timedelta(days=1))):
        for seq in range(3):
            taken_at = began + timedelta(days=int(chain > chain_name(1, "pi-ctv", began)), hours=seq)
            point = Point("bookedbiz", "main", chain, seq, 1, "pi-ctv", taken_at, 4096, 1, 1, "0" * 32, 1000, SHA256)
            yard.store.put(point.object_key, bytes(1000))
            yard.store.put(point.record_key, to_record(point))
            made.append(point)
    with (yard.folder / "fleet.toml").open("a") as manifest:
        manifest.write("[apps.bookedbiz.keep]\nlast = 1\nhourly = 0\ndaily = 2\nweekly = 0\nmonthly = 0\n")
    yard.old = made
    return yard


def names(yard: Any) -> list[str]:
    return [point.name for point in list_points(yard.store, IDENTITY)]


def test_a_dry_run_shows_what_is_kept_and_why_and_frees_nothing(old, station) -> None:
    before = names(old)
    shown = station("db", "prune", "--dry-run")
    assert shown.code == 0 and names(old) == before
    day = f"{old.old[-1].taken_at:%Y-%m-%d}"
    assert f"{old.old[-1].name}  daily {day}\n" in shown.out
    assert f"{old.points[-1].name}  last, daily " in shown.out
    assert f"  not touched: {old.points[-1].chain}, the newest chain\n" in shown.out
    assert f"  goes: {old.old[0].chain}, all of it: 3 points, " in shown.out
    assert shown.out.splitlines()[-1].startswith("would free 3 of 9 points, ")
    assert "and 4 more that these need, or that lie in a chain that is not touched" in shown.out


def test_it_asks_and_without_a_terminal_says_what_to_say(old, station) -> None:
    before = names(old)
    asked = station("db", "prune")
    assert asked.code == 2 and "--yes" in asked.err and names(old) == before
    assert "  goes: " in asked.err  # the plan comes before the question


def test_what_goes_is_freed_and_counted(old, station) -> None:
    before = sum(entry.size_bytes for entry in old.store.list())
    done = station("db", "prune", "--yes", "--json")
    assert done.code == 0
    assert names(old) == [point.name for point in (*old.old[3:], *old.points)]
    assert (done.json["done"], done.json["freed_points"]) == (True, 3)
    assert done.json["freed_bytes"] == before - sum(entry.size_bytes for entry in old.store.list())
    main = done.json["stores"]["disk"]["databases"]["main"]
    assert [(freed["chain"], freed["entire"], freed["points"]) for freed in main["freed"]] == [
        (old.old[0].chain, True, 3)
    ]
    assert [kept["name"] for kept in main["kept"]] == [old.old[-1].name, old.points[-1].name]
    again = station("db", "prune", "--json")
    assert (again.code, again.json["done"], again.json["freed_points"]) == (0, False, 0)


def test_a_damaged_chain_that_nothing_replaces_is_told_and_left(old, station) -> None:
    old.store.delete(old.old[3].object_key)
    shown = station("db", "prune", "--yes")
    assert shown.code == 0
    assert f"  damaged: {old.old[-1].name} does not restore, and nothing else is daily " in shown.out
    assert old.old[-1].name in names(old)


def test_an_object_without_a_record_is_information_for_verify_and_goes_with_prune(old, station) -> None:
    for point in old.old[:3]:
        old.store.delete(point.record_key)
    found = station("db", "verify", "--json")
    assert found.code == 0
    assert found.json["damaged"] == []
    assert [each["key"] for each in found.json["unreferenced"]] == [point.object_key for point in old.old[:3]]
    assert "3 objects without a record, 3.0 kB" in station("db", "verify").err
    assert station("db", "prune", "--yes").out == "freed 0 of 6 points and 3 objects without a record, 3.0 kB\n"
    assert station("db", "verify", "--json").json["unreferenced"] == []


def test_when_another_host_becomes_primary_meanwhile_it_stops(old, station, monkeypatch) -> None:
    before, looks = names(old), []
    real = Lease.current

    def moved(lease: Lease) -> Any:
        looks.append(1)
        if len(looks) == 3:  # after it was asked for and before anything goes
            monkeypatch.setattr(Lease, "current", real)
            lease.take("pi2", 1, "failover", utc_now())
        return real(lease)

    monkeypatch.setattr(Lease, "current", moved)
    assert station("db", "prune", "--yes").code == 13
    assert names(old) == before


def test_a_store_without_a_lease_is_left_alone(old, station) -> None:
    old.store.delete("bookedbiz/epochs/000001.json")
    before = names(old)
    assert station("db", "prune").code == 13  # before it asks
    assert names(old) == before
