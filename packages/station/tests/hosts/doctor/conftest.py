"""A small fleet on machines, and findings to compare."""

from collections.abc import Callable
from pathlib import Path

import pytest

from station.fleet import Fleet, load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET


@pytest.fixture
def machines(tmp_path: Path) -> Callable[..., Fleet]:
    """The smallest fleet on the machines pi1 and pi2, with `more` at the end of either file."""

    def load(more: str = "", more_app: str = "", *, folders: bool = False) -> Fleet:
        (tmp_path / "notes").mkdir(exist_ok=True)
        fleet = SMALLEST_FLEET if folders else SMALLEST_FLEET.replace('folder = "hosts/', 'address = "')
        (tmp_path / "fleet.toml").write_text(f"{fleet}{more}", encoding="utf-8")
        (tmp_path / "notes" / "app.toml").write_text(f"{SMALLEST_APP}{more_app}", encoding="utf-8")
        return load_fleet(tmp_path / "fleet.toml")

    return load
