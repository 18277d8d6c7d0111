"""The office fleet, rendered; and a small fleet on machines, to be changed in one place at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from station.fleet import Fleet, load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET
from station.hosts.rendering import HostFiles, render

ROOT = Path(__file__).parents[5]
OFFICE = ROOT / "fleets" / "office.toml"
Rendered = Callable[..., HostFiles]


@pytest.fixture(scope="session")
def office() -> Fleet:
    return load_fleet(OFFICE)


@pytest.fixture
def machines(tmp_path: Path) -> Callable[..., Fleet]:
    """The smallest fleet on the machines pi1 and pi2, with `more` at the end of either file."""

    def load(more: str = "", more_app: str = "") -> Fleet:
        (tmp_path / "notes").mkdir(exist_ok=True)
        fleet = SMALLEST_FLEET.replace('folder = "hosts/', 'address = "')
        (tmp_path / "fleet.toml").write_text(f"{fleet}{more}", encoding="utf-8")
        (tmp_path / "notes" / "app.toml").write_text(f"{SMALLEST_APP}{more_app}", encoding="utf-8")
        return load_fleet(tmp_path / "fleet.toml")

    return load


@pytest.fixture
def rendered(machines: Callable[..., Fleet]) -> Rendered:
    """As `machines`, rendered for one of them."""

    def made(more: str = "", more_app: str = "", *, host: str = "pi1") -> HostFiles:
        fleet = machines(more, more_app)
        return render(fleet, fleet.hosts[host])

    return made


@pytest.fixture
def with_socket(tmp_path: Path) -> Rendered:
    """The machine pi1 of the smallest fleet, whose web process takes its socket from systemd, or has `its` lines."""

    def made(more_app: str = "", *, more: str = "", its: str = "socket = true\nnotify = true\n") -> HostFiles:
        (tmp_path / "notes").mkdir(exist_ok=True)
        app = SMALLEST_APP.replace("port = 8100\n", f"port = 8100\n{its}")
        (tmp_path / "fleet.toml").write_text(SMALLEST_FLEET.replace('folder = "hosts/', 'address = "') + more)
        (tmp_path / "notes" / "app.toml").write_text(app + more_app)
        fleet = load_fleet(tmp_path / "fleet.toml")
        return render(fleet, fleet.hosts["pi1"])

    return made


@pytest.fixture
def unit() -> Callable[[HostFiles, str], dict[str, list[str]]]:
    """The sections of a unit: the lines of each, without comments."""

    def read(files: HostFiles, name: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        section = ""
        for line in files.files[f"/etc/systemd/system/{name}"].text.splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                found.setdefault(section, []).append(line)
        return found

    return read
