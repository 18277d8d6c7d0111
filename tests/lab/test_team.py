"""What somebody of the team sees on a machine without being root: status and logs; and what is refused, in words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.host import Host

HERE = Path(__file__).parent
TEAM = '\n[team]\ngroup = "apps-deploy"\nmembers = ["ann"]\n'


@pytest.fixture(scope="module")
def team(host: Host, wheels: str, tmp_path_factory: pytest.TempPathFactory, bring: Callable[..., None]) -> Host:
    """The stand-in, and a developer."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "app.toml").write_text((HERE / "standin/app.toml").read_text())
    (folder / "fleet.toml").write_text((HERE / "standin/fleet.toml").read_text() + TEAM)
    bring(host, wheels, folder / "fleet.toml")
    host.until("curl", "-fsS", "http://127.0.0.1:8080/health", within_s=60)
    host.until("sh", "-c", "ls /srv/store/standin/main/0*/000001.json", within_s=60)
    return host


def test_somebody_of_the_team_reads_what_the_units_print(team: Host) -> None:
    """As a group, and not as the page's: whoever is in that one can read every store's folder, production's data."""
    groups = team.run("id", "-Gn", user="ann").stdout.split()
    assert {"apps-deploy", "systemd-journal"} <= set(groups) and "station" not in groups
    lines = team.run("journalctl", "--quiet", "-u", "standin-server", "--no-pager", user="ann").stdout
    assert "Started" in lines
    assert "active (running)" in team.run("systemctl", "status", "standin-server", "--no-pager", user="ann").stdout
    for closed in ("/srv/store", "/run/station", "/var/lib/standin"):
        assert team.run("ls", closed, user="ann", check=False).returncode == 2, closed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("status", "`sudo station status`, or the page"),
        ("db list-points", "for root alone: `sudo station"),
        ("db point", "for root alone: `sudo station"),
        ("deploys", "for root alone: `sudo station"),
        ("releases", "Only root may deploy standin, or look at its releases"),
        ("deploy standin", "Only root may deploy standin"),
        ("drift", "for root alone: `sudo station"),
        ("apply", "Run it as root"),
        ("store set-up disk --yes", "Run it as root"),
    ],
)
def test_what_is_for_root_says_so(team: Host, words: str, said: str) -> None:
    refused = team.run("station", *words.split(), user="ann", check=False)
    assert refused.returncode != 0
    assert said in refused.stderr and "Traceback" not in refused.stderr
