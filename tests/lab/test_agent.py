"""The agent of a real machine: systemd runs the app, and nothing that happens to the agent or the store stops it."""

import json

import pytest

from lab.host import Host

HEALTH = ("curl", "-fsS", "http://127.0.0.1:8080/health")
BACK_WITHIN_S = 20.0  # five seconds are promised; a busy machine may add to it


@pytest.fixture(autouse=True)
def uncounted(standin: Host) -> None:
    """Five starts within five minutes are a crash loop, also when a test asks for them."""
    standin.run("systemctl", "reset-failed")


def pid(host: Host, unit: str) -> str:
    return host.show(unit, "MainPID")["MainPID"]


def rows(host: Host) -> int:
    return int(host.run(*HEALTH).stdout)


def another_runs(host: Host, unit: str, before: str) -> None:
    """The unit has a main process again, and not that one."""
    asked = f"p=$(systemctl show -P MainPID {unit}); test $p -gt 0 -a $p != {before} && systemctl is-active {unit}"
    host.until("sh", "-c", asked, within_s=BACK_WITHIN_S)


def owners(host: Host, folder: str) -> set[str]:
    return set(host.run("find", folder, "-mindepth", "1", "-printf", "%u:%g %m\n").stdout.splitlines())


def app_can_write(host: Host) -> None:
    """The server and the worker both, and the points loop sees it."""
    host.until("curl", "-fsS", "-X", "POST", "-d", "", "http://127.0.0.1:8080/rows")
    before = rows(host)
    host.until("sh", "-c", f"test $(curl -fsS http://127.0.0.1:8080/rows) -gt {before + 2}")


def test_the_app_runs_as_its_own_user_and_points_are_taken(standin: Host) -> None:
    standin.until("sh", "-c", "ls /srv/store/standin/main/*/000001.json", within_s=30)
    users = standin.run("ps", "-o", "user=", "-p", f"{pid(standin, 'standin-server')},{pid(standin, 'standin-worker')}")
    assert users.stdout.split() == ["standin", "standin"]
    assert owners(standin, "/var/lib/standin") == {"standin:standin 640"}
    app_can_write(standin)
    assert standin.failed_units() == []


@pytest.mark.parametrize("unit", ["standin-server", "standin-worker"])
def test_what_is_killed_is_back_soon(standin: Host, unit: str) -> None:
    before = pid(standin, unit)
    standin.run("kill", "-9", before)
    another_runs(standin, unit, before)
    shown = standin.show(unit, "RestartUSec", "NRestarts")
    assert shown == {"RestartUSec": "2s", "NRestarts": "1"}
    app_can_write(standin)


@pytest.mark.parametrize(
    "end", [("systemctl", "restart"), ("systemctl", "kill", "--signal=KILL")], ids=["asked", "killed"]
)
def test_an_agent_that_ends_and_comes_back_leaves_everything_running(standin: Host, end: tuple[str, ...]) -> None:
    units = ("standin-server", "standin-worker", "standin-points")
    for unit in units:  # asked for several, is-active is content with one
        standin.until("systemctl", "is-active", unit)
    before, agent = [pid(standin, unit) for unit in units], pid(standin, "station-agent")
    standin.run(*end, "station-agent")
    another_runs(standin, "station-agent", agent)
    for said in (f'"pid": {pid(standin, "station-agent")},', '"role": "primary"'):
        standin.until("grep", "-q", said, "/run/station/status.json")
    assert [pid(standin, unit) for unit in units] == before


def test_an_agent_that_somebody_restarted_again_and_again_is_renewed_all_the_same(standin: Host) -> None:
    for _ in range(5):
        standin.run("systemctl", "restart", "station-agent")
    manifest = standin.read("/etc/station/manifest/fleet.toml")
    standin.write("/etc/station/manifest/fleet.toml", f"{manifest}\n# changed\n")
    standin.run("station", "apply", "--yes", timeout_s=120)
    assert standin.show("station-agent", "ActiveState", "Result") == {"ActiveState": "active", "Result": "success"}
    standin.until("grep", "-q", f'"pid": {pid(standin, "station-agent")},', "/run/station/status.json")


def test_the_status_tells_of_this_machine_and_names_the_other(standin: Host) -> None:
    told = json.loads(standin.run("station", "status", "--json").stdout)
    assert told["hosts"]["pi-ctv"]["state"] == "live"
    assert "another machine" in told["hosts"]["pi2"]["trouble"]


def test_a_failover_between_machines_is_refused_in_words(standin: Host) -> None:
    refused = standin.run("station", "failover", "standin", "--yes", check=False)
    assert refused.returncode == 20
    assert "are machines" in refused.stderr and "Traceback" not in refused.stderr


ASK = """
import sys
from pathlib import Path
from station.cluster.peer import Peer
from station.errors import StationError
from station.fleet import HostPaths
try:
    Peer("pi-ctv", HostPaths(Path("/"), is_machine=True)).call("demote", app="standin", flush=True, must_flush=False)
except StationError as why:
    print(type(why).__name__, why.message)
"""


def test_while_a_deploy_is_under_way_the_agent_leaves_the_app_alone(standin: Host) -> None:
    standin.until(*HEALTH, within_s=60)
    lock = "/run/station/deploy-standin.lock"
    standin.run("systemd-run", "--quiet", "--unit=deploying", "flock", lock, "sleep", "600")
    standin.until("sh", "-c", f"! flock --nonblock {lock} true")
    try:
        standin.run("systemctl", "stop", "station-agent", "standin-server")
        standin.run("systemctl", "start", "station-agent")
        standin.until("test", "-S", "/run/station/agent.sock")
        standin.until("grep", "-q", "waits_for.*a deploy is under way", "/run/station/status.json")
        asked = standin.run("/opt/venvs/station/current/bin/python", "-c", ASK).stdout
        assert asked.startswith("Busy pi-ctv does not demote standin: a deploy is under way"), asked
        assert standin.show("standin-server", "ActiveState") == {"ActiveState": "inactive"}
    finally:
        standin.run("systemctl", "stop", "deploying")
    standin.until(*HEALTH, within_s=60)


def test_a_reboot_brings_it_back_without_a_person(standin: Host) -> None:
    standin.until(*HEALTH, within_s=60)
    before = rows(standin)
    assert standin.reboot() == []
    standin.until(*HEALTH, within_s=60)
    standin.until("systemctl", "is-active", "standin-worker")
    standin.until("systemctl", "is-active", "standin-points")
    assert rows(standin) >= before
    app_can_write(standin)


# The folder stays, as an empty mount point does: a unit may write to the very folder that was there when it started.
AWAY = "mkdir /srv/away && find /srv/store -mindepth 1 -maxdepth 1 -exec mv -t /srv/away {} +"
BACK = """find /srv/store -mindepth 1 -delete
find /srv/away -mindepth 1 -maxdepth 1 -exec mv -t /srv/store {} + && rmdir /srv/away"""


def test_a_reboot_while_the_store_is_away_brings_it_back_too(standin: Host) -> None:
    standin.run("sh", "-c", AWAY)
    try:
        standin.reboot()
        standin.until(*HEALTH, within_s=60)
        assert "was primary last" in standin.journal("standin-server", this_boot=True)
        app_can_write(standin)
    finally:
        standin.run("sh", "-c", BACK)
    standin.until("systemctl", "is-active", "standin-points", within_s=60)


def test_a_restored_database_is_the_apps(standin: Host) -> None:
    standin.until("sh", "-c", "station db restore standin --to /root/restored.db")
    assert standin.run("stat", "-c", "%U:%G %a", "/root/restored.db").stdout.strip() == "standin:standin 640"


def test_a_host_that_was_told_to_stop_does_not_start_again_when_the_store_is_away(standin: Host) -> None:
    fenced = "/var/lib/station/standin/fenced.json"
    standin.run("systemctl", "stop", "station-agent")
    standin.write(fenced, json.dumps({"epoch": 1, "at": "2026-01-01T00:00:00.000Z"}))
    standin.run("rm", "-f", "/run/station/status.json")
    standin.run("sh", "-c", AWAY)
    try:
        asked = standin.run("station", "guard", "standin", check=False)
        assert asked.returncode == 1 and "was told to stop in epoch 1" in asked.stderr
    finally:
        standin.run("sh", "-c", BACK)
        standin.run("systemctl", "start", "station-agent")


def test_a_promoted_database_is_the_apps(standin: Host) -> None:
    """The lease is there and the database is not in place: the agent brings it from the mirror, as in a promotion."""
    standin.until("systemctl", "is-active", "standin-points")
    standin.until("station", "db", "point", "standin", within_s=150)  # the agent may have just been started
    standin.run("systemctl", "stop", "station-agent", "standin-server", "standin-worker", "standin-points")
    lost = rows_in_points(standin)
    standin.run("sh", "-c", "rm -f /var/lib/standin/* /var/lib/station/standin/role.json")
    standin.run("systemctl", "start", "station-agent")
    standin.until(*HEALTH, within_s=60)
    assert rows(standin) >= lost > 0
    assert owners(standin, "/var/lib/standin") == {"standin:standin 640"}
    app_can_write(standin)


def rows_in_points(host: Host) -> int:
    host.run("sh", "-c", "rm -f /root/counted.db && station db restore standin --to /root/counted.db")
    return int(host.run("sqlite3", "/root/counted.db", "select count(*) from row").stdout)


def test_root_opens_a_quiet_database_first_and_the_app_can_still_write(standin: Host) -> None:
    """SQLite gives the log that root makes to the database's owner: with the rights of the unit it must be able to."""
    standin.run("systemctl", "stop", "station-agent", "standin-server", "standin-worker", "standin-points")
    standin.run("sqlite3", "/var/lib/standin/standin.db", "pragma wal_checkpoint(truncate)", user="standin")
    assert standin.run("ls", "/var/lib/standin").stdout.split() == ["standin.db"]
    standin.run("systemctl", "start", "standin-points")
    standin.until("test", "-e", "/var/lib/standin/standin.db-shm")
    assert owners(standin, "/var/lib/standin") == {"standin:standin 640"}
    standin.run("systemctl", "start", "station-agent")
    standin.until(*HEALTH, within_s=60)
    app_can_write(standin)
