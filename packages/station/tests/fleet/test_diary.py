"""What happened on a host is added to its diary, and told by nobody else's failure."""

import json
from datetime import UTC, datetime

from station.fleet import HostPaths
from station.fleet.diary import note_event

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_an_event_is_one_line_after_those_before(tmp_path):
    paths = HostPaths(tmp_path / "pi2")
    note_event(paths, AT, "pi2", "alert", "the disk is full")
    note_event(paths, AT, "pi2", "deployed", "abc after\nnothing", app="notes")
    first, second = map(json.loads, paths.events.read_text().splitlines())
    assert first == {
        "at": "2026-11-21T08:00:00.000Z",
        "host": "pi2",
        "app": "",
        "event": "alert",
        "text": "the disk is full",
    }
    assert (second["app"], second["text"]) == ("notes", "abc after\nnothing")


def test_a_diary_that_cannot_be_written_stops_nothing(tmp_path):
    paths = HostPaths(tmp_path)
    paths.events.mkdir(parents=True)
    note_event(paths, AT, "pi2", "alert", "the disk is full")
