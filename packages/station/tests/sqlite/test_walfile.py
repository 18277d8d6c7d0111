"""Our write-ahead logs against SQLite's own, both ways round; and logs that were cut or flipped."""

import io
import random
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import DamagedObject
from station.sqlite.scan import scan_database, scan_file
from station.sqlite.walfile import WalReader, WalWriter, salts_for
from station.sqlite.walsum import Checksum

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def log_of(pages: list[tuple[int, bytes]], page_count: int, page_size: int) -> bytes:
    out = io.BytesIO()
    writer = WalWriter(out, page_size, salts_for("000001-pi-x/000001"))
    for number, page in pages:
        writer.add(number, page)
    writer.finish(page_count)
    return out.getvalue()


@given(words=st.binary(min_size=8, max_size=400), state=st.tuples(*[st.integers(0, 2**32 - 1)] * 2))
def test_the_checksum_is_the_one_of_the_format_description(words: bytes, state: tuple[int, int]) -> None:
    words = words[: len(words) // 8 * 8]
    for order, name in (("<", "little"), (">", "big")):
        s0, s1 = state
        for at in range(0, len(words), 8):
            s0 = (s0 + int.from_bytes(words[at : at + 4], name) + s1) % 2**32  # type: ignore[arg-type]
            s1 = (s1 + int.from_bytes(words[at + 4 : at + 8], name) + s0) % 2**32  # type: ignore[arg-type]
        assert Checksum(order).fold(state, words) == (s0, s1)


@quick
@given(
    page_size=st.sampled_from([512, 1024, 4096, 65536]),
    journal=st.sampled_from(["wal", "delete"]),
    seed=st.integers(0, 2**32),
)
def test_sqlite_takes_our_log_over_and_gets_the_same_content(
    tmp_path_factory: pytest.TempPathFactory, page_size: int, journal: str, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("wal")
    live, copy = folder / "live.db", folder / "copy.db"
    rows = random.Random(seed)
    changes: list[tuple[int, bytes]] = []
    with closing(apsw.Connection(str(live))) as app:
        app.execute(
            f"pragma page_size = {page_size}; pragma journal_mode = {journal}; create table t (b blob)"
        ).fetchall()
        app.executemany("insert into t values (?)", [(rows.randbytes(rows.randrange(900)),) for _ in range(60)])
        with closing(apsw.Connection(str(copy))) as target, target.backup("main", app, "main") as backup:
            backup.step(-1)
        known = scan_database(live).hashes
        app.execute("delete from t where rowid % 3 = 0; update t set b = randomblob(700) where rowid % 7 = 1")
        if rows.random() < 0.5:
            app.execute("vacuum")
        page_count: int = app.pragma("page_count")
    pages = scan_database(live, lambda number, page: changes.append((number, page)))
    changed = [(number, page) for number, page in changes if pages.hashes[number * 16 - 16 : number * 16] not in known]
    copy.with_name("copy.db-wal").write_bytes(log_of(changed or changes, page_count, page_size))
    with closing(apsw.Connection(str(copy))) as reader:
        assert reader.execute("pragma integrity_check").fetchall() == [("ok",)]
        busy, frames, taken = reader.execute("pragma wal_checkpoint(full)").fetchall()[0]
        assert (busy, frames) == (0, taken) and taken == len(changed or changes)
    assert scan_file(copy) == pages
    assert copy.stat().st_size == page_count * page_size


@quick
@given(page_size=st.sampled_from([512, 4096, 65536]), commits=st.integers(1, 6))
def test_we_read_the_logs_that_sqlite_writes(
    tmp_path_factory: pytest.TempPathFactory, page_size: int, commits: int
) -> None:
    file = tmp_path_factory.mktemp("wal") / "live.db"
    with closing(apsw.Connection(str(file))) as app:
        app.execute(
            f"pragma page_size = {page_size}; pragma journal_mode = wal; pragma wal_autocheckpoint = 0"
        ).fetchall()
        app.execute("create table t (b blob)")
        for _ in range(commits):
            app.execute("insert into t values (randomblob(3000))")
        page_count: int = app.pragma("page_count")
        frames = list(WalReader(io.BytesIO(Path(f"{file}-wal").read_bytes()), "log"))
        latest = {frame.number: frame.page for frame in frames}
        assert frames[-1].commit_size == page_count
        assert len([frame for frame in frames if frame.commit_size]) >= commits
        assert len(latest) == page_count


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="Debian's package sqlite3 is not installed")
def test_the_sqlite3_program_takes_our_log_over(tmp_path: Path) -> None:
    live, copy = tmp_path / "live.db", tmp_path / "copy.db"
    with closing(sqlite3.connect(live)) as app:
        app.executescript("create table t (a); insert into t values (1);")
        shutil.copy(live, copy)
        app.executescript("insert into t values (2);")
    pages: list[tuple[int, bytes]] = []
    page_count = scan_database(live, lambda number, page: pages.append((number, page))).page_count
    copy.with_name("copy.db-wal").write_bytes(log_of(pages, page_count, 4096))
    answer = subprocess.run(
        ["sqlite3", copy, "select group_concat(a) from t; pragma integrity_check"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["1,2", "ok"]


def test_the_same_pages_make_the_same_log() -> None:
    pages = [(number, bytes([number]) * 512) for number in (2, 3, 1)]
    assert log_of(pages, 3, 512) == log_of(pages, 3, 512)


def test_a_log_without_a_page_is_not_written() -> None:
    with pytest.raises(ValueError, match="without a page"):
        log_of([], 1, 512)


def test_a_log_that_was_cut_anywhere_is_noticed() -> None:
    log = log_of([(number, random.Random(number).randbytes(512)) for number in range(1, 6)], 5, 512)
    for length in range(0, len(log), 61):
        with pytest.raises(DamagedObject, match="the log is damaged"):
            list(WalReader(io.BytesIO(log[:length]), "the log"))
    whole_frames = 32 + 4 * (24 + 512)
    with pytest.raises(DamagedObject, match="no commit follows frame 4"):
        list(WalReader(io.BytesIO(log[:whole_frames]), "the log"))


def test_a_bit_that_was_flipped_anywhere_is_noticed() -> None:
    log = log_of([(number, random.Random(number).randbytes(512)) for number in range(1, 4)], 3, 512)
    for at in range(0, len(log), 7):
        flipped = bytearray(log)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(DamagedObject, match="the log is damaged"):
            list(WalReader(io.BytesIO(bytes(flipped)), "the log"))
