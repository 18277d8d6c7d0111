"""`station status` when things run, when they do not, and when the manifest is wrong."""

import json
import os
import re
from datetime import timedelta

import pytest

from station.clock import to_text, utc_now


@pytest.fixture
def running(yard):
    """Both hosts say that they are well; nobody is really there."""
    now = utc_now()
    newest = yard.points[-1]
    point = {"name": newest.name, "taken_at": to_text(newest.taken_at), "seq": 2, "epoch": 1, "digest": newest.digest}
    for host, role in (("pi-ctv", "primary"), ("pi2", "standby")):
        database = {
            "bytes": 8192,
            "written_at": to_text(now),
            "point": point | {"object_bytes": 100},
            "checked_at": to_text(now),
            "proved_at": to_text(now - timedelta(minutes=2)),
            "error": None,
        }
        unit = {"state": "running", "pid": 1, "since": to_text(now), "restarts": 0, "port": 8000, "healthy": True}
        app = {"role": role, "epoch": 1, "units": {"web": unit}, "databases": {"main": database}}
        machine = {"cpu_percent": 3, "memory_percent": 40, "disk_free_bytes": 10**10, "disk_total_bytes": 10**11}
        said = {"host": host, "at": to_text(now), "pid": 1, "apps": {"bookedbiz": app}, "machine": machine}
        file = yard.fleet.hosts[host].paths.status_file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(said))
    return yard


def test_the_verdict_leads_and_every_host_is_shown(running, station) -> None:
    shown = station("status")
    assert shown.code == 0
    assert shown.out.splitlines()[1].startswith("READY  Safe. You can fail over now; you would lose at most")
    assert "pi-ctv holds epoch 1" in shown.out
    assert "web :8000 running, healthy" in shown.out


def test_readiness_is_the_exit_code(running, station) -> None:
    assert station("status", "--readiness").code == 0
    file = running.fleet.hosts["pi2"].paths.status_file
    long_ago = (utc_now() - timedelta(minutes=5)).timestamp()
    os.utime(file, (long_ago, long_ago))
    silent = station("status", "--readiness", "--json")
    assert (silent.code, silent.json["verdict"]) == (2, "NOT_READY")


def test_json_names_every_check(running, station) -> None:
    found = station("status", "--json").json
    checks = found["apps"]["bookedbiz"]["readiness"]["checks"]
    assert {"lease", "copy", "proof", "room", "clock"} <= {check["name"] for check in checks}
    assert found["apps"]["bookedbiz"]["store"]["points"] == 3


def test_every_store_is_shown_with_its_age_and_its_trouble(running, with_usb, station) -> None:
    running.fleet = with_usb()
    file = running.fleet.hosts["pi-ctv"].paths.status_file
    said = json.loads(file.read_text())
    main = said["apps"]["bookedbiz"]["databases"]["main"]
    main["stores"] = {"usb": {"point": main["point"], "error": None, "sending_since": None}}
    file.write_text(json.dumps(said))
    shown = station("status").out
    assert "store disk" in shown
    assert re.search(r"store usb +newest point of [0-9:]{8}, \d+ s ago *\n", shown)
    main["stores"]["usb"]["error"] = "The store usb is full"
    file.write_text(json.dumps(said))
    assert "ago; NOT well: the store usb is full" in station("status").out
    usb = station("status", "--json").json["apps"]["bookedbiz"]["stores"]["usb"]
    assert (usb["well"], usb["error"], usb["first"]) == (False, "The store usb is full", False)
    assert station("status", "--readiness").code == 1  # something needs care, and a failover works


def test_when_nothing_runs_the_last_known_is_shown_with_exit_code_11(yard, station) -> None:
    shown = station("status")
    assert shown.code == 11
    assert "no host answers" in shown.out
    assert "3, " in shown.out  # the points are still told
    assert "station up" in shown.err


def test_a_store_that_is_gone_is_told_and_does_not_crash(running, station) -> None:
    running.store.path.rename(running.store.path.with_name("elsewhere"))
    shown = station("status", "--readiness", "--json")
    assert (shown.code, shown.json["verdict"]) == (2, "NOT_READY")
    assert "is gone" in shown.json["sentence"]


def test_a_whole_manifest_is_ok(fleet, station) -> None:
    assert station("check-manifest").out.startswith("ok: demo, 2 hosts, 1 app, 1 store")


def test_every_mistake_of_a_manifest_is_named_with_exit_code_10(fleet, station, tmp_path) -> None:
    text = (tmp_path / "fleet.toml").read_text()
    (tmp_path / "fleet.toml").write_text(text.replace('primary = "pi-ctv"', 'primary = "pi9"').replace("5001", "0"))
    wrong = station("check-manifest")
    assert wrong.code == 10
    assert "pi9" in wrong.err
    assert "port" in wrong.err


def test_the_mistakes_are_in_the_json_too(fleet, station, tmp_path) -> None:
    assert station("check-manifest", "--json").json["mistakes"] == []
    text = (tmp_path / "fleet.toml").read_text()
    (tmp_path / "fleet.toml").write_text(text.replace('primary = "pi-ctv"', 'primary = "pi9"').replace("5001", "0"))
    wrong = station("check-manifest", "--json")
    assert (wrong.code, wrong.json["ok"], wrong.json["exit_code"]) == (10, False, 10)
    assert len(wrong.json["mistakes"]) == 2
    assert any("control.port" in mistake for mistake in wrong.json["mistakes"])
    (tmp_path / "fleet.toml").unlink()
    gone = station("--fleet", tmp_path / "fleet.toml", "check-manifest", "--json")
    assert len(gone.json["mistakes"]) == 1


def test_without_a_manifest_the_places_are_named(station) -> None:
    wrong = station("status")
    assert wrong.code == 10
    assert "./fleet.toml" in wrong.err
    assert "--fleet" in wrong.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed_for_each_shell(station, shell: str) -> None:
    printed = station("completion", shell)
    assert printed.code == 0
    assert "_STATION_COMPLETE" in printed.out
