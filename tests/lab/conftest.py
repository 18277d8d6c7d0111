"""Tests on booted hosts. All of this folder is marked `lab`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.host import Host
from lab.installed import install_platform
from lab.plugin import host, lab_here, two_hosts, wheels

__all__ = ["host", "lab_here", "two_hosts", "wheels"]
HERE = Path(__file__).parent
STANDIN = HERE / "standin"
TIMEOUT_S = 900  # with the first boot, installation and deploy, on a machine with other work


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.lab)
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture(scope="module")
def standin(host: Host, wheels: str) -> Host:
    """A host that runs the stand-in, as `station apply` and a release put there by hand leave it."""
    bring_standin(host, wheels, STANDIN / "fleet.toml")
    host.until("curl", "-fsS", "http://127.0.0.1:8080/health", within_s=60)
    return host


@pytest.fixture(scope="session")
def bring() -> Callable[[Host, str, Path], None]:
    """The stand-in on another host, or with another fleet's manifest."""
    return bring_standin


def bring_standin(host: Host, wheels: str, fleet: Path) -> None:
    """The platform, what the manifest wants, and the stand-in's code as a release. The agent does the rest."""
    install_platform(host, wheels, fleet)
    host.run("station", "apply", "--yes", timeout_s=120)
    host.put(STANDIN / "bin", "/opt/apps/standin/releases/one/bin", owner="standin:standin")
    host.run("mkdir", "-p", "/opt/venvs/standin/one")
    host.run("ln", "-sfn", "releases/one", "/opt/apps/standin/current")
    host.run("ln", "-sfn", "one", "/opt/venvs/standin/current")
