"""Manifests that are right become values; the demo is one of them."""

from pathlib import Path

from station.fleet import load_fleet

ROOT = Path(__file__).parents[4]


def test_the_demo_fleet_loads_with_absolute_paths() -> None:
    fleet = load_fleet(ROOT / "fleets" / "demo.toml")
    app = fleet.apps["bookedbiz"]
    assert fleet.hosts["pi2"].folder == ROOT / ".station" / "demo" / "pi2"
    assert app.hosts == ("pi-ctv", "pi2")
    assert app.gate.name == "web"
    assert app.processes["traffic"].command == ("bookedbiz", "sample-traffic", "--every", "2")
    assert app.first_run is not None
    assert app.first_run[:2] == ("bookedbiz", "sample")
