"""A fleet of one app on two hosts, as files: what the tests of the command line and of the page begin with."""

from collections.abc import Callable
from pathlib import Path

import pytest

from station.fleet import Fleet, load_fleet

FLEET = """
name = "demo"
[control]
host = "pi2"
port = 5001
[hosts.pi-ctv]
folder = "pi-ctv"
[hosts.pi2]
folder = "pi2"
[stores.disk]
kind = "directory"
path = "store"
[apps.bookedbiz]
manifest = "app.toml"
primary = "pi-ctv"
standby = ["pi2"]
stores = ["disk"]
[apps.bookedbiz.points]
every_s = 3
"""

USB = """
[stores.usb]
kind = "directory"
path = "usb"
"""

APP = """
name = "bookedbiz"
title = "BookedBiz"
[databases.main]
file = "bookedbiz.db"
env = "DATABASE_PATH"
[processes.web]
command = ["python3", "-V"]
port = 8000
[processes.web.health]
path = "/health"
status = 200
within_s = 30
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """The fleet, with the one store `disk`."""
    (tmp_path / "fleet.toml").write_text(FLEET)
    (tmp_path / "app.toml").write_text(APP)
    return load_fleet(tmp_path / "fleet.toml")


@pytest.fixture
def with_usb(tmp_path: Path) -> Callable[[], Fleet]:
    """Give the app a second store, `usb`, which is not set up yet; what stands in the manifest besides stays."""

    def add() -> Fleet:
        manifest = tmp_path / "fleet.toml"
        manifest.write_text(manifest.read_text().replace('stores = ["disk"]', 'stores = ["disk", "usb"]') + USB)
        return load_fleet(manifest)

    return add
