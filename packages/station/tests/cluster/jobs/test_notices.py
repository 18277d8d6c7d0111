"""What a scheduled run tells a person, and the log file that the manifest asks for."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.cluster.heartbeat import Events
from station.cluster.notices import Kind, Notice, Outcome, RunLog, notify
from station.fleet import Host

AT = datetime(2026, 11, 21, 1, 6, tzinfo=UTC)
DUE = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)


def run(**other) -> Outcome:
    fields = {"outcome": "done", "took_s": 12.34, "bytes": 4096, "text": "copied"} | other
    return Outcome(app="counter", job="copy", host="one", due=DUE, tries=1, **fields)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def log(tmp_path: Path, told: list[str]) -> RunLog:
    return RunLog(tmp_path / "logs" / "counter.log", "Europe/Berlin", told.append)


def lines(tmp_path: Path) -> list[str]:
    return (tmp_path / "logs" / "counter.log").read_text().splitlines()


def test_a_run_is_one_line_with_both_times_job_duration_bytes_and_outcome(log, tmp_path) -> None:
    log.outcome(AT, run())
    assert lines(tmp_path) == [
        "2026-11-21T01:06:00.000Z 2026-11-21T02:06:00+01:00 done app=counter job=copy host=one "
        'due=2026-11-21T01:05:00.000Z tries=1 took_s=12.3 bytes=4096 text="copied"'
    ]


def test_a_reason_of_several_lines_stays_in_one_line(log, tmp_path) -> None:
    log.outcome(AT, run(outcome="failed", bytes=None, text='it said "no"\nand went'))
    assert lines(tmp_path)[0].endswith("""bytes=- text="it said 'no' and went\"""")
    assert len(lines(tmp_path)) == 1


def test_the_log_is_not_for_everybody_and_its_folder_is_made(log, tmp_path) -> None:
    before = os.umask(0)
    try:
        log.outcome(AT, run())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "logs" / "counter.log").stat().st_mode) == 0o640


def test_a_log_that_was_rotated_away_begins_again(log, tmp_path) -> None:
    log.outcome(AT, run())
    file = tmp_path / "logs" / "counter.log"
    file.rename(file.with_suffix(".log.1"))
    log.outcome(AT, run(text="the second"))
    assert len(lines(tmp_path)) == 1
    assert "the second" in lines(tmp_path)[0]


def test_lines_are_added_behind_what_others_wrote(log, tmp_path) -> None:
    log.outcome(AT, run())
    with (tmp_path / "logs" / "counter.log").open("a") as other:
        other.write("another host\n")
    log.outcome(AT, run())
    assert len(lines(tmp_path)) == 3


def test_a_log_that_cannot_be_written_is_told_once_and_stops_nothing(log, tmp_path, told) -> None:
    (tmp_path / "logs").write_text("in the way")
    log.outcome(AT, run())
    log.outcome(AT, run())
    assert len(told) == 1
    assert "counter.log cannot be written: " in told[0]
    (tmp_path / "logs").unlink()
    log.outcome(AT, run())
    assert len(lines(tmp_path)) == 1
    (tmp_path / "logs" / "counter.log").unlink()
    (tmp_path / "logs").rmdir()
    (tmp_path / "logs").write_text("in the way")
    log.outcome(AT, run())
    assert len(told) == 2


def test_a_pipe_that_nobody_reads_does_not_hold_up_the_agent(log, tmp_path, told) -> None:
    (tmp_path / "logs").mkdir()
    os.mkfifo(tmp_path / "logs" / "counter.log")
    log.outcome(AT, run())
    assert len(told) == 1


def test_without_a_log_nothing_is_written(told) -> None:
    RunLog(None, None, told.append).outcome(AT, run())
    assert told == []


def test_a_notice_is_an_event_a_line_in_the_journal_and_one_in_the_log(log, tmp_path, capsys) -> None:
    host = Host("one", tmp_path / "one")
    notice = Notice(Kind.FAILED, "counter", "the portable copy", "one", AT, DUE, 2, "the disk is gone", "mount it")
    notify(notice, Events(host, lambda: AT), log)
    said = capsys.readouterr().err
    assert said == (
        'job failed app=counter job="the portable copy" host=one due=2026-11-21T01:05:00.000Z tries=2 '
        'reason="the disk is gone" to_do="mount it"\n'
    )
    assert lines(tmp_path) == [f"2026-11-21T01:06:00.000Z 2026-11-21T02:06:00+01:00 notice {said.strip()}"]
    assert '"text": "the portable copy failed: the disk is gone (mount it)"' in host.paths.events.read_text()
    assert '"event": "trouble"' in host.paths.events.read_text()
