"""Somebody empties the store by hand, while the station runs or while it does not: everything is built up again."""

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest


def empty(fleet: Any) -> None:
    """Take away all that a person sees in the folder; the marker is hidden."""
    for entry in (fleet.folder / "store").iterdir():
        if not entry.name.startswith("."):
            shutil.rmtree(entry)


def told(fleet: Any, host: str) -> list[str]:
    events = (fleet.folder / host / "var" / "log" / "events.jsonl").read_text().splitlines()
    return [f"{event['event']}: {event['text']}" for event in map(json.loads, events)]


def chains(fleet: Any) -> set[str]:
    return {file.parent.name for file in (fleet.folder / "store" / "counter" / "main").glob("*/000000.json")}


@pytest.mark.slow
@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "while it is down"])
def test_a_store_that_was_emptied_gets_lease_and_chain_again_and_nothing_is_lost(
    new_fleet: Callable[..., Any], wait_for: Callable[..., Any], running: bool
) -> None:
    fleet = new_fleet(every_s=0.2)
    quickly = fleet.manifest.read_text().replace('path = "store"', 'path = "store"\nlook_every_s = 0.2')
    fleet.manifest.write_text(quickly)
    fleet.up()
    fleet.add("before")
    fleet.wait_for_mirror()
    first = chains(fleet)
    if not running:
        fleet.stop()
    empty(fleet)
    if not running:
        fleet.start()
        fleet.wait_until_healthy()
    else:
        fleet.add("meanwhile")
    wait_for(lambda: (fleet.folder / "store" / "counter" / "epochs").exists() and fleet.epochs(), 60, "the lease")
    wait_for(lambda: chains(fleet), 60, "a chain")
    fleet.add("after")
    fleet.wait_for_mirror(60)
    assert any("trouble: the store held no lease any more" in line for line in told(fleet, "one"))
    assert fleet.primaries() == ["one"] and fleet.missing_rows() == []
    assert first.isdisjoint(chains(fleet))
    assert [epoch["holder"] for epoch in fleet.epochs()] == ["one"]
    fleet.station("failover", "counter", "--to", "two", "--yes")
    fleet.wait_until_healthy()
    assert fleet.rows()[0] == "two" and fleet.missing_rows() == []
