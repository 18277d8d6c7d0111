"""docs/hosting-an-app.md: what it tells one to write loads."""

import re
from pathlib import Path

import pytest

from station.fleet import App, load_fleet
from station.fleet.reference import SMALLEST_FLEET
from station.hosts.rendering import render

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "hosting-an-app.md"
EXAMPLES = sorted((ROOT / "fleets" / "examples").glob("*.toml"))


def blocks(text: str) -> list[str]:
    return re.findall(r"```toml\n(.*?)```", text, re.DOTALL)


def test_the_manifests_of_the_page_load_and_give_the_variables_it_names(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    own, named, *_ = blocks(text)
    (tmp_path / "apps" / "notes").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "apps" / "notes" / "app.toml").write_text(own, encoding="utf-8")
    fleet_without_app = SMALLEST_FLEET[: SMALLEST_FLEET.index("[apps.notes]")]
    (tmp_path / "home" / "fleet.toml").write_text(fleet_without_app + named, encoding="utf-8")
    app: App = load_fleet(tmp_path / "home" / "fleet.toml").apps["notes"]
    assert app.gate.port == 8100
    assert {database.env for database in app.databases.values()} == {"DATABASE_PATH"}


def test_the_page_shows_the_examples_as_they_are() -> None:
    shown = blocks(PAGE.read_text(encoding="utf-8"))[2:]
    assert sorted(shown) == sorted(path.read_text(encoding="utf-8") for path in EXAMPLES)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_example_loads_and_its_commands_are_filled_in(tmp_path: Path, path: Path) -> None:
    start = SMALLEST_FLEET[: SMALLEST_FLEET.index("[apps.notes]")].replace('folder = "hosts/', 'address = "')
    named = f'[apps.{path.stem}]\nmanifest = "{path}"\nprimary = "pi1"\nstandby = ["pi2"]\nstores = ["disk"]\n'
    (tmp_path / "fleet.toml").write_text(start + named, encoding="utf-8")
    fleet = load_fleet(tmp_path / "fleet.toml")
    files = render(fleet, fleet.hosts["pi1"]).files
    unit = files[f"/etc/systemd/system/{path.stem}-web.service"].text
    assert f"/var/lib/{path.stem}/" in next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert "${" not in unit
