"""Datasette gets an environment of its own, from wheels with known hashes, wholly or not at all."""

import hashlib
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from station.errors import StationError
from station.fleet import Datasette, Fleet, Host, load_fleet
from station.hosts.tools import DATASETTE, REQUIREMENTS, install_missing

OFFICE = Path(__file__).parents[4] / "fleets" / "office.toml"


@pytest.fixture
def fleet() -> Fleet:
    return load_fleet(OFFICE)


@pytest.fixture
def host(fleet: Fleet, tmp_path: Path) -> Host:
    """The standby, with its files below a folder."""
    return replace(fleet.hosts["pi2"], folder=tmp_path / "root")


@pytest.fixture
def bundle(host: Host, tmp_path: Path) -> Path:
    """The wheels of a bundle on the host: a Datasette of our own that needs another package."""
    wheels = host.paths.root / "var/lib/station/bundles/7/wheels"
    wheels.mkdir(parents=True)
    (wheels.parent.parent / "current").symlink_to("7")
    _wheel(wheels, "datasette", "1.2", "def cli(): print('datasette, 1.2')")
    _wheel(wheels, "janus", "2.0", "")
    return wheels


@pytest.fixture
def pins(bundle: Path, tmp_path: Path) -> Path:
    return _pins(bundle, tmp_path / "pins.txt")


def test_datasette_is_installed_from_the_bundle_and_runs(fleet: Fleet, host: Host, pins: Path) -> None:
    told: list[str] = []
    assert install_missing(fleet, host, told.append, requirements=pins) == ["Datasette 1.2"]
    assert "from the bundle" in told[0]
    program = host.paths.venv("datasette") / "current" / "bin" / "datasette"
    ran = subprocess.run([program], capture_output=True, text=True, check=True)
    assert ran.stdout == "datasette, 1.2\n"


def test_nothing_is_done_when_it_is_there(fleet: Fleet, host: Host, pins: Path) -> None:
    install_missing(fleet, host, lambda _: None, requirements=pins)
    told: list[str] = []
    assert install_missing(fleet, host, told.append, requirements=pins) == []
    assert told == []


def test_a_host_that_needs_no_datasette_gets_none(fleet: Fleet, host: Host, pins: Path) -> None:
    assert install_missing(fleet, replace(host, name="pi-ctv"), lambda _: None, requirements=pins) == []
    assert not host.paths.venv("datasette").exists()


def test_a_datasette_of_somebody_elses_is_left_to_him(fleet: Fleet, host: Host, pins: Path) -> None:
    app = fleet.apps["ctv-bookedbiz-db"]
    assert isinstance(app.datasette, Datasette)
    own = replace(app, datasette=replace(app.datasette, program="/usr/local/bin/datasette"))
    assert install_missing(replace(fleet, apps={own.name: own}), host, lambda _: None, requirements=pins) == []


def test_what_a_killed_installation_left_is_thrown_away(fleet: Fleet, host: Host, pins: Path) -> None:
    install_missing(fleet, host, lambda _: None, requirements=pins)
    base = host.paths.venv("datasette")
    there = base / (base / "current").readlink().name
    (there / ".whole").unlink()
    (there / "bin" / "datasette").write_text("half")
    (base / "0.1-killed" / "bin").mkdir(parents=True)
    assert install_missing(fleet, host, lambda _: None, requirements=pins) == ["Datasette 1.2"]
    assert (there / "bin" / "datasette").read_text() != "half"
    assert {path.name for path in base.iterdir() if path.is_dir() and not path.is_symlink()} == {there.name}


def test_other_pins_make_another_environment_and_keep_the_one_in_use(
    fleet: Fleet, host: Host, bundle: Path, pins: Path, tmp_path: Path
) -> None:
    install_missing(fleet, host, lambda _: None, requirements=pins)
    base = host.paths.venv("datasette")
    before = (base / "current").readlink().name
    _wheel(bundle, "datasette", "1.3", "def cli(): print('datasette, 1.3')")
    newer = _pins(bundle, tmp_path / "newer.txt", without="datasette-1.2")
    assert install_missing(fleet, host, lambda _: None, requirements=newer) == ["Datasette 1.3"]
    assert (base / "current").readlink().name != before
    assert (base / before / "bin" / "datasette").is_file()  # a process may run of it


def test_a_wheel_with_another_hash_is_refused_and_nothing_changes(
    fleet: Fleet, host: Host, bundle: Path, pins: Path
) -> None:
    install_missing(fleet, host, lambda _: None, requirements=pins)
    base = host.paths.venv("datasette")
    before = (base / "current").readlink().name
    pins.write_text(pins.read_text() + "# changed\n")
    _wheel(bundle, "janus", "2.0", "altered = True")
    with pytest.raises(StationError, match=r"Datasette 1\.2 not installed") as failed:
        install_missing(fleet, host, lambda _: None, requirements=pins)
    assert "bundle" in failed.value.hint
    assert (base / "current").readlink().name == before
    assert (base / before / "bin" / "datasette").is_file()


def test_a_package_without_a_hash_is_refused(fleet: Fleet, host: Host, pins: Path) -> None:
    pins.write_text("datasette==1.2\njanus==2.0\n")
    with pytest.raises(StationError, match="hash"):
        install_missing(fleet, host, lambda _: None, requirements=pins)


def test_the_shipped_pins_are_of_the_program_that_the_manifest_names_and_all_have_hashes() -> None:
    lines = REQUIREMENTS.read_text().splitlines()
    pinned = [line for line in lines if "==" in line]
    assert any(line.startswith("datasette==0.") for line in pinned)
    assert all(line.endswith("\\") for line in pinned), "each is followed by its hashes"
    assert DATASETTE.startswith("/opt/venvs/datasette/current/")


def _pins(wheels: Path, target: Path, without: str = "nothing") -> Path:
    lines = []
    for wheel in sorted(wheels.iterdir()):
        name, version, _ = wheel.name.split("-", 2)
        if not wheel.name.startswith(without):
            lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    target.write_text("\n".join(lines) + "\n")
    return target


def _wheel(folder: Path, name: str, version: str, code: str) -> None:
    about = f"{name}-{version}.dist-info"
    content = {
        f"{name}/__init__.py": code,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{name} = {name}:cli\n",
    }
    content[f"{about}/RECORD"] = "".join(f"{path},,\n" for path in content) + f"{about}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in content.items():
            wheel.writestr(path, text)
