"""How far a replica is behind, from Litestream's figures, and which engine is the fresher one. Pure."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.clock import to_text
from station.cluster.litestream import (
    Figures,
    Position,
    Progress,
    figures,
    last_piece,
    read_position,
    replica_status,
    report,
)
from station.cluster.litestream_restore import Own, Replica, freshest
from station.errors import NoSuchPoint
from station.fleet import Litestream

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WANTED = Litestream("disk", "litestream", 1.0, 60.0)
SAID = """# HELP litestream_shadow_wal_size Current shadow WAL size, in bytes
litestream_replica_wal_index{db="/srv/a.db",name="station"} 3
litestream_replica_wal_offset{db="/srv/a.db",name="station"} 2.0632e+04
litestream_shadow_wal_index{db="/srv/a.db"} 3
litestream_shadow_wal_size{db="/srv/a.db"} 24752
litestream_sync_count{db="/srv/a.db"} 41
litestream_sync_error_count{db="/srv/a.db"} 2
litestream_shadow_wal_size{db="/srv/b.db"} 1
"""


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seen(read: int, shipped: int, looks: int, index: int = 0) -> Figures:
    return Figures(Position("aa", index, read), Position("aa", index, shipped), looks, 0)


def newest(*looks: tuple[float, Figures]) -> datetime | None:
    progress = Progress()
    for at, found in looks:
        progress.look(found, after(at))
    return progress.newest


def test_the_figures_of_one_database_are_found_among_all() -> None:
    read, shipped, known = Position("aa", 3, 24752), Position("aa", 3, 20632), Position("aa", 1, 5)
    assert figures(SAID, Path("/srv/a.db"), read, known) == Figures(read, shipped, 41, 2)
    assert figures(SAID, Path("/srv/b.db"), read, known) is None
    assert figures("", Path("/srv/a.db"), read, known) is None


def test_a_litestream_that_has_shipped_nothing_yet_is_where_it_was_known_to_be() -> None:
    said = SAID.replace("litestream_replica_wal", "other")
    read, known = Position("aa", 3, 24752), Position("aa", 1, 5)
    assert figures(said, Path("/srv/a.db"), read, known) == Figures(read, known, 41, 2, told=False)


def test_how_far_it_has_read_is_in_its_notes(tmp_path: Path) -> None:
    assert read_position(tmp_path) is None
    (tmp_path / "generation").write_text("bb\n")
    assert read_position(tmp_path) is None
    folder = tmp_path / "generations" / "bb" / "wal"
    folder.mkdir(parents=True)
    assert read_position(tmp_path) is None
    (folder / "00000009.wal").write_bytes(b"x" * 50)
    (folder / "0000000a.wal").write_bytes(b"x" * 20)
    assert read_position(tmp_path) == Position("bb", 10, 20)


def test_the_last_piece_of_a_listing() -> None:
    listing = (
        "replica  generation        index  offset  size  created\n"
        "station  dd5ac93acd9d4d7e  0      20632   100   2026-11-21T06:04:48Z\n"
        "station  dd5ac93acd9d4d7e  a      0       119   2026-11-21T06:31:38Z\n"
        "station  dd5ac93acd9d4d7e  9      8240    119   2026-11-21T06:31:38Z\n"
    )
    assert last_piece(listing) == Position("dd5ac93acd9d4d7e", 10, 0)
    assert last_piece(listing.partition("\n")[0]) is None


def test_a_moment_counts_when_the_log_was_gone_over_twice_since_and_all_of_it_is_shipped() -> None:
    assert newest((0, seen(100, 100, 5)), (1, seen(100, 100, 6))) is None
    assert newest((0, seen(100, 100, 5)), (2, seen(100, 100, 7))) == after(0)
    assert newest((0, seen(100, 100, 5)), (2, seen(200, 100, 7))) is None
    assert newest((0, seen(100, 100, 5)), (2, seen(200, 100, 7)), (3, seen(300, 200, 8))) == after(0)


def test_under_steady_writes_it_goes_on_though_the_replica_is_never_level() -> None:
    looks = [(float(second), seen(100 * second, 100 * (second - 1), second)) for second in range(1, 30)]
    assert newest(*looks) == after(26)


def test_a_litestream_that_does_not_look_any_more_is_behind_though_it_is_level() -> None:
    looks = [(float(second), seen(100, 100, min(second, 5))) for second in range(1, 30)]
    assert newest(*looks) == after(3)


def test_a_generation_that_begins_anew_is_not_taken_for_shipped() -> None:
    before = [(float(second), seen(900, 900, second, index=4)) for second in range(5)]
    begun, old = Position("bb", 0, 50), Position("bb", 4, 900)  # its figures do not name the generation
    anew = [(float(second), Figures(begun, old, second, 0)) for second in range(5, 9)]
    assert newest(*before, *anew) == after(2)
    shipped = (10.0, Figures(begun, begun, 10, 0))
    assert newest(*before, *anew, shipped) == after(8)


def test_what_was_known_of_another_generation_is_no_sign_that_this_one_is_shipped() -> None:
    read, known = Position("bb", 0, 50), Position("aa", 0, 50)
    looks = [(float(second), Figures(read, known, second, 0, told=False)) for second in range(9)]
    assert newest(*looks) is None


def test_a_replica_that_is_far_behind_does_not_fill_the_memory() -> None:
    progress = Progress()
    for second in range(5000):
        progress.look(seen(100 + second, 100, second), after(second))
    assert len(progress._marks) <= 600
    progress.look(seen(9000, 9000, 5001), after(5001))
    assert progress.newest is not None and progress.newest > after(4900)


@pytest.fixture
def told(tmp_path: Path):
    def tell(newest_s: float | None, error: str | None = None, at_s: float = 99, since_s: float = 0) -> Path:
        moment = None if newest_s is None else after(newest_s)
        (tmp_path / "report.json").write_text(json.dumps(report(moment, error, None, (after(since_s), after(at_s)))))
        return tmp_path / "report.json"

    return tell


def test_a_replica_is_behind_only_when_something_was_written_since(told) -> None:
    still = replica_status(told(50), WANTED, after(40), after(100))
    assert still == {"lag_s": 0.0, "newest": to_text(after(50)), "error": None}
    assert replica_status(told(50), WANTED, after(51), after(100))["lag_s"] == 50.0


def test_a_replica_that_is_late_is_a_trouble(told) -> None:
    found = replica_status(told(39), WANTED, after(98), after(100))
    assert found["error"] == "Litestream's replica is 61 s behind (late after 60 s)"
    assert replica_status(told(41), WANTED, after(98), after(100))["error"] is None


def test_a_replica_that_never_came_is_late_too(told) -> None:
    assert replica_status(told(None, since_s=50), WANTED, after(10), after(100))["error"] is None
    found = replica_status(told(None, since_s=30), WANTED, after(10), after(100))
    assert found["lag_s"] is None
    assert "70 s behind" in found["error"]


def test_a_watcher_that_is_silent_and_what_it_said_last_are_told(told) -> None:
    assert "said nothing for 50 s" in replica_status(told(50, at_s=50), WANTED, after(40), after(100))["error"]
    assert replica_status(told(50, "no program"), WANTED, after(40), after(100))["error"] == "no program"


def test_without_a_report_nothing_is_known(tmp_path: Path) -> None:
    found = replica_status(tmp_path / "none.json", WANTED, NOON, NOON)
    assert found == {"lag_s": None, "newest": None, "error": None}


@pytest.mark.parametrize(
    ("own", "replica", "lease", "engine"),
    [
        (Own(2, after(0)), Replica(2, after(10)), 2, "litestream"),
        (Own(2, after(0)), Replica(2, after(3)), 2, "own"),  # the replica's moment is when it was shipped
        (Own(2, after(10)), Replica(2, after(0)), 2, "own"),
        (Own(2, after(0)), Replica(1, after(99)), 2, "own"),  # an old primary wrote on
        (Own(1, after(0)), Replica(1, after(99)), 2, "own"),  # and there is no point of the new one yet
        (Own(1, after(99)), Replica(2, after(0)), 2, "litestream"),
        (Own(1, after(0)), Replica(1, after(99)), 0, "litestream"),  # the lease cannot be read
        (None, Replica(1, after(0)), 2, "litestream"),
        (Own(1, after(0)), Replica(1, None), 1, "own"),
        (Own(1, after(0)), None, 1, "own"),
    ],
)
def test_which_engine_is_the_fresher_one(own, replica, lease: int, engine: str) -> None:
    choice = freshest(own, replica, lease, WANTED)
    assert choice.engine == engine
    assert choice.why


def test_nothing_at_all_is_no_choice() -> None:
    with pytest.raises(NoSuchPoint):
        freshest(None, None, 1, WANTED)
