"""Fixtures for tests on booted hosts: `from lab.plugin import host, lab_here, two_hosts, wheels` in their conftest.py.

Each module gets hosts of its own, clean and booted. Where the lab cannot run its tests are skipped and say why.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from lab.errors import LabMissing, ProgramsMissing
from lab.host import Host
from lab.laboratory import NAMES, Lab, laboratory
from lab.probe import missing
from lab.wheelhouse import wheelhouse


@pytest.fixture(scope="session")
def lab_here() -> None:
    """Skips, and says what is missing, where the lab cannot run. In CI a missing program is a failure instead."""
    if why := missing(os.environ):
        _give_up(why)


@pytest.fixture(scope="module")
def two_hosts(lab_here: None, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Two hosts, `pi-ctv` and `pi2`, booted; clean for each module, shared by its tests."""
    with _booted(NAMES, request) as lab:
        yield lab


@pytest.fixture(scope="module")
def host(lab_here: None, request: pytest.FixtureRequest) -> Iterator[Host]:
    """One host, booted; clean for each module, shared by its tests."""
    with _booted(NAMES[:1], request) as lab:
        yield lab.hosts[0]


@pytest.fixture(scope="session")
def wheels(lab_here: None, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a host finds every wheel that the workspace ships or needs."""
    with wheelhouse(request.config.rootpath) as folder:
        yield folder


@contextmanager
def _booted(names: tuple[str, ...], request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A lab whose hosts are up; what a failed boot said is in the error."""
    kept = os.environ.get("STATION_LAB_LOGS")
    with ExitStack() as stack:
        try:
            lab = stack.enter_context(
                laboratory(names, logs=Path(kept) / request.node.name.replace("/", "-") if kept else None)
            )
        except LabMissing as why:
            _give_up(why)
        for host in lab.hosts:
            host.boot()
        yield lab


def _give_up(why: LabMissing) -> NoReturn:
    if isinstance(why, ProgramsMissing) and os.environ.get("CI") == "true":
        pytest.fail(str(why), pytrace=False)
    pytest.skip(str(why).replace("\n\n  hint: ", "; "))
