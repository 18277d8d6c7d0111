"""systemd's own tools on what is rendered: nothing to find fault with, and closely shut in."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.fleet import Fleet
from station.hosts.rendering import HostFiles, render
from station.hosts.rendering.presets import CONCESSIONS

ANALYZE = shutil.which("systemd-analyze")
pytestmark = pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze (Debian's package systemd)")

APPS = re.compile(r"notes-(web|watch|api|tidy|datasette)\.service")

MORE = """
[apps.notes.copy]
[apps.notes.drill]
[apps.notes.datasette]
[apps.notes.dev]
user = "ann"
[team]
members = ["ann"]
[hosts.pi1.mounts.drive]
share = "//server/a folder"
at = "/mnt/a-drive"
"""
JOB = '[jobs.tidy]\ncommand = ["notes", "tidy 100 %", "$HOME"]\nat = "02:05"\nday = "sunday"\njitter_s = 60\n'
WORKER = '[processes.watch]\ncommand = ["notes", "watch"]\n'
SOCKET = '[processes.api]\ncommand = ["notes", "api"]\nport = 8101\nsocket = true\nnotify = true\n'
OVERLAP = '[deploy]\nswitch = "overlap"\n'
MIGRATES = '[deploy]\nmigrate = "migrate"\n[commands]\nmigrate = ["notes", "migrate"]\n'
OF_A_DEPLOY = re.compile(r"notes-(web-next|web-overlap|migrate)\.service")


def below(root: Path, files: HostFiles) -> list[Path]:
    """The files below `root`, with a stand-in for every program that they name. The units among them."""
    for path, file in files.files.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.text, encoding="utf-8")
    units = sorted((root / "etc/systemd/system").glob("*"))
    for program in {found for unit in units for found in _programs(unit.read_text())}:
        stand_in = root / program.lstrip("/")
        stand_in.parent.mkdir(parents=True, exist_ok=True)
        stand_in.write_text("#!/bin/sh\n")
        stand_in.chmod(0o755)
    targets = root / "usr/lib/systemd/system"
    targets.mkdir(parents=True)
    for target in Path("/usr/lib/systemd/system").glob("*.target"):
        shutil.copy(target, targets)
    return units


def _programs(text: str) -> Iterator[str]:
    for found in re.finditer(r"^Exec\w+=[-+]?(/[^\s]+)", text, re.MULTILINE):
        yield found[1]


def verify(root: Path, units: list[Path]) -> str:
    """What systemd-analyze has to say on stderr."""
    command = [str(ANALYZE), "verify", f"--root={root}", "--man=no", *map(str, units)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return answer.stderr + ("" if answer.returncode == 0 else f"\nexit code {answer.returncode}")


def score(unit: Path) -> float:
    command = [str(ANALYZE), "security", "--no-pager", "--offline=true", str(unit)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = re.search(r"exposure level for .*: ([0-9.]+)", answer.stdout)
    assert found, answer.stdout
    return float(found[1])


def everything(rendered, host: str) -> HostFiles:
    return rendered(MORE, JOB + WORKER + SOCKET, host=host)


@pytest.mark.parametrize("host", ["pi-ctv", "pi2", "pi-vision"])
def test_systemd_finds_no_fault_with_the_units_of_the_office(office: Fleet, host: str, tmp_path: Path) -> None:
    assert verify(tmp_path, below(tmp_path, render(office, office.hosts[host]))) == ""


@pytest.mark.parametrize("host", ["pi1", "pi2"])
def test_systemd_finds_no_fault_with_any_kind_of_unit(rendered, host: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert verify(root, below(root, everything(rendered, host))) == ""


@pytest.mark.parametrize("more", [OVERLAP, MIGRATES])
def test_systemd_finds_no_fault_with_the_units_of_a_deploy_and_they_score_at_most_2(
    with_socket, tmp_path: Path, more: str
) -> None:
    units = below(tmp_path / "root", with_socket(more))
    assert verify(tmp_path / "root", units) == ""
    scores = {unit.name: score(unit) for unit in units if OF_A_DEPLOY.fullmatch(unit.name)}
    assert len(scores) == 2
    assert max(scores.values()) <= 2.0


def test_the_check_sees_a_key_that_systemd_would_ignore(rendered, tmp_path: Path) -> None:
    units = below(tmp_path / "root", rendered())
    web = next(unit for unit in units if unit.name == "notes-web.service")
    web.write_text(web.read_text().replace("[Service]", "[Service]\nStartLimitIntervalSec=60"))
    assert "StartLimitIntervalSec" in verify(tmp_path / "root", units)


def test_the_units_of_apps_score_at_most_2(rendered, tmp_path: Path) -> None:
    units = below(tmp_path / "root", everything(rendered, "pi1")) + below(tmp_path / "2", everything(rendered, "pi2"))
    apps = {unit.name: score(unit) for unit in units if APPS.fullmatch(unit.name)}
    assert {"notes-web.service", "notes-watch.service", "notes-api.service", "notes-tidy.service"} <= apps.keys()
    loose = {name: found for name, found in apps.items() if found > 2.0}
    assert loose == {}


@pytest.mark.parametrize("need", CONCESSIONS)
def test_a_unit_with_an_exception_scores_at_most_2(rendered, need: str, tmp_path: Path) -> None:
    more = f'[processes.watch.needs]\n{need} = "It must."\n'
    units = below(tmp_path / "root", rendered("", WORKER + more))
    watch = next(unit for unit in units if unit.name == "notes-watch.service")
    assert score(watch) <= 2.0
    assert f"# {need}: it {CONCESSIONS[need].about} (" in watch.read_text()
    assert "). It must.\n" in watch.read_text()


def test_the_platforms_own_units_score_at_most_2_1(rendered, tmp_path: Path) -> None:
    """Root's with three rights, for each app's data are its own user's: that costs 0.1 more than an app may."""
    units = below(tmp_path / "root", everything(rendered, "pi1")) + below(tmp_path / "2", everything(rendered, "pi2"))
    scores = {unit.name: score(unit) for unit in units if unit.suffix == ".service"}
    assert {name: found for name, found in scores.items() if found > 2.1} == {}
    gives_files_away = (
        "station-agent",
        "station-check",
        "notes-points",
        "notes-copy@",
        "notes-litestream",
        "notes-data",
        "notes-recover",
    )
    loose = {name for name, found in scores.items() if found > 2.0}
    assert {name for name in loose if not name.startswith(gives_files_away)} == set()


def test_every_service_is_hardened(rendered, tmp_path: Path) -> None:
    for unit in below(tmp_path / "root", everything(rendered, "pi1")):
        if unit.suffix == ".service":
            assert "NoNewPrivileges=yes" in unit.read_text(), unit.name
