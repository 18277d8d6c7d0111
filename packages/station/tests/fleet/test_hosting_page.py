"""docs/hosting-an-app.md: what it tells one to write loads."""

import re
from pathlib import Path

from station.fleet import App, load_fleet
from station.fleet.reference import SMALLEST_FLEET

PAGE = Path(__file__).parents[4] / "docs" / "hosting-an-app.md"


def test_the_manifests_of_the_page_load_and_give_the_variables_it_names(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    own, named = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "apps" / "notes").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "apps" / "notes" / "app.toml").write_text(own, encoding="utf-8")
    fleet_without_app = SMALLEST_FLEET[: SMALLEST_FLEET.index("[apps.notes]")]
    (tmp_path / "home" / "fleet.toml").write_text(fleet_without_app + named, encoding="utf-8")
    app: App = load_fleet(tmp_path / "home" / "fleet.toml").apps["notes"]
    assert app.gate.port == 8100
    assert {database.env for database in app.databases.values()} == {"DATABASE_PATH"}
