"""Following a log that fails, is of the other byte order, or is written to between two of our reads."""

import random
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.sqlite.follow import Follower, Moment
from station.sqlite.hashes import Pages
from station.sqlite.livelog import read_generation, read_on, start_of
from station.sqlite.scan import Database, Snapshot, scan_database
from station.sqlite.walfile import FRAME, HEADER, MAGIC_BIG
from station.sqlite.walsum import Checksum

App = Any  # tests/sqlite/conftest.py
Look = Callable[[Database], Moment | None]
PAGE = 4096
FRAME_BYTES = FRAME.size + PAGE


def log_of(file: Path) -> Path:
    return Path(f"{file}-wal")


def test_a_commit_that_failed_after_it_was_written_is_not_followed_further(file: Path, app: App, look: Look) -> None:
    with Database(file) as database:
        look(database)
        append_frame(log_of(file), 2, b"phantom!" * (PAGE // 8))
        with database.reading() as snapshot:
            moment = snapshot.follow()
            assert moment is not None and moment.changed == [2]  # as after a crash, when SQLite would believe it too
        app.write(9, 3)
        assert look(database) is None


@pytest.mark.parametrize("commits", [[1], [-2, 2], [-2, 1]])
def test_commits_that_add_pages_without_writing_them_are_not_followed(
    file: Path, app: App, look: Look, commits: list[int]
) -> None:
    with Database(file) as database:
        look(database)
        for more_pages in commits:
            append_frame(log_of(file), 2, bytes(PAGE), more_pages)
        with database.reading() as snapshot:
            assert snapshot.follow() is None


def append_frame(log: Path, number: int, page: bytes, more_pages: int = 0) -> None:
    """A frame that commits, in the file but not in the index that SQLite's connections share."""
    content = log.read_bytes()
    last = content[-FRAME_BYTES:]
    count = (int.from_bytes(last[4:8], "big") + more_pages).to_bytes(4, "big")
    salts, state = last[8:16], struct.unpack(">II", last[16:24])
    summed = number.to_bytes(4, "big") + count
    fold = Checksum("<").fold
    with log.open("ab") as file:
        file.write(summed + salts + struct.pack(">II", *fold(fold(state, summed), page)) + page)


def test_a_log_of_the_other_byte_order_is_followed(file: Path, app: App, tmp_path: Path, look: Look) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(file.read_bytes())
    log_of(other).write_bytes(in_big_endian(log_of(file).read_bytes()))
    with Database(other) as database, closing(apsw.Connection(str(other))) as big:
        look(database)
        assert big.execute("select count(*) from t").fetchall() == [(300,)]
        big.execute("update t set b = zeroblob(3000) where id between 5 and 9")
        assert log_of(other).read_bytes()[:4] == MAGIC_BIG.to_bytes(4, "big")
        moment = look(database)
        assert moment is not None and len(moment.changed) >= 5


def in_big_endian(log: bytes) -> bytes:
    fold = Checksum(">").fold
    start = MAGIC_BIG.to_bytes(4, "big") + log[4:24]
    state = fold((0, 0), start)
    parts = [start, struct.pack(">II", *state)]
    for at in range(HEADER.size, len(log), FRAME_BYTES):
        page = log[at + FRAME.size : at + FRAME_BYTES]
        state = fold(fold(state, log[at : at + 8]), page)
        parts += [log[at : at + 16], struct.pack(">II", *state), page]
    return b"".join(parts)


class Interrupted:
    """A connection whose reader is interrupted: before its n-th read of a file somebody else writes."""

    def __init__(self, connection: apsw.Connection, countdown: int, interrupt: Callable[[], None]) -> None:
        self._connection = connection
        self._countdown = countdown
        self._interrupt = interrupt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def read(self, *what: Any) -> tuple[bool, bytes]:
        self._countdown -= 1
        if self._countdown == 0:
            self._interrupt()
        return self._connection.read(*what)


@pytest.mark.parametrize("rows", [20, 299])
@pytest.mark.parametrize("checkpointed", [True, False])
@pytest.mark.parametrize("countdown", range(1, 12))
def test_a_writer_may_come_between_any_two_reads(
    file: Path, app: App, checkpointed: bool, rows: int, countdown: int, look: Look
) -> None:
    """If all was checkpointed the writer restarts the log, and overwrites the frames that we are reading."""
    with Database(file) as database:
        with database.reading() as snapshot:
            known: Pages = snapshot.scan()
        app.write(1, 5)
        if checkpointed:
            app.checkpoint("passive")
        before = scan_database(file)
        with database.reading() as snapshot:
            interrupted: Any = Interrupted(snapshot.connection, countdown, lambda: overwrite(app, rows))
            follower = follower_of(snapshot)
            moment = follower.follow(interrupted)
            if moment is not None:
                assert moment.pages in (before, scan_database(file))
                assert moment.changed == moment.pages.differing(known.hashes)
                app.write(1, 50)
                assert len({moment.page(number) for number in moment.changed}) == len(moment.changed) >= 5
                assert snapshot.confirm(moment) is True
        assert moment is not None or (checkpointed and rows == 299)
        look(database)
        app.write(3)
        assert look(database) is not None


def overwrite(app: App, rows: int) -> None:
    """With 299 rows more frames than the log has had."""
    app.write(1, rows)
    app.write(1, rows // 4)


def follower_of(snapshot: Snapshot) -> Follower:
    assert snapshot._follower is not None
    return snapshot._follower


def test_looking_drops_no_lock_of_this_process(file: Path, app: App, look: Look) -> None:
    other = [sys.executable, "-c", TRY_TO_WRITE, str(file)]
    with Database(file) as database:
        look(database)
        app.write(1, 5)
        app.checkpoint("passive")
        app.execute("begin immediate")
        with database.reading() as snapshot:
            assert snapshot.follow() is not None
            assert subprocess.run(other, check=False).returncode == 3
        app.execute("rollback")
        with closing(apsw.Connection(str(file))) as last:
            last.execute("select * from t limit 1").fetchall()
            with database.reading() as snapshot:
                snapshot.follow()
        database.close()
        # while another connection is open here, leaving the log needs its lock
        leave = [sys.executable, "-c", TRY_TO_LEAVE, str(file)]
        assert subprocess.run(leave, check=False).returncode == 3


TRY_TO_WRITE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    database.execute("begin immediate")
except sqlite3.OperationalError:
    sys.exit(3)
"""
TRY_TO_LEAVE = TRY_TO_WRITE.replace("begin immediate", "pragma journal_mode = delete")


def test_random_blocks_of_a_long_log_are_read_alike(file: Path, app: App, look: Look) -> None:
    """More frames than one reading takes: the parts join, whatever lies at their borders."""
    dice = random.Random(1)
    with Database(file) as database:
        look(database)
        for _ in range(6):
            for _ in range(dice.choice([1, 15, 16, 17, 300])):
                app.write(dice.randrange(1, 300), dice.choice([1, 1, 3]))
            assert look(database) is not None


def test_a_bit_that_was_flipped_ends_what_is_read_of_a_log(file: Path, app: App) -> None:
    app.checkpoint()
    app.write(1, 3)
    log = log_of(file).read_bytes()[: HEADER.size + 3 * FRAME_BYTES]
    assert read_whole(log) == 3
    for at in [*range(HEADER.size), *range(HEADER.size + 2 * FRAME_BYTES, len(log), 1)]:
        if 7 < at % FRAME_BYTES - HEADER.size < 24 or not at % 31:
            flipped = bytearray(log)
            flipped[at] ^= 1 << at % 8
            assert read_whole(bytes(flipped)) == (2 if at >= HEADER.size else None), at


def read_whole(log: bytes) -> int | None:
    def read(offset: int, amount: int) -> bytes:
        return log[offset : offset + amount].ljust(amount, b"\0")

    generation = read_generation(read)
    return read_on(read, start_of(generation)).end.frame if generation else None
