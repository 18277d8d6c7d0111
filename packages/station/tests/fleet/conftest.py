"""A small fleet that is right, to be made wrong in one place at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from station.errors import ManifestError
from station.fleet import Fleet, load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET

Changed = Callable[..., Fleet]
Mistakes = Callable[..., list[str]]


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Changed:
    """Loads the smallest fleet with `old` text replaced by `new` in the file that has it, and `more` at the end."""
    monkeypatch.chdir(tmp_path)

    def load(old: str = "", new: str = "", *, more: str = "", more_app: str = "") -> Fleet:
        assert old in SMALLEST_FLEET or old in SMALLEST_APP
        Path("notes").mkdir(exist_ok=True)
        fleet, app = (text.replace(old, new, 1) if old else text for text in (SMALLEST_FLEET, SMALLEST_APP))
        Path("fleet.toml").write_text(f"{fleet}\n{more}", encoding="utf-8")
        Path("notes/app.toml").write_text(f"{app}\n{more_app}", encoding="utf-8")
        return load_fleet(Path("fleet.toml"))

    return load


@pytest.fixture
def mistakes(changed: Changed) -> Mistakes:
    """As `changed`, for a fleet that is refused: the lines of its mistakes."""

    def refuse(old: str = "", new: str = "", *, more: str = "", more_app: str = "") -> list[str]:
        with pytest.raises(ManifestError) as refused:
            changed(old, new, more=more, more_app=more_app)
        first, *lines = refused.value.message.split("\n")
        count = f"{len(lines)} mistakes" if len(lines) > 1 else "a mistake"
        assert first == f"The manifest fleet.toml has {count}:"
        return [line.removeprefix("  ") for line in lines]

    return refuse
