"""Every line of the units that were written by hand is held, or it is said why not.

Run as a program it writes the table of docs/hosts.md.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.fleet import Fleet
from station.hosts.rendering import render

ROOT = Path(__file__).parents[5]
PAGE = ROOT / "docs" / "hosts.md"
UNITS: list[dict[str, Any]] = tomllib.loads((ROOT / "fleets/office/by-hand.toml").read_text(encoding="utf-8"))["unit"]
LINES = [pytest.param(unit, line, id=f"{unit['name']}-{line['was'][:40]}") for unit in UNITS for line in unit["lines"]]
BEGIN, END = "<!-- by hand: written by scripts/docs -->\n", "<!-- by hand: end -->\n"


def table() -> str:
    """One table for each unit."""
    return "\n".join([*_table()]) + "\n"


def _table() -> Iterator[str]:
    for unit in UNITS:
        yield f"\n**`{unit['name']}`**, now `{unit['file']}` on {unit['host']}\n"
        yield "| was | is | because |"
        yield "|---|---|---|"
        for line in unit["lines"]:
            yield f"| {_code(line['was'])} | {_now(line)} | {line.get('because', '')} |"


def _now(line: dict[str, Any]) -> str:
    if "key" in line:
        return f"`{line['key']}` in the manifest"
    if line.get("gone"):
        return "gone"
    if "now" not in line:
        return "held"
    return _code(line["now"]) + (f" in `{line['file']}`" if "file" in line else "")


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def same(line: str) -> str:
    """systemd reads true as yes."""
    return line.strip().removesuffix("=true") + ("=yes" if line.strip().endswith("=true") else "")


@pytest.mark.parametrize(("unit", "line"), LINES)
def test_a_line_written_by_hand_is_held_or_it_is_said_why_not(
    office: Fleet, unit: dict[str, Any], line: dict[str, Any]
) -> None:
    files = render(office, office.hosts[unit["host"]]).files
    here, ours = (
        {same(each) for each in files[path].text.splitlines()}
        for path in (unit["file"], line.get("file", unit["file"]))
    )
    if line.get("gone") or "now" in line:
        assert same(line["was"]) not in here, "it is there after all"
        assert line["because"]
    if not line.get("gone"):
        assert same(line.get("now", line["was"])) in ours
    if "key" in line:
        found: Any = tomllib.loads(office.path.read_text(encoding="utf-8"))
        for name in line["key"].split("."):
            found = found[name]
        assert found == line["value"]


def test_the_page_has_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == table(), "run scripts/docs"


@pytest.mark.parametrize("name", ["ctv-db-sync.timer", "ctv-db-sync.service", "datasette.service"])
def test_what_took_the_place_of_a_unit_retires_it(office: Fleet, name: str) -> None:
    assert name in office.hosts["pi-ctv"].retire
    assert name in {unit["name"] for unit in UNITS}


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{rest.partition(END)[2]}", encoding="utf-8")
