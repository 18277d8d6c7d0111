"""PiVision on a machine: deployed, killed, its power cut under load, clock wrong, disk full. No hand is lent."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.host import Host
from lab.installed import bring_manifest, install_platform
from pivision.testing.cameras import Cameras, stills

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FLEET = """
name = "lab"
[control]
host = "pi-ctv"
port = 5001
[hosts.pi-ctv]
address = "pi-ctv"
RETIRE
[stores.disk]
kind = "directory"
path = "/srv/store"
[apps.pivision]
manifest = "pivision.toml"
primary = "pi-ctv"
stores = ["disk"]
bind = "0.0.0.0"
[apps.pivision.source]
git = "/srv/git/station"
folder = "apps/pivision"
lock = "requirements/lock.txt"
"""
LEGACY = "aifoodstand-server.service"
LEGACY_UNIT = """
[Unit]
Description=AI food stand API server
[Service]
ExecStart=/usr/bin/python3 -m http.server 8080
Restart=always
[Install]
WantedBy=multi-user.target
"""
SERVER, WORKER = "pivision-server.service", "pivision-worker.service"
DATA = "/var/lib/pivision"
CAMERAS = ("north", "south", "east", "west")
EACH_S = 0.2  # four cameras five times a second each
YEARS = 5 * 365 * 86400
CLOCK = "/etc/clock"  # what the units' clock is off by, in seconds
ASK = """
import json, sqlite3
db = sqlite3.connect("file:/var/lib/pivision/pivision.db?mode=ro", uri=True, timeout=30)
print(json.dumps(db.execute(%r).fetchall()))
"""

STORED = """
SELECT device.name, capture.boot_id, seq, lower(hex(sha256)), status
FROM capture JOIN device ON device.id = device_id
"""
NEWEST = "SELECT received_at FROM capture ORDER BY id DESC LIMIT 1"
WAITING = """
import sqlite3, sys
db = sqlite3.connect("file:/var/lib/pivision/pivision.db?mode=ro", uri=True, timeout=30)
sys.exit(f"{db.execute('SELECT id, status, attempts, run_after, last_error FROM job LIMIT 3').fetchall() or ''}" or 0)
"""
SET = """
import sqlite3, sys
db = sqlite3.connect("/var/lib/pivision/pivision.db", timeout=30)
db.execute("INSERT OR REPLACE INTO setting VALUES ('ingest', ?, '2026-01-01T00:00:00.000Z', 'somebody')", sys.argv[1:])
db.commit()
"""
SMALL = """
mkdir -p /srv/full
mount -t tmpfs -o size=48m,mode=0750,uid=$(id -u pivision),gid=$(id -g pivision) none /srv/full
cp -a /var/lib/pivision/. /srv/full
mount --bind /srv/full /var/lib/pivision
"""
LARGE = """
rm -rf /var/lib/pivision/*
cp -a /srv/full/. /var/lib/pivision
umount /srv/full
"""


@pytest.fixture(scope="module")
def old(host: Host) -> Host:
    """A host on which an older food stand holds 8080."""
    host.write(f"/etc/systemd/system/{LEGACY}", LEGACY_UNIT)
    host.run("systemctl", "enable", "--now", LEGACY)
    host.until("sh", "-c", "ss -Hltn 'sport = :8080' | grep -q .")
    return host


@pytest.fixture(scope="module")
def refused(old: Host, wheels: str, tmp_path_factory: pytest.TempPathFactory) -> "subprocess.CompletedProcess[str]":
    """What `station apply` says while the older one is there and not named in the manifest."""
    fleet = written(tmp_path_factory.mktemp("before"), retire="")
    install_platform(old, wheels, fleet)
    old.run("mkdir", "-p", "/srv/store")
    return old.run("station", "apply", "--yes", check=False)


@pytest.fixture(scope="module")
def pi(
    old: Host, refused: object, wheels: str, whole_repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Host:
    """PiVision as `station apply` and `station deploy` leave it, with the older one retired."""
    bring_manifest(old, written(tmp_path_factory.mktemp("after"), retire=f'retire = ["{LEGACY}"]'))
    old.put(whole_repository, "/srv/git/station")
    old.run("station", "apply", "--yes")
    deploy = ["env", "UV_OFFLINE=1", f"UV_FIND_LINKS={wheels}", "station", "deploy", "pivision", "--yes"]
    old.run(*deploy, timeout_s=400)
    serves(old)
    return old


@pytest.fixture(scope="module")
def cameras(pi: Host) -> Iterator[Cameras]:
    """Four cameras on the network, each with the key that its code was exchanged for."""
    made = Cameras(pi.address, stills())
    for name in CAMERAS:
        made.enroll(name, pivision(pi, "devices", "add", name).splitlines()[-1].strip())
    yield made
    made.stop()


def written(folder: Path, retire: str) -> Path:
    (folder / "fleet.toml").write_text(FLEET.replace("RETIRE", retire))
    shutil.copy(ROOT / "apps/pivision/app.toml", folder / "pivision.toml")
    return folder / "fleet.toml"


def pivision(host: Host, *words: str, check: bool = True) -> str:
    """The command as the app's user, in its environment."""
    unit = ["-p", "User=pivision", "-p", "EnvironmentFile=/etc/pivision/pivision.env"]
    ended = host.run("systemd-run", "--quiet", "--pipe", "--wait", *unit, "/opt/venvs/pivision/current/bin/pivision",
                     *words, check=check)  # fmt: skip
    return str(ended.stdout)


def ask(host: Host, question: str) -> list[list[object]]:
    """The rows that answer it."""
    return list(json.loads(host.python(ASK % question, user="pivision")))


def count(host: Host, table: str) -> int:
    return int(str(ask(host, f"SELECT count(*) FROM {table}")[0][0]))


def serves(host: Host) -> None:
    """Both units run, and the port is the server's."""
    host.until("curl", "-fsS", "http://127.0.0.1:8080/health", within_s=90)
    for unit in (SERVER, WORKER):
        host.until("systemctl", "is-active", unit, within_s=60)


def looks_at_all(host: Host) -> None:
    """Nothing waits any more, and nothing was given up."""
    host.until("python3", "-c", WAITING, user="pivision", within_s=90)


def nothing_is_missing(host: Host, cameras: Cameras) -> None:
    """Each acknowledged picture has its row, and its bytes or what was seen in them; files and rows agree."""
    stored = {(row[0], row[1], row[2]): (row[3], row[4]) for row in ask(host, STORED)}
    acknowledged = cameras.acknowledged()
    assert acknowledged
    missing = [key for key, digest in acknowledged.items() if stored.get(key, ("", ""))[0] != digest]
    assert missing == []
    lost = [key for key in acknowledged if stored[key][1] == "failed"]
    assert lost == []
    host.run("systemctl", "start", "pivision-fsck.service", timeout_s=120)  # fails where they do not agree


def goes_on(cameras: Cameras, more: int = 8) -> None:
    """So many more pictures are taken of each camera."""
    cameras.until_more(more, within_s=90)


def test_an_older_food_stand_on_the_port_is_named_with_what_to_do(refused: "subprocess.CompletedProcess[str]") -> None:
    assert refused.returncode == 18, refused.stderr
    assert LEGACY in refused.stderr and f'retire = ["{LEGACY}"]' in refused.stderr


def test_both_run_and_the_cameras_are_let_in(pi: Host, cameras: Cameras) -> None:
    with cameras.sending(EACH_S):
        goes_on(cameras)
    looks_at_all(pi)
    nothing_is_missing(pi, cameras)
    users = pi.run(
        "ps", "-o", "user=", "-p", ",".join(pi.show(unit, "MainPID")["MainPID"] for unit in (SERVER, WORKER))
    )
    assert users.stdout.split() == ["pivision", "pivision"]


@pytest.mark.parametrize("unit", [SERVER, WORKER])
def test_its_units_are_closely_shut_in(pi: Host, unit: str) -> None:
    told = pi.run("systemd-analyze", "security", "--no-pager", unit).stdout
    assert float(told.rpartition("exposure level for")[2].split(":")[1].split()[0]) <= 2.1


def test_what_is_killed_comes_back_and_nothing_is_missing(pi: Host, cameras: Cameras) -> None:
    with cameras.sending(EACH_S):
        for unit in (SERVER, WORKER):
            before = pi.show(unit, "MainPID")["MainPID"]
            goes_on(cameras, 2)
            pi.crash(int(before))
            again = (
                f"p=$(systemctl show -P MainPID {unit}); test $p -gt 0 -a $p != {before} && systemctl is-active {unit}"
            )
            pi.until("sh", "-c", again, within_s=60)
            goes_on(cameras, 2)
    serves(pi)
    looks_at_all(pi)
    nothing_is_missing(pi, cameras)


def test_a_power_cut_under_load_loses_nothing_that_was_acknowledged(pi: Host, cameras: Cameras) -> None:
    with cameras.sending(EACH_S):
        goes_on(cameras, 10)
        pi.pull_plug()
        assert pi.boot() == []
        serves(pi)
        goes_on(cameras)
    looks_at_all(pi)
    nothing_is_missing(pi, cameras)


def test_a_full_disk_is_told_and_left_behind_without_anybody(pi: Host, cameras: Cameras) -> None:
    pi.run("systemctl", "stop", "station-agent", "pivision-points", SERVER, WORKER, "pivision-server.socket")
    pi.run("sh", "-ec", SMALL)
    pi.python(SET, json.dumps({"free_bytes": 4 * 2**20}), user="pivision")
    try:
        pi.run("systemctl", "start", "pivision-server.socket", SERVER, WORKER)
        serves(pi)
        with cameras.sending(EACH_S):
            goes_on(cameras, 2)
            pi.run("sh", "-c", f"dd if=/dev/zero of={DATA}/segments/.filler bs=64k 2>/dev/null || true")
            refusal = cameras.until_refused(within_s=60)
            assert (refusal.status, refusal.code) == (503, "disk_full")
            assert int(refusal.retry_after) >= 1
            pi.run("rm", f"{DATA}/segments/.filler")
            goes_on(cameras)
        serves(pi)
        looks_at_all(pi)
        nothing_is_missing(pi, cameras)
    finally:
        pi.run("systemctl", "stop", SERVER, WORKER, "pivision-server.socket", "pivision-points")
        pi.until("umount", DATA)
        pi.run("sh", "-ec", LARGE)
        pi.run("systemctl", "start", "pivision-server.socket", SERVER, WORKER, "station-agent")
    serves(pi)


@pytest.fixture
def wrong_clock(pi: Host, tmp_path: Path) -> Callable[[int], None]:
    """Puts the clock of both units off by so many seconds, at once, and after a reboot."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler: the clock of a process cannot be put back")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", tmp_path / "clock.so", HERE / "clock.c"], check=True)
    pi.put(tmp_path / "clock.so", "/usr/local/lib")

    def put_off(seconds: int) -> None:
        pi.run("sh", "-c", f"echo {seconds} > {CLOCK}.new && mv {CLOCK}.new {CLOCK}")

    for unit in (SERVER, WORKER):
        pi.write(
            f"/etc/systemd/system/{unit}.d/clock.conf", "[Service]\nEnvironment=LD_PRELOAD=/usr/local/lib/clock.so\n"
        )
    pi.run("systemctl", "daemon-reload")
    return put_off


def test_a_clock_that_is_years_behind_at_boot_and_set_later_makes_no_event(
    pi: Host, cameras: Cameras, wrong_clock: Callable[[int], None]
) -> None:
    pi.run("systemctl", "stop", "station-agent", WORKER)
    with cameras.sending(EACH_S):
        goes_on(cameras)  # these wait, with a time that is years ahead soon
    pi.run("systemctl", "start", "station-agent")
    wrong_clock(-YEARS)
    events = count(pi, "event")
    assert pi.reboot() == []
    serves(pi)
    with cameras.sending(EACH_S):
        goes_on(cameras)
    assert ask(pi, NEWEST) < [["2025"]]
    looks_at_all(pi)
    with cameras.sending(EACH_S):
        goes_on(cameras)
        wrong_clock(0)
        goes_on(cameras, 40)
    assert ask(pi, NEWEST) > [["2025"]]
    looks_at_all(pi)
    assert ask(pi, f"SELECT kind, started_at FROM event ORDER BY id LIMIT -1 OFFSET {events}") == []
    nothing_is_missing(pi, cameras)
