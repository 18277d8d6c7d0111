"""An app whose command begins with station-serve: its environment gets what the platform's server needs."""

import tomllib
from pathlib import Path

from station.fleet.machine import SERVER_NEEDS

ROOT = Path(__file__).parents[4]
SOURCE = '[source]\npackage = "click==8.5.1"\nextra = ["flask==3.1.3"]'


def test_what_the_server_needs_is_in_the_apps_environment(changed) -> None:
    app = changed('["notes", "serve"]', '["station-serve", "notes.web:app"]', more_app=SOURCE).apps["notes"]
    assert app.is_served
    assert app.source.extra == ("flask==3.1.3", *SERVER_NEEDS)


def test_another_app_gets_nothing_of_it(changed) -> None:
    app = changed(more_app=SOURCE).apps["notes"]
    assert not app.is_served
    assert app.source.extra == ("flask==3.1.3",)


def test_what_it_needs_is_what_its_package_says() -> None:
    package = tomllib.loads((ROOT / "packages/station-serve/pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [each for each in package["dependencies"] if each != "station-kit"] == list(SERVER_NEEDS)
