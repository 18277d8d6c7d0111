"""Histories by the dice: after every look the pages that were followed are those that a full scan finds."""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.sqlite.hashes import Pages
from station.sqlite.scan import Database, Snapshot, check_integrity, scan_database, scan_file

Answers = Counter[str]
WRITER = Path(__file__).with_name("follow_writer.py")


def compare(snapshot: Snapshot, path: Path, known: Pages | None, answers: Answers) -> Pages:
    """Follow, and compare with what a connection of its own scans. Nothing is committed in between."""
    moment = snapshot.follow()
    if moment is None:
        answers["scanned"] += 1
        return snapshot.scan()
    answers["followed"] += 1
    truth = scan_database(path)
    assert moment.pages == truth
    assert (
        moment.pages.digest == Pages(truth.page_size, truth.hashes).digest
    )  # which was brought up, and is summed here
    assert known is None or moment.changed == truth.differing(known.hashes)
    pages = [moment.page(number) for number in moment.changed]
    assert {len(page) for page in pages} <= {truth.page_size}
    return moment.pages


def live_through(writers: Any, dice: random.Random, steps: int, answers: Answers) -> None:
    """A history: the writers do something, and we look, sometimes after a long gap or with another connection."""
    known: Pages | None = None
    try:
        with Database(writers.path) as database:
            for _ in range(steps):
                match dice.choices(["go on", "leave", "replace", "close"], [96, 1, 1, 2])[0]:
                    case "leave":
                        database.close()
                        writers.leave_wal_and_return()
                    case "replace":
                        writers.replace()
                    case "close":
                        database.close()
                for _ in range(dice.choice([0, 1, 1, 3, 3, 10, 30])):
                    writers.do_something()
                with database.reading() as snapshot:
                    known = compare(snapshot, writers.path, known, answers)
    finally:
        writers.close()


def test_what_is_followed_is_what_a_scan_finds(writers: Callable[..., Any]) -> None:
    answers: Answers = Counter()
    for seed in range(60):
        dice = random.Random(f"looks {seed}")
        live_through(writers(random.Random(seed)), dice, dice.choice([15, 30, 60]), answers)
    assert answers["followed"] > 2 * answers["scanned"] and answers["followed"] > 1000


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(dice=st.randoms(use_true_random=False))
def test_no_short_history_is_followed_wrongly(writers: Callable[..., Any], dice: random.Random) -> None:
    live_through(writers(dice), dice, 6, Counter())


def test_an_app_at_its_usual_pace_never_makes_us_scan_again(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    dice = random.Random(5)
    with closing(apsw.Connection(str(path))) as app, Database(path) as database:
        app.execute(
            "pragma journal_mode = wal; pragma synchronous = off; create table t (id integer primary key, b)"
        ).fetchall()
        app.execute("create index i on t (b)")
        with app:
            app.executemany("insert into t (b) values (?)", [(dice.randbytes(60),) for _ in range(20_000)])
        app.pragma("wal_autocheckpoint", 1000)
        restarts, salts = 0, b""
        answers: Answers = Counter()
        known: Pages | None = None
        for _ in range(40):
            for _ in range(100):  # 50 commits a second, a look every 2 s
                app.execute("update t set b = ? where id = ?", (dice.randbytes(60), dice.randrange(1, 20_001)))
            with database.reading() as snapshot:
                known = compare(snapshot, path, known, answers)
            found = Path(f"{path}-wal").read_bytes()[16:24]
            restarts, salts = restarts + (found != salts), found
    assert restarts > 10
    assert answers == {"scanned": 1, "followed": 39}


@pytest.fixture
def processes() -> Iterator[Callable[[Path], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start(path: Path) -> subprocess.Popen[bytes]:
        seed = str(len(started))
        started.append(subprocess.Popen([sys.executable, WRITER, path, seed, "40"], stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_copy_kept_up_by_following_is_whole_while_writers_are_killed(
    tmp_path: Path, processes: Callable[[Path], subprocess.Popen[bytes]]
) -> None:
    live, copy = tmp_path / "live.db", tmp_path / "copy.db"
    with closing(apsw.Connection(str(live))) as first:
        first.execute(
            "pragma journal_mode = wal; pragma auto_vacuum = 1; create table accounts (id integer primary key, cents)"
        ).fetchall()
        first.execute("create table moves (id integer primary key, note); create index n on moves (note)")
        first.executemany("insert into accounts (cents) values (?)", [(100,)] * 200)
    running = [processes(live) for _ in range(3)]
    answers: Answers = Counter()
    until = time.monotonic() + 4
    with Database(live) as database, copy.open("wb") as file:
        while time.monotonic() < until:
            with database.reading() as snapshot:
                pages = keep_up(snapshot, file, answers)
            file.truncate(pages.page_count * pages.page_size)
            file.flush()
            shutil.copy(copy, tmp_path / "checked.db")
            assert scan_file(tmp_path / "checked.db") == pages
            assert check_integrity(tmp_path / "checked.db") is None
            with closing(
                apsw.Connection(f"file:{copy}?immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
            ) as reader:
                assert reader.execute("select sum(cents), count(*) from accounts").fetchall() == [(20_000, 200)]
            if sum(answers.values()) % 10 == 0:
                victim = running.pop(0)
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                running.append(processes(live))
            time.sleep(0.02)
    assert answers["followed"] > 2 * answers["scanned"]
    assert answers["changed"] > 100 and answers["wrong"] == 0


def keep_up(snapshot: Snapshot, file: Any, answers: Answers) -> Pages:
    def write(number: int, page: bytes) -> None:
        file.seek((number - 1) * len(page))
        file.write(page)

    moment = snapshot.follow()
    if moment is None:
        answers["scanned"] += 1
        return snapshot.scan(write)
    answers["followed"] += 1
    answers["changed"] += len(moment.changed)
    answers["wrong"] += snapshot.confirm(moment) is False
    for number in moment.changed:
        write(number, moment.page(number))
    return moment.pages
