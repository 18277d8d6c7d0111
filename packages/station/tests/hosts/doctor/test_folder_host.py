"""What can be seen of a folder host too: its agent's word, its databases, its disk."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from station.cli.doctor import summary
from station.cli.shapes import SHAPES
from station.clock import to_text, utc_now
from station.hosts.doctor.check import Verdict
from station.hosts.doctor.checks import chosen
from station.hosts.doctor.examine import examine
from station.hosts.doctor.here import here

NOW = utc_now()
POINT = {"taken_at": to_text(NOW - timedelta(seconds=5))}
PRIMARY = {
    "role": "primary",
    "lease": {"epoch": 3, "holder": "pi1"},
    "lease_error": None,
    "databases": {"main": {"point": POINT, "checked_at": to_text(NOW), "error": None}},
    "divergence": [],
    "jobs": {"copy": {"error": None, "at": None, "next_at": to_text(NOW)}},
}
STANDBY = PRIMARY | {
    "role": "standby",
    "lease": {"epoch": 3, "holder": "pi2"},
    "databases": {"main": {"point": POINT, "checked_at": to_text(NOW), "proved_at": to_text(NOW), "error": None}},
}


@pytest.fixture
def pi1(machines):
    """The fleet and the host pi1, a folder with a sound database in it."""
    fleet = machines(folders=True)
    host = fleet.hosts["pi1"]
    file = host.paths.database("notes", fleet.apps["notes"].databases["main"])
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, text TEXT)")
        db.execute("CREATE TABLE two (one INTEGER REFERENCES one)")
        db.executemany("INSERT INTO one (text) VALUES (?)", [("x" * 500,)] * 200)
        db.commit()
    return fleet, host, file


@pytest.fixture
def verdict(pi1):
    """What one check says, with what the agent tells."""
    fleet, host, _ = pi1

    def asked(check: str, app: dict | None = None, *, old_s: float = 0) -> tuple[str, str]:
        if app is not None:
            host.paths.status_file.parent.mkdir(parents=True, exist_ok=True)
            at = to_text(NOW - timedelta(seconds=old_s))
            host.paths.status_file.write_text(json.dumps({"host": "pi1", "at": at, "apps": {"notes": app}}))
        looked_at = here(fleet, host, NOW, is_root=True)
        found = examine(looked_at, chosen(only=[check]), lambda name, done, total: None).findings
        return (found[0].verdict.value, found[0].evidence) if found else ("nothing", "")

    return asked


def without(said: dict, database: dict) -> dict:
    return said | {"databases": {"main": said["databases"]["main"] | database}}


LONG_AGO = to_text(NOW - timedelta(hours=2))


@pytest.mark.parametrize(
    ("check", "app", "expected"),
    [
        ("agent", PRIMARY, "ok"),
        ("lease", PRIMARY, "ok"),
        ("lease", PRIMARY | {"lease_error": "the store is gone"}, "failed"),
        ("lease", PRIMARY | {"lease": {"epoch": 4, "holder": "pi2"}}, "failed"),
        ("lease", STANDBY, "ok"),
        ("lease", PRIMARY | {"lease": None}, "unknown"),
        ("restore points", PRIMARY, "ok"),
        ("restore points", without(PRIMARY, {"error": "no room"}), "failed"),
        ("restore points", without(PRIMARY, {"checked_at": LONG_AGO}), "failed"),
        ("restore points", without(PRIMARY, {"checked_at": None}), "failed"),
        ("restore points", without(PRIMARY, {"point": None}), "failed"),
        ("restore points", STANDBY, "nothing"),
        ("mirror", STANDBY, "ok"),
        ("mirror", without(STANDBY, {"error": "damaged"}), "failed"),
        ("mirror", without(STANDBY, {"checked_at": LONG_AGO}), "failed"),
        ("mirror", without(STANDBY, {"proved_at": LONG_AGO}), "warning"),
        ("mirror", without(STANDBY, {"point": None}), "failed"),
        ("mirror", PRIMARY, "nothing"),
        ("divergence", PRIMARY, "ok"),
        ("divergence", PRIMARY | {"divergence": [{"pages": 3, "database": "main", "file": "x"}]}, "warning"),
        ("jobs", PRIMARY, "ok"),
        ("jobs", PRIMARY | {"jobs": {"copy": {"error": "no room"}}}, "failed"),
        ("answers", PRIMARY, "failed"),  # nobody listens there
        ("answers", STANDBY, "ok"),
    ],
)
def test_what_the_agent_tells_is_judged(verdict, check: str, app: dict, expected: str) -> None:
    assert verdict(check, app)[0] == expected


def test_the_disk_below_the_folder_is_looked_at(verdict) -> None:
    """How full this machine is, is its own affair."""
    judged, said = verdict("disk", PRIMARY)
    assert judged in ("ok", "warning", "failed")
    assert " free, " in said


def test_an_agent_that_fell_silent_is_noticed_and_its_last_word_is_not_believed(verdict) -> None:
    assert verdict("agent", PRIMARY, old_s=11)[0] == "failed"
    assert verdict("lease", PRIMARY, old_s=11) == ("unknown", "the agent says nothing of it")


def test_an_agent_that_never_spoke_is_noticed(verdict) -> None:
    assert verdict("agent")[0] == "failed"


def test_what_json_shows_has_the_keys_that_are_documented(pi1) -> None:
    fleet, host, _ = pi1
    shown = summary(examine(here(fleet, host, NOW, is_root=True), chosen(), lambda name, done, total: None))
    (shape,) = SHAPES["doctor"]["hosts"]
    assert shown.keys() == shape.keys()
    assert {key for each in shown["findings"] for key in each} == shape["findings"][0].keys()


def test_a_sound_database_opens_and_is_whole(verdict) -> None:
    assert verdict("database opens")[1].endswith("2 tables, with a write-ahead log")
    assert verdict("database whole") == ("ok", "whole, and every reference leads to a row")


def test_a_database_without_a_write_ahead_log_is_told(pi1, verdict) -> None:
    with closing(sqlite3.connect(pi1[2])) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    assert verdict("database opens")[0] == "warning"


def test_a_damaged_database_is_noticed(pi1, verdict) -> None:
    content = bytearray(pi1[2].read_bytes())
    content[4096 * 5 : 4096 * 5 + 200] = b"\xff" * 200
    pi1[2].write_bytes(content)
    told, evidence = verdict("database whole")
    assert (told, evidence.startswith("SQLite says: ")) == ("failed", True)


def test_a_row_that_refers_to_no_row_is_noticed(pi1, verdict) -> None:
    with closing(sqlite3.connect(pi1[2])) as db:
        db.execute("INSERT INTO two (one) VALUES (999)")
        db.commit()
    assert verdict("database whole") == ("failed", "1 rows refer to rows that are not there")


def test_a_primary_without_its_database_is_noticed(pi1, verdict) -> None:
    pi1[2].unlink()
    assert verdict("database opens", PRIMARY)[0] == "failed"
    assert verdict("database opens", STANDBY)[0] == "nothing"


def test_looking_at_a_database_writes_nothing(pi1, verdict) -> None:
    before = {path.name: path.read_bytes() for path in pi1[2].parent.iterdir()}
    assert verdict("database whole")[0] == Verdict.OK.value
    after = {path.name: path.read_bytes() for path in pi1[2].parent.iterdir()}
    assert after[pi1[2].name] == before[pi1[2].name]


def test_a_file_that_is_no_database_is_noticed(pi1, verdict) -> None:
    pi1[2].write_text("no database at all, but a text that is long enough to be looked at" * 20)
    told, evidence = verdict("database opens")
    assert (told, "cannot open" in evidence, "not a database" in evidence) == ("failed", True, True)
