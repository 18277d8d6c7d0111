"""What a host has beyond its last point is kept, once, and nothing else is."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from station.errors import Busy
from station.points.divergence import divergences, save_divergence
from station.points.restore import restore
from station.sqlite.scan import scan_database, scan_file


def save(bench: Any) -> Any:
    return save_divergence(bench.database, bench.identity, bench.state, "pi-ctv", bench.now)


def unpack(file: Path, target: Path) -> None:
    reader = zstandard.ZstdDecompressor()
    with (
        file.open("rb") as packed,
        reader.stream_reader(packed, read_across_frames=True) as stream,
        target.open("wb") as plain,
    ):
        shutil.copyfileobj(stream, plain)


def test_nothing_beyond_the_last_point_is_no_divergence(bench: Any) -> None:
    bench.take_once()
    bench.sql("update spots set note = note")
    assert save(bench) is None
    assert list(divergences(bench.state)) == []


def test_what_was_written_since_is_kept_as_a_log_that_sqlite_takes_over(bench: Any) -> None:
    point = bench.take_once()
    bench.sql("update spots set note = 'only here' where id = 7")
    bench.add_rows(3)
    found = save(bench)
    assert found.since == point.name and found.pages >= 1 and found.file.name.endswith("-main.wal.zst")
    assert list(divergences(bench.state)) == [found]
    target = bench.folder / "put-together.db"
    restore(bench.store, point, target)
    unpack(found.file, target.with_name(f"{target.name}-wal"))
    assert scan_database(target).digest == scan_database(bench.database).digest == found.digest


def test_the_same_divergence_is_saved_once(bench: Any) -> None:
    bench.take_once()
    bench.add_rows(1)
    found = save(bench)
    bench.now += timedelta(hours=1)
    assert save(bench) == found
    assert len(list(divergences(bench.state))) == 1
    bench.add_rows(1)
    bench.now += timedelta(hours=1)
    assert save(bench) != found
    assert len(list(divergences(bench.state))) == 2


def test_a_database_that_was_never_published_is_kept_whole(bench: Any) -> None:
    found = save(bench)
    assert found.since == "" and found.file.name.endswith("-main.db.zst")
    target = bench.folder / "whole.db"
    unpack(found.file, target)
    assert scan_file(target).digest == found.digest


def test_a_database_with_another_page_size_is_kept_whole(bench: Any) -> None:
    bench.take_once()
    bench.sql("pragma journal_mode = delete; pragma page_size = 1024; vacuum")
    found = save(bench)
    assert found.since == "" and found.page_size == 1024


def test_no_database_is_no_divergence(bench: Any) -> None:
    bench.database.rename(bench.folder / "moved-aside.db")
    assert save(bench) is None


def test_while_points_are_taken_nothing_is_compared(bench: Any) -> None:
    with bench.taker(), pytest.raises(Busy):
        save(bench)
