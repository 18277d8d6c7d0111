"""A camera that lost its counter is heard again, with or without a clock; what it sent before stays what it was."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pivision.database import open_durable, prepare
from pivision.datafolder import DataFolder
from pivision.devices import access, registry
from pivision.devices.audit import By
from pivision.ingest.committing import Committer
from pivision.ingest.frames import Frame, Heard, Stored
from pivision.ingest.limits import Limits
from pivision.ingest.meta import Meta
from pivision.ingest.meter import Meter
from pivision.ingest.refusals import Refusal
from pivision.ingest.statements import SQL
from station_kit.statements import compile_errors


class Server:
    """The part that stores, with a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.folder = DataFolder(folder)
        self.folder.make()
        prepare(folder / "pivision.db")
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
        self.meter = Meter()
        self.committer = Committer(folder / "pivision.db", self.folder, Limits(), self.meter, lambda: self.now)
        self.db = open_durable(folder / "pivision.db")
        by = By("test", self.now)
        registry.add(self.db, "gate", "", by)
        key = access.enroll(self.db, "gate", access.make_code(self.db, "gate", by).reveal(), self.now).reveal()
        caller = access.authenticate(self.db, key, self.now)
        assert caller is not None
        self.caller = caller

    def frame(self, seq: int, content: str, *, boot: str | None = None, taken_s: float | None = None) -> Frame:
        taken = None if taken_s is None else datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=taken_s)
        meta = Meta("gate", seq, boot, taken, None, None, None, None, None)
        return Frame(self.caller, meta, 4, 4, content.encode().ljust(32), content.encode())

    def send(self, *frames: Frame | Heard) -> list[object]:
        return list(self.committer.commit(frames))

    def runs(self) -> list[tuple[str, int]]:
        return [tuple(row) for row in self.db.execute("SELECT boot_id, seq FROM capture ORDER BY id")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.committer.close()
    made.db.close()


def is_taken(result: object) -> bool:
    return isinstance(result, Refusal) and result.status == 409


def test_every_statement_runs_on_the_schema(server: Server) -> None:
    assert compile_errors(server.db, SQL) == []


def test_a_lower_number_with_a_newer_picture_begins_a_new_run(server: Server) -> None:
    server.send(server.frame(1, "a", taken_s=1))
    server.send(server.frame(50, "b", taken_s=50))
    server.send(server.frame(1, "c", taken_s=60))
    server.send(server.frame(2, "d", taken_s=61))
    assert server.runs() == [("", 1), ("", 50), ("~000001", 1), ("~000001", 2)]


def test_a_camera_that_loses_its_counter_again_begins_another_run(server: Server) -> None:
    for turn in range(12):
        server.send(server.frame(1, f"a{turn}", taken_s=turn * 10))
    assert server.runs()[-1] == ("~000011", 1)


def test_a_picture_that_was_late_stays_in_its_run(server: Server) -> None:
    server.send(server.frame(5, "b", taken_s=50))
    server.send(server.frame(4, "a", taken_s=40))
    assert server.runs() == [("", 5), ("", 4)]


def test_the_same_picture_of_the_run_before_is_known(server: Server) -> None:
    server.send(server.frame(9, "a", taken_s=1))
    server.send(server.frame(1, "b", taken_s=60))
    (again,) = server.send(server.frame(9, "a", taken_s=1))
    assert again == Stored(1, server.now, duplicate=True)


def test_without_clock_another_picture_at_once_is_refused_and_later_begins_a_run(server: Server) -> None:
    server.send(server.frame(1, "a"))
    assert is_taken(server.send(server.frame(1, "b"))[0])
    server.now += timedelta(seconds=61)
    assert isinstance(server.send(server.frame(1, "b"))[0], Stored)
    assert server.runs() == [("", 1), ("~000001", 1)]


def test_a_camera_whose_clock_and_counter_went_back_is_heard_again(server: Server) -> None:
    server.send(server.frame(1, "a", taken_s=5000))
    assert is_taken(server.send(server.frame(1, "b", taken_s=10))[0])
    server.now += timedelta(seconds=601)
    assert isinstance(server.send(server.frame(1, "b", taken_s=10))[0], Stored)


def test_a_camera_that_names_its_runs_is_taken_by_its_word(server: Server) -> None:
    server.send(server.frame(1, "a", boot="x", taken_s=1))
    server.now += timedelta(days=1)
    assert is_taken(server.send(server.frame(1, "b", boot="x", taken_s=99))[0])
    assert server.runs() == [("x", 1)]


def test_in_one_group_the_same_picture_twice_is_stored_once(server: Server) -> None:
    first, again, other = server.send(server.frame(1, "a"), server.frame(1, "a"), server.frame(1, "b"))
    assert isinstance(first, Stored) and not first.duplicate
    assert again == replace(first, duplicate=True)
    assert is_taken(other)


def test_what_a_heartbeat_leaves_out_stays(server: Server) -> None:
    server.send(Heard(server.caller, {"rssi": -60, "fw_version": "1.0"}))
    server.send(Heard(server.caller, {"rssi": -70}, clock_at=server.now + timedelta(seconds=3)))
    row = server.db.execute("SELECT rssi, fw_version, clock_offset_s, last_frame_at FROM device").fetchone()
    assert tuple(row) == (-70, "1.0", 3.0, None)


def test_in_one_group_nothing_that_a_device_told_is_missed(server: Server) -> None:
    fetched, beat = Heard(server.caller, config_version=0), Heard(server.caller, {"rssi": -70})
    server.send(fetched, server.frame(1, "a"), beat)
    row = server.db.execute("SELECT config_seen, rssi, last_frame_at IS NOT NULL FROM device").fetchone()
    assert tuple(row) == (0, -70, 1)


def test_minutes_are_rolled_up_and_old_ones_go(server: Server) -> None:
    for _ in range(2):
        server.meter.add("/x", "ok", 0.5, 10, server.now)
    with server.db as db:
        assert server.meter.roll_up(db, server.now) == 0
        assert server.meter.roll_up(db, server.now + timedelta(minutes=1)) == 1
    rows = "SELECT minute, requests, total_ms, slowest_ms, bytes FROM ingest_minute"
    assert [tuple(row) for row in server.db.execute(rows)] == [("2026-11-21T09:00Z", 2, 1000.0, 500.0, 20)]
    server.meter.add("/x", "ok", 0.5, 10, server.now + timedelta(days=31))
    server.meter.roll_up(server.db, server.now + timedelta(days=31, minutes=1))
    assert [row["minute"] for row in server.db.execute(rows)] == ["2026-12-22T09:00Z"]


def test_a_segment_is_closed_when_it_is_large(server: Server) -> None:
    server.committer._limits = replace(Limits(), segment_bytes=10)  # the writer's own, nothing else reads it
    server.send(server.frame(1, "0123456789"))
    server.send(server.frame(2, "abc"))
    server.committer.duties()
    rows = server.db.execute("SELECT closed_at IS NOT NULL, bytes FROM segment ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [(1, 10), (0, 0)]


def test_a_commit_that_fails_leaves_no_bytes_and_no_rows(server: Server) -> None:
    server.send(server.frame(1, "abc"))
    server.db.execute("CREATE TRIGGER no BEFORE INSERT ON job BEGIN SELECT RAISE(ABORT, 'no'); END")
    (refused,) = server.send(server.frame(2, "much longer"))
    assert isinstance(refused, Refusal) and (refused.status, refused.code) == (503, "storage_failed")
    server.db.execute("DROP TRIGGER no")
    server.send(server.frame(2, "xyz!"))
    (file,) = server.folder.segments.glob("*/*.seg")
    assert file.read_bytes() == b"abcxyz!"
    assert server.runs() == [("", 1), ("", 2)]


def test_when_the_pictures_do_not_reach_the_disk_their_rows_go_again(server: Server) -> None:
    server.send(server.frame(1, "abc"))
    segment = server.committer._segment
    assert segment is not None
    good, segment.fd = segment.fd, os.open("/dev/null", os.O_WRONLY)  # takes all bytes and cannot be synced
    (refused,) = server.send(server.frame(2, "def"))
    os.close(good)
    assert isinstance(refused, Refusal) and refused.status == 503
    assert server.runs() == [("", 1)]
    assert isinstance(server.send(server.frame(2, "def"))[0], Stored)
    assert server.db.execute("SELECT count(*) FROM job").fetchone()[0] == 2
