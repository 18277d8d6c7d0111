"""The codec: what was written comes back as the log that a plain object would hold, and damage is no page."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.errors import DamagedObject
from station.points.delta import DeltaReader, DeltaSpool, DeltaWriter
from station.points.deltaformat import GROUP, GROUP_BYTES, HEADER
from station.points.spool import ChangeSpool
from station.points.varint import read_signed, signed
from station.sqlite.walfile import WalWriter, salts_for

SALTS = salts_for("chain/000001")
Pages = dict[int, bytes]


def encoded(before: Pages, changed: Pages, page_count: int, page_size: int) -> bytes:
    out = io.BytesIO()
    writer = DeltaWriter(out, page_size, SALTS, before.get)
    for number, page in changed.items():
        writer.add(number, page)
    writer.finish(page_count)
    return out.getvalue()


def decoded(delta: bytes, before: Pages) -> bytes:
    """The log that it stands for."""
    out = io.BytesIO()
    reader = DeltaReader(io.BytesIO(delta), "the delta", before.get)
    log = WalWriter(out, reader.page_size, reader.salts)
    commit_size = 0
    for frame in reader:
        log.add(frame.number, frame.page)
        commit_size = frame.commit_size
    log.finish(commit_size)
    return out.getvalue()


def logged(pages: Pages, order: list[int], page_count: int, page_size: int) -> bytes:
    out = io.BytesIO()
    log = WalWriter(out, page_size, SALTS)
    for number in order:
        log.add(number, pages[number])
    log.finish(page_count)
    return out.getvalue()


def leaf(dice: random.Random, cells: list[bytes], page_size: int) -> bytes:
    """A leaf of an index as SQLite lays it out: cells from the end, pointers from the start."""
    page, at = bytearray(dice.randbytes(8) * (page_size // 8)), page_size
    page[0:8] = b"\x0a\0\0" + len(cells).to_bytes(2, "big") + b"\0\0\0"
    for index, cell in enumerate(cells):
        at -= len(cell)
        page[at : at + len(cell)] = cell
        page[8 + 2 * index : 10 + 2 * index] = at.to_bytes(2, "big")
    return bytes(page)


def edited(dice: random.Random, page: bytes) -> bytes:
    new, at = bytearray(page), dice.randrange(len(page))
    new[at : at + 40] = dice.randbytes(min(40, len(page) - at))
    return bytes(new)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    page_size=st.sampled_from([512, 1024, 4096, 65536]),
    old_count=st.integers(0, 700),
    new_count=st.integers(1, 700),
    far=st.booleans(),
)
def test_what_was_written_comes_back_as_the_log_it_stands_for(
    seed: int, page_size: int, old_count: int, new_count: int, far: bool
) -> None:
    """Growing and shrinking, old pages missing, page 1 changed or not, numbers on both sides of the lock page."""
    dice = random.Random(seed)
    most = min(700, (4 << 20) // page_size)
    old_count, new_count = min(old_count, most), min(new_count, most)
    beyond = 2**30 // page_size - 5 if far else 0
    lock = 2**30 // page_size + 1
    kinds: list[Callable[[], bytes]] = [
        lambda: dice.randbytes(page_size),
        lambda: bytes(page_size),
        lambda: leaf(dice, [b"\x1e\x02\x17" + dice.randbytes(28) for _ in range(page_size // 48)], page_size),
    ]
    before = {number + beyond: dice.choice(kinds)() for number in range(2, old_count + 1)}
    before[1] = dice.randbytes(page_size)
    numbers = [number + beyond for number in range(2, new_count + 1) if number + beyond != lock]
    numbers = [number for number in numbers if dice.random() < 0.7] + [1] * (dice.random() < 0.5)
    if not numbers:
        numbers = [1]
    changed = {
        n: edited(dice, before[n]) if n in before and dice.random() < 0.8 else dice.choice(kinds)() for n in numbers
    }
    shadow = {number: page for number, page in before.items() if dice.random() < 0.9}
    delta = encoded(shadow, changed, new_count + beyond, page_size)
    order = [frame.number for frame in DeltaReader(io.BytesIO(delta), "x", shadow.get)]
    assert sorted(order) == sorted(changed)
    assert decoded(delta, before) == logged(changed, order, new_count + beyond, page_size)


def test_pages_that_look_like_their_old_images_keep_the_order_of_the_scan() -> None:
    dice = random.Random(1)
    before = {number: dice.randbytes(512) for number in range(1, 5000)}
    changed = {number: edited(dice, before[number]) for number in [*range(2, 5000, 3), 1]}
    delta = encoded(before, changed, 5000, 512)
    assert decoded(delta, before) == logged(changed, list(changed), 5000, 512)


def test_a_changed_page_costs_the_bytes_that_differ() -> None:
    dice = random.Random(1)
    before = {number: dice.randbytes(4096) for number in range(1, 700)}
    changed = {number: edited(dice, before[number]) for number in range(2, 700)}
    assert len(encoded(before, changed, 699, 4096)) < 70 * len(changed)
    assert len(encoded({}, changed, 699, 4096)) > 4096 * len(changed)


@pytest.mark.parametrize("parent_first", [True, False])
def test_a_page_split_off_another_costs_hardly_more_than_its_order(parent_first: bool) -> None:
    """Its cells are in the old image of a page of another group, before it or after it."""
    dice = random.Random(1)
    cells = {n: [b"\x1e\x02\x17" + dice.randbytes(28) for _ in range(100)] for n in range(1000, 2000, 2)}
    before = {number: leaf(dice, some, 4096) for number, some in cells.items()}
    changed = {number: leaf(dice, some[:50], 4096) for number, some in cells.items()}
    offset = 5000 if parent_first else 0
    split = {n - 1000 + offset + 1: leaf(dice, some[50:], 4096) for n, some in cells.items()}
    reused = {number: dice.randbytes(4096) for number in split}
    both = dict(sorted((changed | split).items()))
    delta = encoded(before | reused, both, 9000, 4096)
    assert len(delta) < 180 * len(both) < 50 * 31 * len(split)
    assert sorted(f.number for f in DeltaReader(io.BytesIO(delta), "x", (before | reused).get)) == list(both)


def test_an_old_page_is_in_a_dictionary_once() -> None:
    dice = random.Random(1)
    cells = {number: [b"\x1e\x02\x17" + dice.randbytes(28) for _ in range(100)] for number in range(2, 40)}
    before = {number: leaf(dice, some, 4096) for number, some in cells.items()}
    changed = {number: leaf(dice, some[:50], 4096) for number, some in cells.items()}
    changed |= {number + 100 * part: leaf(dice, some[50:75], 4096) for number, some in cells.items() for part in (1, 2)}
    asked: list[int] = []

    def old(number: int) -> bytes | None:
        asked.append(number)
        return before.get(number)

    list(DeltaReader(io.BytesIO(encoded(before, changed, 300, 4096)), "x", old))
    assert sorted(asked) == sorted(before)


def test_memory_is_bounded_by_groups_and_the_pages_that_wait() -> None:
    dice = random.Random(1)
    writer = DeltaWriter(io.BytesIO(), 65536, SALTS, lambda number: None)
    most = 0
    for number in range(2, 400):
        writer.add(number, dice.randbytes(65536))
        most = max(most, len(writer._came) + len(writer._ready) + len(writer._held))
    assert most * 65536 <= 2 * GROUP_BYTES


@pytest.fixture(scope="module")
def small() -> tuple[Pages, Pages, bytes]:
    """Two groups' worth of small pages, one of them new, one without its own old image."""
    dice = random.Random(3)
    before = {number: dice.randbytes(512) for number in range(1, 40)}
    changed = {number: edited(dice, before[number]) for number in range(3, 30, 5)} | {40: bytes(512), 1: before[2]}
    return before, changed, encoded(before, changed, 40, 512)


def pages_of(delta: bytes, before: Pages) -> Pages:
    return {frame.number: frame.page for frame in DeltaReader(io.BytesIO(delta), "the delta", before.get)}


def test_a_delta_cut_anywhere_is_damaged(small: tuple[Pages, Pages, bytes]) -> None:
    before, changed, delta = small
    assert pages_of(delta, before) == changed
    for length in range(len(delta)):
        with pytest.raises(DamagedObject, match="the delta is damaged"):
            pages_of(delta[:length], before)
    with pytest.raises(DamagedObject, match="its end"):
        pages_of(delta + b"\0", before)


def test_a_flipped_bit_is_noticed_or_changes_no_more_than_a_number(small: tuple[Pages, Pages, bytes]) -> None:
    """Numbers, salts and page count are what the digest and the name of the point are for; contents never change."""
    before, changed, delta = small
    unnoticed = 0
    for at in range(len(delta)):
        for bit in range(8):
            flipped = bytearray(delta)
            flipped[at] ^= 1 << bit
            try:
                found = pages_of(bytes(flipped), before)
            except DamagedObject:
                continue
            unnoticed += 1
            assert sorted(found.values()) == sorted(changed.values())
    assert 0 < unnoticed < len(delta)  # of eight times as many


def test_a_change_of_no_pages_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="without a page"):
        encoded({}, {}, 5, 4096)


@pytest.mark.parametrize("page", [None, b"short"])
def test_an_old_page_that_is_not_there_is_damage(small: tuple[Pages, Pages, bytes], page: bytes | None) -> None:
    before, _, delta = small
    reader = DeltaReader(io.BytesIO(delta), "the delta", lambda number: page if number == 8 else before[number])
    with pytest.raises(DamagedObject, match="page 8, which was not there"):
        list(reader)


def test_a_group_that_a_reader_has_no_memory_for_is_refused() -> None:
    dice = random.Random(1)
    out = io.BytesIO()
    writer = DeltaWriter(out, 65536, SALTS, lambda number: None)
    writer._at_once += 1
    for number in range(2, 2 + writer._at_once):
        writer.add(number, dice.randbytes(65536))
    writer.finish(writer._at_once + 1)
    for content in (out.getvalue(), HEADER.pack(b"CSdelta1", 512, SALTS) + GROUP.pack(1, 3, 2**31) + bytes(99)):
        with pytest.raises(DamagedObject, match="larger than it can be"):
            pages_of(content, {})


def test_another_file_is_not_a_delta() -> None:
    for content in (b"", b"SQLite format 3\0" * 9, HEADER.pack(b"CSdelta1", 4095, SALTS)):
        with pytest.raises(DamagedObject):
            DeltaReader(io.BytesIO(content), "the delta", lambda number: None)


def test_a_delta_that_does_not_come_back_is_not_sealed(tmp_path: Path) -> None:
    dice = random.Random(1)
    before = {number: dice.randbytes(512) for number in range(1, 9)}
    reads = 0

    def worse_each_time(number: int) -> bytes:
        nonlocal reads
        reads += 1
        return before[number] if reads < 8 else edited(random.Random(reads), before[number])

    with DeltaSpool(tmp_path / "spool", 512, "chain/000001", worse_each_time) as spool:
        for number in range(2, 9):
            spool.add(number, edited(dice, before[number]))
        with pytest.raises(DamagedObject):
            spool.seal(8)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_changes_in_memory_before_it_is_written_is_noticed(tmp_path: Path) -> None:
    before = {number: bytes([number]) * 512 for number in range(1, 9)}
    with DeltaSpool(tmp_path / "spool", 512, "chain/000001", before.get) as spool:
        page = bytearray(before[3])
        spool.add(2, page)  # type: ignore[arg-type]  # what a faulty memory does to bytes
        page[17] ^= 1
        with pytest.raises(DamagedObject, match="other pages come back"):
            spool.seal(8)


@pytest.mark.parametrize("kind", ["plain", "delta"])
def test_a_sealed_spool_can_be_read_again_until_the_block_is_left(tmp_path: Path, kind: str) -> None:
    before = {number: bytes([number]) * 512 for number in range(1, 9)}
    path = tmp_path / "spool"
    spool = ChangeSpool(path, 512, "c/1") if kind == "plain" else DeltaSpool(path, 512, "c/1", before.get)
    with spool:
        for number in (3, 5, 1):
            spool.add(number, before[number + 1])
        size, _ = spool.seal(8)
        path.rename(tmp_path / "sealed")
        assert list(spool.changes()) == list(spool.changes()) == [(n, before[n + 1]) for n in (3, 5, 1)]
        assert (tmp_path / "sealed").stat().st_size == size and spool.encoding == kind and spool.key == ""
    assert (tmp_path / "sealed").exists()


@given(st.lists(st.tuples(st.integers(-(2**32), 2**32), st.booleans())))
def test_numbers_come_back_from_the_bytes_they_were_written_in(numbers: list[tuple[int, bool]]) -> None:
    listed = b"".join(signed(number, flag) for number, flag in numbers)
    assert list(read_signed(listed)) == numbers


@pytest.mark.parametrize("listed", [b"\x80", b"\x04\xff", b"\xff" * 6 + b"\0"])
def test_a_list_that_is_cut_or_has_no_end_is_refused(listed: bytes) -> None:
    with pytest.raises(ValueError):
        list(read_signed(listed))
