"""Where `--host NAME` leads, and what is refused before ssh is asked."""

from pathlib import Path

import click
import pytest

from station.cli.main import run
from station.cli.remote import place_of
from station.cli.session import Session
from station.errors import Refused


@pytest.fixture
def session(fleet_path: Path) -> Session:
    return Session(fleet_path, fleet_path.parent)


def test_a_host_is_found_by_its_name_in_the_manifest(session: Session) -> None:
    assert place_of(session, "pi-ctv").destination == "pi-ctv.tail"
    assert place_of(session, "daseme@pi-ctv").destination == "daseme@pi-ctv.tail"
    assert place_of(session, "pi-ctv", address="192.168.1.20", user="root").destination == "root@192.168.1.20"


def test_without_a_manifest_the_name_is_one_that_ssh_knows(tmp_path: Path) -> None:
    nothing = Session(None, tmp_path, system_fleet=tmp_path / "none")
    assert place_of(nothing, "root@my-pi").destination == "root@my-pi"


def test_a_host_that_the_manifest_does_not_have_is_wrong_usage(session: Session) -> None:
    with pytest.raises(click.UsageError, match="There is no host 'pi9' in this fleet; there is pi-ctv, pi2"):
        place_of(session, "pi9")


@pytest.mark.parametrize("name", ["-oProxyCommand=id", "root@-oProxyCommand=id", "-l@pi-ctv"])
def test_a_name_is_never_an_option_of_ssh(session: Session, name: str) -> None:
    with pytest.raises(click.UsageError, match="does not begin with -"):
        place_of(session, name)


def test_a_folder_host_has_no_other_side() -> None:
    demo = Path(__file__).parents[5] / "fleets" / "demo.toml"
    with pytest.raises(Refused, match="pi-ctv is the folder"):
        place_of(Session(demo, demo.parent), "pi-ctv")


def test_with_host_the_command_line_itself_asks_ssh(
    fleet_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATION_SSH", "echo")
    assert run(["--fleet", str(fleet_path), "--host", "root@pi-ctv", "db", "test", "a b", "--json"]) == 0
    said = capfd.readouterr().out.strip()
    assert "-- root@pi-ctv.tail sh -c" in said
    assert said.endswith("sh '' no db test 'a b' --json")
