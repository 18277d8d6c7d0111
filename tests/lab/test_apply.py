"""A blank machine made what its manifest says: looked at as its users, changed by hand, killed in the middle."""

import json
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.host import Host
from lab.installed import bring_manifest, install_platform

Station = Callable[..., subprocess.CompletedProcess[str]]

HERE = Path(__file__).parent / "applying"
FLEET = (HERE / "fleet.toml").read_text()
LEGACY = (HERE / "legacy.service").read_text()
CPU = """
import resource, subprocess
subprocess.run(["station", "apply", "--yes"], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime)
"""
LEFT_BEHIND = "find /etc /home /opt/apps /var/lib -name '*.station-new*'; ls /var/lib/station/apply.json"
AGENT = "/etc/systemd/system/station-agent.service"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The fleet's file, its text changed where a test wants it."""
    folder = tmp_path_factory.mktemp("fleet")

    def made(*, old: str = "", new: str = "", notes: bool = True) -> Path:
        shutil.copytree(HERE, folder, dirs_exist_ok=True)
        text = FLEET if notes else FLEET[: FLEET.index("[apps.notes]")]
        (folder / "fleet.toml").write_text(text.replace(old, new) if old else text)
        return folder / "fleet.toml"

    return made


@pytest.fixture(scope="module")
def station(host: Host) -> Station:
    """The command on the host; it must end with one of the codes."""

    def run(*words: str, codes: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        ended = host.run("station", *words, check=False)
        assert ended.returncode in codes, f"{ended.stdout}\n{ended.stderr}"
        return ended

    return run


@pytest.fixture(scope="module")
def first(host: Host, wheels: str, manifest: Callable[..., Path], station: Station) -> dict[str, Any]:
    """What the first apply said; before it, the machine ran what people had put there by hand."""
    install_platform(host, wheels, manifest())
    for name in ("flaskapp", "taken"):
        host.write(
            f"/etc/systemd/system/{name}.service", LEGACY.replace("8100", "8100" if name == "flaskapp" else "8200")
        )
    host.write("/lib/systemd/system/vendors.service", LEGACY.replace("8100", "8300"))
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "enable", "--now", "flaskapp.service", "vendors.service")
    host.write(AGENT, "# by hand\n[Service]\nExecStart=/bin/sleep infinity\n")
    host.write("/opt/apps/notes/old/main.py", "print('old')\n", mode=0o644)
    host.write("/var/lib/notes/old.txt", "old", mode=0o600)
    digest = json.loads(station("plan", "--json", codes=(3,)).stdout)["digest"]
    said: dict[str, Any] = json.loads(station("apply", "--plan", digest[:12], "--json").stdout)
    return said


@pytest.fixture
def applied(first: dict[str, Any], host: Host, manifest: Callable[..., Path], station: Station) -> Iterator[Host]:
    """The host as an apply leaves it, whatever the test before did."""
    bring_manifest(host, manifest())
    station("apply", "--yes")
    yield host


def answer(station: Station, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(station(*words, "--json", codes=codes).stdout)
    return said


def test_after_one_apply_nothing_is_left_to_do(first: dict[str, Any], host: Host, station: Station) -> None:
    assert (first["left"], first["waiting"], first["troubles"]) == ([], [], [])
    assert len(first["done"]) > 30
    assert answer(station, "plan")["changes"] == []
    assert answer(station, "drift")["drift"] == []
    for unit in ("station-agent.service", "station-page.service", "notes-tidy.timer", "station-check.timer"):
        host.until("systemctl", "is-active", unit)
    assert host.failed_units() == []


def test_an_app_without_a_release_is_skipped_and_does_not_fail(first: dict[str, Any], host: Host) -> None:
    assert host.show("notes-web.service", "ActiveState", "NRestarts") == {
        "ActiveState": "inactive",
        "NRestarts": "0",
    }
    assert host.run("ss", "-Hltn", "sport = :8100").stdout == ""


def test_what_stood_in_place_of_our_files_is_kept(first: dict[str, Any], host: Host) -> None:
    kept = host.run("sh", "-c", f"cat /var/lib/station/aside/*{AGENT}").stdout
    assert kept.startswith("# by hand\n")
    assert host.run("stat", "-c%a %U", "/var/lib/station/aside").stdout.split()[1] == "root"
    assert host.run("ls", "/var/lib/station/aside", user="ann").stdout != ""
    assert host.run("sh", "-c", "cat /var/lib/station/aside/*/etc/systemd/system/*", user="ann", check=False).returncode


@pytest.mark.parametrize("unit", ["flaskapp.service", "vendors.service"])
def test_a_retired_unit_cannot_start_any_more(first: dict[str, Any], host: Host, unit: str) -> None:
    started = host.run("systemctl", "start", unit, check=False)
    assert (started.returncode, "masked" in started.stderr) == (1, True)
    assert host.show(unit, "ActiveState", "LoadState") == {"ActiveState": "inactive", "LoadState": "masked"}
    assert host.processes("http.server 8100") == []


def test_the_file_of_a_retired_unit_is_kept(first: dict[str, Any], host: Host) -> None:
    assert host.read("/var/lib/station/retired/flaskapp.service") == LEGACY


def test_a_second_apply_changes_nothing_and_is_quick(applied: Host, station: Station) -> None:
    """The agent and the timers write as well, now and then: not every time that we look twice."""
    look = "find /etc /opt /var/lib/station /var/log/station /var/lib/notes -printf '%p %T@ %C@ %m %u %g\\n' | sort"
    invocation = applied.show("station-agent.service", "InvocationID")

    def leaves_all_as_it_was() -> bool:
        before = applied.run("sh", "-c", look).stdout
        said = answer(station, "apply", "--yes")
        assert (said["done"], said["left"]) == ([], [])
        return applied.run("sh", "-c", look).stdout == before

    assert any(leaves_all_as_it_was() for _ in range(3))
    assert any(float(applied.python(CPU)) < 1.0 for _ in range(3))  # 0.2 s was measured, and as much of wall time
    assert applied.show("station-agent.service", "InvocationID") == invocation


@pytest.fixture(scope="module")
def serving(first: dict[str, Any], host: Host) -> str:
    """The service of an app that has a release; the other app has one too, on a socket of systemd's."""
    for app in ("memo", "notes"):
        host.write(f"/opt/venvs/{app}/1/bin/{app}", (HERE / "bin" / app).read_text(), mode=0o755)
        host.run("mkdir", f"/opt/apps/{app}/releases/1")
        host.run("ln", "-sfn", "1", f"/opt/venvs/{app}/current")
        host.run("ln", "-sfn", "releases/1", f"/opt/apps/{app}/current")
    host.run("systemctl", "start", "memo-web.service", "notes-primary.service")
    for port in (8101, 8100):
        host.until("curl", "-fs", f"http://127.0.0.1:{port}/")
    return "memo-web.service"


@pytest.fixture
def restarted(applied: Host, station: Station, manifest: Callable[..., Path], serving: str) -> Callable[..., list[str]]:
    """What an apply restarts when the variables of an app change."""

    def run(app: str) -> list[str]:
        bring_manifest(applied, manifest(old=f"[apps.{app}]", new=f'[apps.{app}]\nenvironment.COLOUR = "red"'))
        done = answer(station, "apply", "--yes")["done"]
        return [one["name"] for one in done if one["action"] == "restart"]

    return run


def test_only_what_changed_is_restarted(applied: Host, restarted: Callable[..., list[str]], serving: str) -> None:
    before = applied.show(serving, "InvocationID")
    with subprocess.Popen(
        applied.entering("python3", "-c", (HERE / "bin" / "asking").read_text(), "4"), stdout=subprocess.PIPE, text=True
    ) as asking:
        assert asking.stdout is not None
        asking.stdout.readline()
        others = restarted("notes")
        asked, failed = map(int, asking.stdout.read().split())
    assert {"notes-web.service", "station-agent.service", "station-page.service"} <= set(others)
    assert applied.show(serving, "InvocationID") == before
    assert (asked > 20, failed) == (True, 0)  # its socket stayed open
    assert serving in restarted("memo")
    applied.until("curl", "-fs", "http://127.0.0.1:8101/")


def test_what_somebody_changed_by_hand_is_told_and_mended(applied: Host, station: Station) -> None:
    applied.run("sh", "-c", f"echo '# mine' >> {AGENT}")
    applied.run("sh", "-c", "echo API_TOKEN=hunter2 >> /etc/notes/notes.env")
    applied.run("chmod", "777", "/var/lib/notes")
    applied.run("chown", "ann", "/etc/notes/credentials/token")
    applied.run("setfacl", "--remove-default", "/opt/apps/notes")
    applied.run("usermod", "--shell", "/bin/bash", "nota")
    applied.run("gpasswd", "--delete", "ben", "apps-deploy")
    applied.run("useradd", "eve")
    applied.run("gpasswd", "--add", "eve", "apps-deploy")
    applied.run("systemctl", "disable", "--now", "station-page.service")
    applied.run("rm", "/etc/systemd/system/flaskapp.service", "/etc/systemd/system/notes-tidy.timer")
    told = station("drift", codes=(3,)).stdout
    assert "hunter2" not in told
    drifted = {(one["kind"], one["name"]) for one in answer(station, "drift", codes=(3,))["drift"]}
    assert drifted >= {
        ("file", AGENT),
        ("file", "/etc/notes/notes.env"),
        ("folder", "/var/lib/notes"),
        ("secret", "/etc/notes/credentials/token"),
        ("folder", "/opt/apps/notes"),
        ("user", "nota"),
        ("members", "apps-deploy"),
        ("unit", "station-page.service"),
        ("unit", "flaskapp.service"),
        ("file", "/etc/systemd/system/notes-tidy.timer"),
    }
    station("apply", "--yes")
    assert answer(station, "drift")["drift"] == []
    assert applied.run("id", "-nG", "eve").stdout.split() == ["eve"]
    applied.until("systemctl", "is-active", "station-page.service")


def test_an_addition_to_a_unit_is_told_and_left_alone(applied: Host, station: Station) -> None:
    added = "/etc/systemd/system/station-agent.service.d/override.conf"
    applied.write(added, "[Service]\nNice=3\n")
    applied.run("systemctl", "daemon-reload")
    drifted = answer(station, "drift", codes=(3,))["drift"]
    notes = answer(station, "apply", "--yes")["notes"]
    applied.run("rm", "-r", str(Path(added).parent))
    applied.run("systemctl", "daemon-reload")
    assert [added in one["what"][0] for one in drifted] == [True]
    assert added in notes[0]


def test_developers_write_code_together_whatever_their_umask(first: dict[str, Any], host: Host) -> None:
    code = "/opt/apps/notes"
    host.run(
        "sh", "-c", f"umask 077; mkdir {code}/src; echo one > {code}/src/a.py; cd {code}/src; git init -q", user="ann"
    )
    commit = "git -c user.name=x -c user.email=x@example.com -c safe.directory=* commit -qam"
    host.run("sh", "-c", f"umask 077; cd {code}/src; git add a.py; {commit} one", user="ann")
    host.run("sh", "-c", f"umask 022; cd {code}/src; echo two > a.py; {commit} two", user="ben")
    host.run("sh", "-c", f"umask 077; cd {code}/src; echo three > a.py; {commit} three", user="ann")
    assert (
        host.run("sh", "-c", f"cd {code}/src; git -c safe.directory=* log --oneline", user="ben").stdout.count("\n")
        == 3
    )


def test_developers_write_what_was_there_before(first: dict[str, Any], host: Host) -> None:
    host.run("sh", "-c", "echo x >> /opt/apps/notes/old/main.py; touch /opt/apps/notes/old/more.py", user="ann")
    host.run("sh", "-c", "echo y >> /opt/apps/notes/old/more.py", user="ben")


@pytest.mark.parametrize("user", ["ann", "nobody"])
def test_developers_can_neither_read_nor_write_production(first: dict[str, Any], host: Host, user: str) -> None:
    for command in (
        "ls /var/lib/notes",
        "touch /var/lib/notes/x",
        "cat /etc/notes/credentials/token",
        "ls /etc/notes/credentials",
        "cat /etc/notes/notes.env",
        "cat /var/lib/station/rendered.json",
        "ls /var/lib/station/notes",
        "ls /etc/station/credentials",
        "touch /opt/venvs/notes/x",
    ):
        assert "Permission denied" in host.run("sh", "-c", command, user=user, check=False).stderr


def test_the_apps_user_cannot_sign_in_and_owns_its_data(first: dict[str, Any], host: Host) -> None:
    assert host.run("cat", "/var/lib/notes/old.txt", user="nota").stdout == "old"
    host.run("sh", "-c", "touch /var/lib/notes/x && rm /var/lib/notes/x", user="nota")
    assert host.run("su", "-", "nota", "-c", "id", check=False).returncode != 0
    assert host.run("sh", "-c", "getent shadow nota | cut -d: -f2").stdout.strip() in ("!", "!*", "*", "!!")
    assert host.run("sh", "-c", "cat /etc/notes/credentials/token", user="nota", check=False).returncode != 0


def test_people_have_homes_and_the_developers_units_run_without_them(first: dict[str, Any], host: Host) -> None:
    assert host.run("stat", "-c%U:%G %a", "/home/ann", "/home/ben").stdout.splitlines() == [
        "ann:ann 750",
        "ben:ben 750",
    ]
    assert host.run("test", "-e", "/var/lib/systemd/linger/ann", check=False).returncode == 0
    host.until("systemctl", "--user", "is-enabled", "notes-dev.service", user="ann")


def test_two_applies_never_run_at_once(applied: Host, station: Station) -> None:
    hold = "from pathlib import Path; from station.points.holding import locked; import sys, time\n"
    hold += "with locked(Path('/run/station-apply.lock'), 'x', 'pi-ctv'): print('held', flush=True); sys.stdin.read()"
    words = applied.entering("/opt/venvs/station/current/bin/python", "-c", hold)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        said = station("apply", "--yes", codes=(12,)).stderr
        holder.communicate("")
    assert "process " in said
    assert "on pi-ctv" in said


def test_a_port_of_somebody_else_is_named_before_anything_changes(
    applied: Host, station: Station, manifest: Callable[..., Path]
) -> None:
    applied.run("systemctl", "start", "taken.service")
    applied.until("sh", "-c", "ss -Hltn 'sport = :8200' | grep -q .")
    bring_manifest(applied, manifest(old="port = 5001", new="port = 8200"))
    said = station("apply", "--yes", codes=(18,)).stderr
    assert "Port 8200 of the page of Control Station is taken: by python3" in said
    assert 'retire = ["taken.service"]' in said
    assert answer(station, "drift")["drift"] == []
    retired = 'retire = ["flaskapp.service", "taken.service"'
    text = manifest(old="port = 5001", new="port = 8200")
    text.write_text(text.read_text().replace('retire = ["flaskapp.service"', retired))
    bring_manifest(applied, text)
    station("apply", "--yes")
    assert applied.show("taken.service", "LoadState") == {"LoadState": "masked"}
    applied.until("sh", "-c", "ss -Hltn 'sport = :8200' | grep -q .")


def test_a_plan_that_is_not_the_one_looked_at_is_refused(applied: Host, station: Station) -> None:
    applied.run("chmod", "777", "/var/lib/notes")
    digest = answer(station, "plan", codes=(3,))["digest"]
    applied.run("chmod", "700", "/var/lib/notes")
    assert "there is another plan by now" in station("apply", "--plan", digest, codes=(20,)).stderr
    assert applied.run("stat", "-c%a", "/var/lib/notes").stdout == "700\n"
    assert "say --yes" in station("apply", codes=(2,)).stderr


def test_a_link_in_place_of_a_data_folder_is_refused(applied: Host, station: Station) -> None:
    applied.run("sh", "-c", "mv /var/lib/notes /srv/notes && ln -s /srv/notes /var/lib/notes")
    said = station("apply", "--yes", codes=(1,)).stderr
    applied.run("sh", "-c", "rm /var/lib/notes && mv /srv/notes /var/lib/notes")
    assert "/var/lib/notes is a link" in said


def test_another_host_is_not_applied_here(first: dict[str, Any], station: Station) -> None:
    assert "this machine is not that host, it is pi-ctv" in station("apply", "pi2", "--yes", codes=(20,)).stderr


def test_without_root_nothing_is_applied(first: dict[str, Any], host: Host) -> None:
    ended = host.run("station", "apply", "--yes", user="ann", check=False)
    assert (ended.returncode, "Run it as root" in ended.stderr) == (1, True)


def test_an_apply_that_is_killed_anywhere_is_finished_by_the_next(
    applied: Host, station: Station, manifest: Callable[..., Path]
) -> None:
    chance = random.Random(20261121)
    for number in range(3):
        bring_manifest(applied, manifest(notes=bool(number % 2)))
        before = applied.show("station-agent.service", "InvocationID")
        words = applied.entering("/opt/venvs/station/current/bin/station", "apply", "--yes")
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            for _ in range(chance.randrange(1, 6)):
                running.stderr.readline()
            time.sleep(chance.random() * 0.05)
            inside = applied.processes("^/opt/venvs/station/.*station apply")
            if inside:
                applied.run("kill", "-KILL", *inside, check=False)
        assert running.returncode in (0, 1, -signal.SIGKILL, 137), running.returncode
        station("apply", "--yes")
        assert answer(station, "plan")["changes"] == []
        assert answer(station, "drift")["drift"] == []
        assert applied.run("sh", "-c", LEFT_BEHIND, check=False).stdout == ""
        assert applied.show("station-agent.service", "InvocationID") != before  # for the manifest changed, cut or not


def test_everything_that_is_wanted_is_there_after_a_reboot(applied: Host, serving: str) -> None:
    assert applied.reboot() == []
    applied.until("curl", "-fs", "http://127.0.0.1:8101/")
    assert applied.run("ps", "-C", "memo", "-o", "user=").stdout.strip() == "memo"
    for unit in ("station-agent.service", "station-page.service", "notes-tidy.timer", "station-check.timer"):
        applied.until("systemctl", "is-active", unit)
    applied.until("station", "plan")
    assert applied.show("flaskapp.service", "ActiveState", "LoadState") == {
        "ActiveState": "inactive",
        "LoadState": "masked",
    }


def test_an_app_that_is_removed_leaves_its_data(applied: Host, station: Station) -> None:
    applied.write("/var/lib/notes/notes.db", "precious", owner="nota:nota")
    said = answer(station, "remove", "notes", "--yes")
    assert set(said["left"]) == {
        "/etc/notes",
        "/opt/apps/notes",
        "/opt/venvs/notes",
        "/var/lib/notes",
        "/var/lib/station/notes",
    }
    assert applied.read("/var/lib/notes/notes.db") == "precious"
    assert (
        applied.run(
            "sh",
            "-c",
            "ls /etc/systemd/system /etc/systemd/user | grep notes; cat /etc/*.d/station.conf | grep nota",
            check=False,
        ).stdout
        == ""
    )
    assert applied.show("notes-tidy.timer", "ActiveState", "LoadState") == {
        "ActiveState": "inactive",
        "LoadState": "not-found",
    }
    assert answer(station, "drift")["drift"] == []
    assert applied.failed_units() == []


def test_an_app_that_the_manifest_has_no_more_is_put_away_whole(
    applied: Host, station: Station, manifest: Callable[..., Path]
) -> None:
    applied.write("/var/lib/notes/notes.db", "precious", owner="nota:nota")
    bring_manifest(applied, manifest(notes=False))
    said = answer(station, "remove", "notes", "--purge-data", "--yes")
    assert said["left"] == []
    assert applied.run("sh", "-c", "cat /var/lib/station/removed/notes-*/var/lib/notes/notes.db").stdout == "precious"
    assert applied.run("sh", "-c", "ls /var/lib/station/removed/*", user="ann", check=False).returncode != 0
    assert applied.run("id", "nota", check=False).returncode != 0
    assert answer(station, "drift")["drift"] == []
    assert "There is nothing of notes on pi-ctv" in station("remove", "notes", "--yes", codes=(1,)).stderr


def test_data_are_not_put_away_while_points_are_on_their_way(applied: Host, station: Station) -> None:
    applied.write("/var/lib/station/notes/outbox/main@disk.pending", "")
    assert "still on their way" in station("remove", "notes", "--purge-data", "--yes", codes=(20,)).stderr
    assert applied.run("test", "-d", "/var/lib/notes", check=False).returncode == 0
    applied.run("rm", "-r", "/var/lib/station/notes/outbox")
