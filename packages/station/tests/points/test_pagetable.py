"""The table of page hashes: what was saved is what is loaded, and a small change costs little."""

import random
from datetime import UTC, datetime
from pathlib import Path

import apsw
import numpy as np
import pytest

from station.points import pagetable
from station.points.pagetable import Known, PageTable, Step
from station.points.point import Point
from station.sqlite.hashes import HASH_BYTES, Pages

NOW = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)


def known(seq: int, hashes: bytes) -> Known:
    pages = Pages(4096, hashes)
    point = Point("a", "main", "c", seq, 1, "pi", NOW, 4096, pages.page_count, 1, pages.digest, 1, "0" * 64)
    return Known(point, pages, seq)


def next_of(before: Known, dice: random.Random, touched: int, page_count: int) -> tuple[Known, Step]:
    hashes = bytearray(before.pages.hashes[: page_count * HASH_BYTES])
    hashes += dice.randbytes(page_count * HASH_BYTES - len(hashes))
    for _ in range(touched):
        at = dice.randrange(page_count) * HASH_BYTES
        hashes[at : at + HASH_BYTES] = dice.randbytes(HASH_BYTES)
    after = known(before.point.seq + 1, bytes(hashes))
    return after, Step(before.point, np.array(after.pages.differing(before.pages.hashes), np.uint32))


@pytest.fixture
def table(tmp_path: Path) -> PageTable:
    return PageTable(tmp_path / "pages-main.db")


def test_a_table_that_grows_shrinks_and_folds_is_what_was_saved(
    table: PageTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagetable, "MOST_APPENDED_BYTES", 6000)
    dice = random.Random(1)
    at = known(0, dice.randbytes(700 * HASH_BYTES))
    table.save(at)
    for _ in range(60):
        at, step = next_of(at, dice, dice.randrange(1, 60), dice.choice([700, 1300, 512, 1, 513]))
        table.save(at, step)
        assert table.load() == at


def test_pages_here_and_there_cost_what_changed_and_not_a_block_each(table: PageTable) -> None:
    dice = random.Random(2)
    at = known(0, dice.randbytes(200_000 * HASH_BYTES))
    table.save(at)
    before = table.path.stat().st_size
    for _ in range(5):
        at, step = next_of(at, dice, 800, 200_000)
        table.save(at, step)
    assert table.path.stat().st_size - before < 5 * 800 * 20 * 1.5
    assert table.load() == at


def test_a_step_from_another_point_replaces_everything(table: PageTable) -> None:
    dice = random.Random(3)
    at = known(0, dice.randbytes(600 * HASH_BYTES))
    table.save(at)
    skipped, _ = next_of(at, dice, 40, 600)
    after, step = next_of(skipped, dice, 3, 600)
    table.save(after, step)
    assert table.load() == after


def test_a_table_that_cannot_be_read_is_begun_anew(table: PageTable) -> None:
    dice = random.Random(4)
    at = known(0, dice.randbytes(600 * HASH_BYTES))
    table.save(at)
    after, step = next_of(at, dice, 3, 600)
    table.path.write_bytes(b"nonsense" * 999)
    assert table.load() is None
    table.save(after, step)
    assert table.load() == after


def test_appended_hashes_that_do_not_add_up_are_not_believed(table: PageTable) -> None:
    dice = random.Random(5)
    at = known(0, dice.randbytes(600 * HASH_BYTES))
    table.save(at)
    table.save(*next_of(at, dice, 3, 600))
    connection = apsw.Connection(str(table.path))
    connection.execute("update steps set hashes = zeroblob(length(hashes))")
    connection.close()
    assert table.load() is None
