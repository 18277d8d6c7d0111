"""The smallest fleet on machines whose root is a folder, and releases in it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.fleet import Fleet, Host, load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET
from station.hosts.deploying.release import Release, code_of, venv_of, write

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def fleet_of(tmp_path: Path) -> Callable[..., Fleet]:
    """The smallest fleet on the machines pi1 and pi2, `more` at the end of either file; pi1's root is a folder."""

    def load(more: str = "", more_app: str = "") -> Fleet:
        (tmp_path / "manifest" / "notes").mkdir(parents=True, exist_ok=True)
        text = SMALLEST_FLEET.replace('folder = "hosts/', 'address = "')
        (tmp_path / "manifest" / "fleet.toml").write_text(f"{text}{more}", encoding="utf-8")
        (tmp_path / "manifest" / "notes" / "app.toml").write_text(f"{SMALLEST_APP}{more_app}", encoding="utf-8")
        fleet = load_fleet(tmp_path / "manifest" / "fleet.toml")
        return replace(fleet, hosts={**fleet.hosts, "pi1": replace(fleet.hosts["pi1"], folder=tmp_path / "root")})

    return load


@pytest.fixture
def host(fleet_of: Callable[..., Fleet]) -> Host:
    """pi1, with the folders that `station apply` makes for the app notes."""
    host = fleet_of().hosts["pi1"]
    for folder in (host.paths.code("notes") / "releases", host.paths.venv("notes"), host.paths.state("notes")):
        folder.mkdir(parents=True)
    return host


@pytest.fixture
def made(host: Host) -> Callable[..., Release]:
    """Makes a release on pi1."""

    def make(release_id: str, at: datetime = NOON, **more: object) -> Release:
        code, venv = code_of(host, "notes", release_id), venv_of(host, "notes", release_id)
        code.mkdir()
        (venv / "bin").mkdir(parents=True)
        release = Release(release_id, "notes", code, venv, release_id * 3, "git main", at, "daseme")
        write(host, release, **more)
        return release

    return make
