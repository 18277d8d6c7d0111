"""The repository's own packages: one list of them, and every app is deployed with those that it asks for."""

import re
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from station.fleet import Source
from station.hosts.deploying.requirements import pinned, run_here

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "lock.txt"
UV = Path(sys.executable).with_name("uv")
MEMBERS = {path.parent.name: path.parent for path in sorted(ROOT.glob("*/*/pyproject.toml"))}
APPS = sorted(name for name, folder in MEMBERS.items() if folder.parent.name == "apps")
ONLY_TESTED_WITH = {"dropbox-emulator", "lab"}  # never on a host


def _read(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text())


def _asked_for(name: str) -> set[str]:
    """The packages of the repository that a member needs, those included that they need themselves."""
    direct = {need for need in _read(MEMBERS[name])["project"].get("dependencies", []) if need in MEMBERS}
    return direct.union(*(_asked_for(need) for need in direct))


def test_what_a_host_may_be_given_is_listed_typed_and_on_a_floor() -> None:
    workspace = _read(ROOT)
    shipped = set(MEMBERS) - ONLY_TESTED_WITH
    assert set(workspace["project"]["dependencies"]) == shipped  # the lab builds wheels of these
    assert set(workspace["tool"]["uv"]["sources"]) == shipped
    typed = set(workspace["tool"]["mypy"]["files"])
    assert typed == {f"{folder.relative_to(ROOT)}/src" for folder in MEMBERS.values()}
    known = set(workspace["tool"]["importlinter"]["root_packages"])
    assert {name.replace("-", "_") for name in shipped} <= known


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_takes_the_others_from_the_repository(name: str) -> None:
    asked = {need for need in _read(MEMBERS[name])["project"].get("dependencies", []) if need in MEMBERS}
    sources = _read(MEMBERS[name]).get("tool", {}).get("uv", {}).get("sources", {})
    assert {need for need in asked if sources.get(need) != {"workspace": True}} == set()


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_asks_for_the_others_that_it_imports(name: str) -> None:
    files = (MEMBERS[name] / "src").rglob("*.py")
    found = {
        word for file in files for word in re.findall(r"^\s*(?:from|import) (\w+)", file.read_text(), re.MULTILINE)
    }
    imported = {other for other in MEMBERS if other.replace("-", "_") in found}
    assert imported - {name} <= _asked_for(name)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty wheel for every version that the lock pins."""
    folder = tmp_path_factory.mktemp("index")
    for name, release in re.findall(r"^([\w.-]+)==([^ ;\\]+)", LOCK.read_text(), flags=re.MULTILINE):
        stem = f"{name.replace('-', '_')}-{release}"
        with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n")
            wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{stem}.dist-info/RECORD", "")
    return folder


@pytest.mark.parametrize("app", APPS)
def test_an_app_is_deployed_with_every_package_of_the_repository_that_it_needs(app: str, index: Path) -> None:
    def from_the_index(words: Sequence[str], folder: Path, text: str) -> str:
        return run_here([*words, "--no-index", "--find-links", str(index)], folder, text)

    source = Source(git=".", folder=f"apps/{app}", lock=str(LOCK.relative_to(ROOT)))
    found = pinned(ROOT, source, UV, run=from_the_index)
    assert set(found.local) == {str(MEMBERS[name].relative_to(ROOT)) for name in {app} | _asked_for(app)}
