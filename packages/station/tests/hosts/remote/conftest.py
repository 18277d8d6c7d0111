"""Manifests of a fleet of machines, and small wheels, as files."""

import zipfile
from pathlib import Path

import pytest

FLEET = """
name = "office"
[control]
host = "pi2"
port = 5001
[team]
members = ["dev1"]
[hosts.pi-ctv]
address = "pi-ctv.tail"
[hosts.pi2]
address = "pi2.tail"
[stores.disk]
kind = "directory"
path = "/srv/store"
[apps.notes]
manifest = "../apps/notes/app.toml"
primary = "pi-ctv"
standby = ["pi2"]
stores = ["disk"]
[apps.notes.datasette]
port = 8001
[apps.notes.dev]
user = "dev1"
port = 5100
"""
APP = """
name = "notes"
title = "Notes"
[databases.main]
file = "notes.db"
env = "DATABASE_PATH"
[processes.web]
command = ["notes"]
port = 8000
[processes.web.health]
path = "/"
status = 200
within_s = 5
"""


@pytest.fixture
def fleet_path(tmp_path: Path) -> Path:
    """The fleet's manifest, whose app's lies in another folder."""
    for name, text in {"fleets/office.toml": FLEET, "apps/notes/app.toml": APP}.items():
        path = tmp_path / "manifests" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "manifests" / "fleets" / "dropbox.env").write_text("SECRET=1\n")
    return tmp_path / "manifests" / "fleets" / "office.toml"


def wheel(folder: Path, name: str, version: str, *, tag: str = "py3-none-any", needs: tuple[str, ...] = ()) -> Path:
    """A wheel of one module that holds nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {one}" for one in needs)]
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", "")
        file.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n")
        file.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


@pytest.fixture
def make_wheel():
    return wheel
