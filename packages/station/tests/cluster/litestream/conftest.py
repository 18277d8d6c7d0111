"""The real Litestream, fetched once by `scripts/litestream`, and an app that has it."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from station.fleet import Fleet, StoreSpec, load_fleet

ROOT = Path(__file__).parents[5]

FLEET = """
name = "testing"
[control]
host = "two"
port = 5001
[hosts.one]
folder = "one"
[hosts.two]
folder = "two"
[stores.disk]
kind = "directory"
path = "store"
[apps.counter]
manifest = "app.toml"
primary = "one"
standby = ["two"]
stores = ["disk"]
[apps.counter.litestream]
store = "disk"
sync_every_s = 0.2
late_after_s = 30
"""
APP = """
name = "counter"
[databases.main]
file = "counter.db"
[databases.notes]
file = "notes.db"
env = "NOTES_PATH"
[processes.web]
command = ["python3", "-V"]
port = 8000
[processes.web.health]
"""


@pytest.fixture(scope="session")
def program() -> str:
    """The path of Litestream 0.3.11."""
    found = subprocess.run([ROOT / "scripts" / "litestream"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(found.stderr.strip().rpartition("error: ")[2] or "no Litestream here")
    return found.stdout.strip()


@pytest.fixture
def new_manifest(tmp_path: Path) -> Callable[..., Fleet]:
    """A function that writes the manifest, with these replacements, and loads it."""

    def make(*replacements: tuple[str, str]) -> Fleet:
        text = FLEET
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "fleet.toml").write_text(text)
        (tmp_path / "app.toml").write_text(APP)
        return load_fleet(tmp_path / "fleet.toml")

    return make


@pytest.fixture
def s3() -> StoreSpec:
    return StoreSpec(
        "cloud",
        "s3",
        Path("office"),
        credentials=Path("/etc/station/s3.env"),
        bucket="ctv-backups",
        endpoint="https://s3.eu-central-003.backblazeb2.com",
        region="eu-central-003",
    )


@pytest.fixture
def sftp() -> StoreSpec:
    return StoreSpec(
        "pi2",
        "sftp",
        Path("/srv/copies"),
        server="pi2.tailnet.ts.net",
        port=2222,
        user="backup",
        private_key=Path("/etc/station/ssh/id_ed25519"),
        known_hosts=Path("/etc/station/ssh/known_hosts"),
    )


@pytest.fixture
def stores(s3: StoreSpec, sftp: StoreSpec) -> dict[str, StoreSpec]:
    """A store of each kind that Litestream can write to, and one whole bucket."""
    directory = StoreSpec("disk", "directory", Path("/mnt/usb/store"))
    whole = replace(s3, path=Path(), endpoint="", region="eu-central-1")
    return {"directory": directory, "s3": s3, "s3-whole-bucket": whole, "sftp": sftp}
