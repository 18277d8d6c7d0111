"""docs/manifest.md is what the models say, and what it shows as an example is right."""

import tomllib
from pathlib import Path

import pytest

from station.fleet.keys import Table
from station.fleet.mistakes import mistakes_of
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET, DeclaredKey, declared_keys, render
from station.fleet.written import FleetFile
from station.fleet.written_app import AppFile

PAGE = Path(__file__).parents[4] / "docs" / "manifest.md"
FILES = {FleetFile: SMALLEST_FLEET, AppFile: SMALLEST_APP}
USERS_NAMES = {
    **{"hosts": "pi1", "stores": "disk", "apps": "notes", "databases": "main", "processes": "web"},
    **{"mounts": "k-drive", "jobs": "nightly", "needs": "camera", "environment": "COLOUR"},
    "mask": "customers.name",
}
BESIDE = {  # without these keys a table is not right
    "litestream": {"store": "disk"},
    "mounts": {"share": "//server/folder", "at": "/mnt/folder"},
    "dev": {"user": "daseme"},
}
KEYS = [pytest.param(model, key, id=key.path) for model in FILES for key in declared_keys(model)]


def test_the_page_is_what_the_models_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run scripts/docs"


def test_the_smallest_manifests_of_the_page_load(changed) -> None:
    fleet = changed()
    assert f"```toml\n{SMALLEST_FLEET}```" in render()
    assert f"```toml\n{SMALLEST_APP}```" in render()
    assert fleet.name == "home"


@pytest.mark.parametrize(("model", "key"), KEYS)
def test_the_example_of_a_key_is_right(model: type[Table], key: DeclaredKey) -> None:
    raw = tomllib.loads(FILES[model])
    *tables, last = key.path.split(".")
    here = raw
    for before, name in zip(["", *tables], tables, strict=False):
        here = here.setdefault(USERS_NAMES[before] if name == "NAME" else name, {})
        if name == "NAME" and before == "jobs":
            here["command"] = ["notes"]
    table = next((name for name in reversed(tables) if name != "NAME"), "")
    here |= {key: value for key, value in BESIDE.get(table, {}).items() if key != last}
    here[USERS_NAMES.get(table, "web") if last == "NAME" else last] = tomllib.loads(f"value = {key.example}")["value"]
    assert mistakes_of(model, raw, "x.toml") == []


@pytest.mark.parametrize(("model", "key"), KEYS)
def test_a_key_says_what_it_means_and_what_it_must_be(model: type[Table], key: DeclaredKey) -> None:
    text = render()
    assert key.field.description
    assert f"`{key.path.rpartition('.')[2]} = {key.example}`" in text
