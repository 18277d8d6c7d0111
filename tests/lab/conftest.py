"""Tests on booted hosts. All of this folder is marked `lab`."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.host import Host
from lab.installed import install_platform
from lab.plugin import host, lab_here, two_hosts, wheels

__all__ = ["host", "lab_here", "two_hosts", "wheels"]
HERE = Path(__file__).parent
STANDIN = HERE / "standin"
AS = "export GIT_AUTHOR_NAME=ada GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=ada GIT_COMMITTER_EMAIL=a@b"
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


@pytest.fixture(scope="session")
def whole_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest commit of this repository, alone in a bare one."""
    folder = tmp_path_factory.mktemp("repository")
    tree, bare = folder / "tree", folder / "bare"
    tree.mkdir()
    packed = subprocess.run(["git", "-C", HERE.parents[1], "archive", "HEAD"], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", tree], input=packed, check=True)
    script = f"{AS}; git init -q -b main; git add -A; git commit -qm All; git clone -q --bare . {bare}"
    subprocess.run(["sh", "-c", script], cwd=tree, check=True)
    return bare


def bring_standin(host: Host, wheels: str, fleet: Path) -> None:
    """The platform, what the manifest wants, and the stand-in's code as a release. The agent does the rest."""
    install_platform(host, wheels, fleet)
    host.run("station", "apply", "--yes", timeout_s=120)
    host.put(STANDIN / "bin", "/opt/apps/standin/releases/one/bin", owner="standin:standin")
    host.run("mkdir", "-p", "/opt/venvs/standin/one")
    host.run("ln", "-sfn", "releases/one", "/opt/apps/standin/current")
    host.run("ln", "-sfn", "one", "/opt/venvs/standin/current")
