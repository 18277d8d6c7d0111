"""What is read of a host's status file, and what a missing, torn or old one means."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.clock import to_text
from station.cluster.heartbeat import database_status
from station.cluster.loop_report import LoopReport, report_file
from station.fleet import HostPaths
from station.watch.statuses import HostState
from station.watch.statusread import parse_status, read_status

NOW = datetime(2026, 11, 21, 9, 12, 7, tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> HostPaths:
    (tmp_path / "run").mkdir()
    return HostPaths(tmp_path)


def _write(paths: HostPaths, said: object, age_s: float = 0.5, skew_s: float = 0) -> None:
    written = NOW - timedelta(seconds=age_s)
    if isinstance(said, dict):
        said = json.dumps({"at": to_text(written + timedelta(seconds=skew_s))} | said)
    paths.status_file.write_text(str(said))
    os.utime(paths.status_file, (written.timestamp(), written.timestamp()))


WHOLE = {
    "host": "pi2",
    "pid": 123,
    "started_at": "2026-11-21T09:00:00.000Z",
    "apps": {
        "bookedbiz": {
            "role": "standby",
            "epoch": 3,
            "lease": {"epoch": 3, "holder": "pi-ctv", "taken_at": "2026-11-21T09:00:01.000Z", "reason": "failback"},
            "lease_error": None,
            "units": {"mirror": {"state": "running", "pid": 5, "since": None, "restarts": 2, "port": None}},
            "databases": {
                "main": {
                    "bytes": 10,
                    "written_at": None,
                    "point": {
                        "name": "c/000007",
                        "taken_at": "2026-11-21T09:12:03.000Z",
                        "seq": 7,
                        "epoch": 3,
                        "digest": "d",
                        "object_bytes": 123,
                    },
                    "checked_at": "2026-11-21T09:12:06.000Z",
                    "proved_at": None,
                    "error": None,
                }
            },
            "divergence": [{"at": "2026-11-21T09:00:02.000Z", "database": "main", "pages": 3, "file": "x.wal"}],
        }
    },
    "machine": {"cpu_percent": 1.5, "memory_percent": 40, "disk_free_bytes": 7, "disk_total_bytes": 9},
}


def test_a_fresh_file_is_a_live_host_with_all_it_says(paths: HostPaths) -> None:
    _write(paths, WHOLE)
    found = read_status("pi2", paths, NOW)
    assert (found.state, found.age_s, found.pid) == (HostState.LIVE, 0.5, 123)
    app = found.apps["bookedbiz"]
    assert app.lease is not None
    assert (app.role, app.lease.holder, app.units[0].restarts) == ("standby", "pi-ctv", 2)
    assert app.databases["main"].point is not None
    assert app.databases["main"].point.taken_at == datetime(2026, 11, 21, 9, 12, 3, tzinfo=UTC)
    assert (app.divergence[0].host, app.divergence[0].pages) == ("pi2", 3)
    assert (found.machine.disk_free_bytes, found.machine.temperature_c) == (7, None)


@pytest.mark.parametrize(("age_s", "state"), [(10.0, HostState.LIVE), (10.5, HostState.SILENT)])
def test_a_host_is_silent_after_ten_seconds_and_keeps_its_last_word(
    paths: HostPaths, age_s: float, state: HostState
) -> None:
    _write(paths, WHOLE, age_s)
    found = read_status("pi2", paths, NOW)
    assert found.state is state
    assert "bookedbiz" in found.apps


def test_a_clock_that_is_off_shows_against_the_disks(paths: HostPaths) -> None:
    _write(paths, WHOLE, skew_s=60)
    found = read_status("pi2", paths, NOW)
    assert found.skew_s == pytest.approx(60, abs=0.01)
    assert found.live


def test_a_host_that_never_ran_is_absent(paths: HostPaths) -> None:
    assert read_status("pi2", paths, NOW).trouble == "it has never run here"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"at": 5}', '{"at": "2026-11-21T09:12:00Z", "apps": [1]}'])
def test_a_file_that_cannot_be_understood_is_no_crash(paths: HostPaths, text: str) -> None:
    _write(paths, text)
    found = read_status("pi2", paths, NOW)
    assert found.state is HostState.ABSENT
    assert found.trouble is not None
    assert "cannot be read" in found.trouble


def test_jobs_and_drills_are_read_and_may_be_missing(paths: HostPaths) -> None:
    when = "2026-11-21T03:30:00.000Z"
    job = {"running": True, "next_at": when, "due": when, "at": None, "error": "the store is full"}
    drill = {"at": when, "took_s": 12.1, "passed": True, "fault": None, "rows": 7}
    app = WHOLE["apps"]["bookedbiz"] | {"jobs": {"copy": job}, "drills": {"main": drill}}
    _write(paths, WHOLE | {"apps": {"bookedbiz": app}})
    said = read_status("pi2", paths, NOW).apps["bookedbiz"]
    assert (said.jobs[0].name, said.jobs[0].running, said.jobs[0].error) == ("copy", True, "the store is full")
    assert (said.drills[0].host, said.drills[0].database, said.drills[0].took_s) == ("pi2", "main", 12.1)
    _write(paths, WHOLE)
    said = read_status("pi2", paths, NOW).apps["bookedbiz"]
    assert (said.jobs, said.drills) == ((), ())


def test_what_the_primary_tells_of_its_other_stores_is_read(paths: HostPaths) -> None:
    said = json.loads(json.dumps(WHOLE))
    main = said["apps"]["bookedbiz"]["databases"]["main"]
    main["stores"] = {
        "usb": {"point": main["point"], "error": None, "sending_since": None},
        "cloud": {"point": None, "error": "no route", "sending_since": "2026-11-21T09:11:00.000Z"},
    }
    _write(paths, said)
    stores = read_status("pi2", paths, NOW).apps["bookedbiz"].databases["main"].stores
    assert stores["usb"].point is not None
    assert (stores["usb"].point.seq, stores["usb"].error) == (7, None)
    assert (stores["cloud"].point, stores["cloud"].error) == (None, "no route")
    assert stores["cloud"].sending_since == datetime(2026, 11, 21, 9, 11, tzinfo=UTC)


def test_what_a_loop_reports_of_a_store_reaches_the_status(paths: HostPaths, tmp_path: Path) -> None:
    report = LoopReport(tmp_path, "main")
    report.stores = {"usb": {"point": None, "error": "it is full", "sending_since": None}}
    report.checked(None, NOW, tmp_path / "x.db")
    main = database_status(report_file(tmp_path, "main"))
    _write(paths, {"apps": {"bookedbiz": {"role": "primary", "databases": {"main": main}}}})
    assert read_status("pi2", paths, NOW).apps["bookedbiz"].databases["main"].stores["usb"].error == "it is full"


def test_the_file_of_this_machine_says_nothing_of_another_one() -> None:
    status = parse_status("pi2", json.dumps({"host": "pi-ctv", "at": to_text(NOW)}), NOW, NOW)
    assert (status.state, status.trouble) == (HostState.UNASKED, "another machine, not asked from pi-ctv")
