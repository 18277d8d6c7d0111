"""Alerts: told once, written down every time, and never a reason to fail."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.fleet import HostPaths
from station.hosts.alerts import alert, alerts_file, recent_alerts

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> HostPaths:
    (tmp_path / "etc/station").mkdir(parents=True)
    (tmp_path / "etc/station/host").write_text("pi-ctv\n")
    return HostPaths(tmp_path, is_machine=True)


def _event_texts(paths: HostPaths) -> list[str]:
    return [json.loads(line)["text"] for line in paths.events.read_text().splitlines()]


def test_an_alert_is_in_the_file_in_the_hosts_events_and_in_the_journal(
    paths: HostPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    alert(paths, "notes", "notes-web.service failed: it ended with 1\n    boom", NOW, to_do="See it", unit="a.service")
    assert recent_alerts(paths)[0].text.endswith("boom")
    event = json.loads(paths.events.read_text())
    assert event["host"] == "pi-ctv"
    assert event["app"] == "notes"
    assert event["text"] == "notes-web.service failed: it ended with 1"
    assert capsys.readouterr().err.splitlines() == [
        "<3>notes: notes-web.service failed: it ended with 1",
        "<3>    boom",
        "<3>What to do: See it",
    ]


def test_an_alert_about_the_host_is_no_event_of_an_app(paths: HostPaths) -> None:
    alert(paths, "pi-ctv", "the disk is full", NOW)
    assert json.loads(paths.events.read_text())["app"] == ""


def test_the_same_unit_is_told_of_once_an_hour_and_then_with_what_was_between(paths: HostPaths) -> None:
    for minutes in (0, 10, 20, 59, 61):
        alert(paths, "notes", f"failed, {minutes}", NOW + timedelta(minutes=minutes), unit="notes-web.service")
    assert _event_texts(paths) == ["failed, 0", "failed, 61 (3 more since it was told last)"]
    assert [one.told for one in recent_alerts(paths)] == [True, False, False, False, True]


def test_another_unit_is_told_of_at_once(paths: HostPaths) -> None:
    for unit in ("notes-web.service", "notes-worker.service"):
        alert(paths, "notes", "failed", NOW, unit=unit)
    assert len(_event_texts(paths)) == 2


def test_without_a_unit_another_text_is_another_alert(paths: HostPaths) -> None:
    for text in ("the disk is full", "the clock is wrong", "the disk is full"):
        alert(paths, "pi-ctv", text, NOW)
    assert _event_texts(paths) == ["the disk is full", "the clock is wrong"]


def test_a_torn_line_hides_nothing(paths: HostPaths) -> None:
    alert(paths, "notes", "failed", NOW, unit="a.service")
    with alerts_file(paths).open("a") as stream:
        stream.write('{"at": "2026\n')
    alert(paths, "notes", "failed", NOW, unit="a.service")
    assert len(_event_texts(paths)) == 1


def test_an_alert_that_cannot_be_written_down_is_told_all_the_same(
    paths: HostPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    (paths.root / "var").write_text("no folder")
    alert(paths, "notes", "failed", NOW)
    assert capsys.readouterr().err == "<3>notes: failed\n"
