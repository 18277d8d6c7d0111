"""The office fleet, and units as systemd tells them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from station.fleet import Fleet, load_fleet
from station.hosts.systemctl import UnitState

OFFICE = Path(__file__).parents[5] / "fleets" / "office.toml"


@pytest.fixture(scope="session")
def office() -> Fleet:
    return load_fleet(OFFICE)


@pytest.fixture
def state() -> Callable[..., UnitState]:
    """A unit that runs, but for what is said here."""

    def made(name: str, **other: object) -> UnitState:
        told: dict[str, object] = {
            "load": "loaded",
            "active": "active",
            "sub": "running",
            "file_state": "enabled",
            "result": "success",
            "restarts": 0,
            "pid": 1234,
            "exit_status": 0,
            "needs_reload": False,
            "since": "",
            "invocation": "first",
            "tried": True,
        }
        return UnitState(name=name, **(told | other))  # type: ignore[arg-type] # the table is complete

    return made
