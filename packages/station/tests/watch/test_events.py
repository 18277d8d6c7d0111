"""The diary of the hosts: its newest lines, whatever state the file is in."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from station.clock import to_text
from station.watch.events import TAIL_BYTES, recent_events

START = datetime(2026, 11, 21, tzinfo=UTC)


def _line(second: int, text: str, host: str = "pi2") -> str:
    at = to_text(START + timedelta(seconds=second))
    return json.dumps({"at": at, "host": host, "app": "bookedbiz", "event": "promoted", "text": text}) + "\n"


def test_events_of_all_hosts_come_newest_first(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_text(_line(1, "a") + _line(3, "c"))
    two.write_text(_line(2, "b", "pi-ctv"))
    assert [(event.text, event.host) for event in recent_events([one, two], 2)] == [("c", "pi2"), ("b", "pi-ctv")]


def test_a_missing_file_has_no_events(tmp_path: Path) -> None:
    assert recent_events([tmp_path / "none.jsonl"], 5) == []


def test_a_line_that_is_being_written_or_is_torn_is_left_out(tmp_path: Path) -> None:
    diary = tmp_path / "events.jsonl"
    diary.write_text(_line(1, "a") + "torn\n" + _line(2, "b") + _line(3, "c")[:-10])
    assert [event.text for event in recent_events([diary], 5)] == ["b", "a"]


def test_only_the_end_of_a_long_diary_is_read(tmp_path: Path) -> None:
    diary = tmp_path / "events.jsonl"
    diary.write_text("".join(_line(second, "x" * 200) for second in range(2000)))
    found = recent_events([diary], 5000)
    assert found[0].at == START + timedelta(seconds=1999)
    assert len(found) * 300 < TAIL_BYTES + 300
