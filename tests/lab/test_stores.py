"""Stores of a machine: one that is away, one that is lost, the jobs of the night and Litestream, all under systemd."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.host import Host

HERE = Path(__file__).parent
HEALTH = ("curl", "-fsS", "http://127.0.0.1:8080/health")
DISK = ("mount", "--bind", "/var/disk", "/srv/disk")
LOG = "/var/log/station/standin.log"


@pytest.fixture(scope="module")
def stored(host: Host, wheels: str, bring: Callable[[Host, str, Path], None]) -> Host:
    """The stand-in with a disk that is mounted by hand, and with Litestream."""
    program = subprocess.run(
        [HERE.parents[1] / "scripts/litestream"], capture_output=True, text=True, check=True
    ).stdout
    host.put(Path(program.strip()), "/usr/local/bin")
    host.run("mkdir", "-p", "/var/disk", "/srv/disk")
    host.run(*DISK)
    bring(host, wheels, HERE / "stores" / "fleet.toml")
    host.until(*HEALTH, within_s=60)
    return host


def newest(host: Host, store: str) -> str:
    """The last of the store's points by its place; "" when there is none."""
    found = host.run("sh", "-c", f"ls -d /srv/{store}/standin/main/0*/*.json 2>/dev/null | sort | tail -1", check=False)
    return found.stdout.strip()


def gets_points(host: Host, store: str, within_s: float = 60.0) -> None:
    before = newest(host, store)
    again = f"ls -d /srv/{store}/standin/main/0*/*.json | sort | tail -1"
    host.until("sh", "-c", f'n=$({again}); test -n "$n" -a "$n" != "{before}"', within_s=within_s)


def app_status(host: Host) -> dict[str, object]:
    said = json.loads(host.read("/run/station/status.json"))["apps"]["standin"]
    assert isinstance(said, dict)
    return said


def becomes(host: Host, **wanted: object) -> None:
    """The agent says so within a minute."""
    ends = time.monotonic() + 60
    while (told := {name: app_status(host)[name] for name in wanted}) != wanted:
        assert time.monotonic() < ends, told
        time.sleep(0.2)


def test_the_jobs_of_the_night_run_under_systemd_and_tell_how_they_ended(stored: Host) -> None:
    for job in ("copy", "drill"):
        stored.until("grep", "-q", f" done app=standin job={job} ", LOG, within_s=90)
        stored.until("grep", "-q", f'"event": "{job}"', "/var/log/station/events.jsonl")
        assert stored.run("systemctl", "list-units", "--failed", "--plain", "--no-legend").stdout == ""
    for store in ("disk", "usb"):
        assert stored.run("test", "-e", f"/srv/{store}/standin/main/database.db").returncode == 0
    jobs = app_status(stored)["jobs"]
    assert isinstance(jobs, dict) and {each["error"] for each in jobs.values()} == {None}


def test_litestream_starts_with_the_points_follows_and_gives_back_the_apps_database(stored: Host) -> None:
    stored.until("systemctl", "is-active", "standin-litestream", within_s=30)
    stored.until(
        "sh", "-c", "test -n \"$(find /srv/usb/litestream/standin/main/000001 -name '*.wal.lz4')\"", within_s=30
    )
    rows = int(stored.run(*HEALTH).stdout)
    restore = "rm -f /root/back.db; station db restore standin --engine litestream --to /root/back.db"
    asked = f"{restore} && test $(sqlite3 /root/back.db 'select count(*) from row') -ge {rows}"
    stored.until("sh", "-c", asked, within_s=60)
    assert stored.run("stat", "-c", "%U:%G %a", "/root/back.db").stdout.strip() == "standin:standin 640"


ASK = """
import sys
from pathlib import Path
from station.cluster.peer import Peer
from station.fleet import HostPaths
verb = sys.argv[1]
options = {"flush": True, "must_flush": True} if verb == "demote" else {}
print(Peer("pi-ctv", HostPaths(Path("/"), is_machine=True)).call(verb, app="standin", **options)["epoch"])
"""


def ask(host: Host, verb: str) -> str:
    return host.run("/opt/venvs/station/current/bin/python", "-c", ASK, verb, timeout_s=60).stdout.strip()


def test_a_host_that_is_demoted_refuses_at_once_and_one_that_serves_again_answers(stored: Host) -> None:
    stored.until(*HEALTH, within_s=60)
    stored.until("systemctl", "is-active", "standin-worker", within_s=30)
    assert ask(stored, "demote") == "1"
    began = time.monotonic()
    assert stored.run(*HEALTH, check=False).returncode == 7  # refused
    assert time.monotonic() - began < 5
    for unit in ("standin-server.socket", "standin-server-hold", "standin-server", "standin-worker", "standin-points"):
        assert stored.show(unit, "ActiveState") == {"ActiveState": "inactive"}, unit
    assert ask(stored, "resume") == "1"
    stored.until(*HEALTH, within_s=30)
    gets_points(stored, "disk")


def test_after_a_power_cut_with_the_first_store_away_the_second_gets_points_and_then_the_first(stored: Host) -> None:
    gets_points(stored, "disk")
    stored.run("rm", "/var/lib/station/standin/jobs.json")  # the copy is due again, and one store will be away
    stored.run("sync")
    stored.pull_plug()
    assert stored.boot() == []
    stored.until(*HEALTH, within_s=60)
    gets_points(stored, "usb")
    becomes(stored, role="primary", epoch=1, lease=None)
    stored.until("grep", "-q", " failed app=standin job=copy ", LOG, within_s=60)
    stored.until("grep", "-q", "standin-copy@.*has failed", "/var/log/station/alerts.jsonl")
    stored.run(*DISK)
    gets_points(stored, "disk")
    stored.until("grep", "-q", '"lease_error": null', "/run/station/status.json")
    becomes(stored, role="primary")


def test_a_store_that_is_lost_is_set_up_anew_and_the_primary_begins_another_epoch(stored: Host) -> None:
    stored.until("station", "db", "point", "standin", within_s=60)
    refused = stored.run("station", "store", "set-up", "disk", "--yes", check=False)
    assert refused.returncode == 20 and "pi-ctv is primary of standin in epoch 1" in refused.stderr
    stored.run("find", "/var/disk", "-mindepth", "1", "-delete")
    told = stored.run("station", "db", "list", "--store", "disk", check=False).stderr
    assert "`station store set-up disk`" in told
    done = stored.run("station", "store", "set-up", "disk", "--yes")
    assert "pi-ctv was primary last, in epoch 1" in done.stderr
    stored.until("test", "-e", "/srv/disk/standin/epochs/000002.json", within_s=30)
    gets_points(stored, "disk")
    assert stored.run(*HEALTH).returncode == 0
