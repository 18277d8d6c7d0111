"""The shadow: believed page by page, worth nothing when it is wrong, and gone when the disk is full."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.points.delta import DeltaSpool
from station.points.objects import change_spool
from station.points.shadow import SPARE_BYTES, Shadow
from station.points.spool import ChangeSpool
from station.sqlite.hashes import PageHashes, Pages, page_hash

SIZE = 4096


@pytest.fixture
def pages() -> dict[int, bytes]:
    return {number: random.Random(number).randbytes(SIZE) for number in range(1, 200)}


@pytest.fixture
def shadow(tmp_path: Path, pages: dict[int, bytes]) -> Iterator[Shadow]:
    with Shadow(tmp_path / "shadow-main.db", SIZE) as made:
        for number in [*range(2, 200), 1]:
            made.put(number, pages[number])
        yield made


def test_it_gives_back_what_was_put(shadow: Shadow, pages: dict[int, bytes]) -> None:
    assert all(shadow.page(number, page_hash(page, number)) == page for number, page in pages.items())
    shadow.close()
    assert shadow.path.read_bytes() == b"".join(pages[number] for number in sorted(pages))
    assert shadow.path.stat().st_mode & 0o777 == 0o600


def test_a_page_is_believed_only_when_it_has_the_hash_asked_for(shadow: Shadow, pages: dict[int, bytes]) -> None:
    shadow.put(7, pages[8])
    assert shadow.page(7, page_hash(pages[7], 7)) is None
    assert shadow.page(8, page_hash(pages[8], 9)) is None
    assert shadow.page(500, page_hash(bytes(SIZE), 500)) is None


def test_what_another_run_left_serves_as_far_as_it_is_right(shadow: Shadow, pages: dict[int, bytes]) -> None:
    shadow.close()
    with shadow.path.open("r+b") as file:
        file.seek(9 * SIZE + 5)
        file.write(b"torn")
        file.truncate(100 * SIZE - 1)
    with Shadow(shadow.path, SIZE) as again:
        found = {number for number, page in pages.items() if again.page(number, page_hash(page, number)) == page}
    assert found == set(range(1, 100)) - {10}


def test_a_shadow_of_another_page_size_gives_nothing(shadow: Shadow, pages: dict[int, bytes]) -> None:
    shadow.close()
    with Shadow(shadow.path, 1024) as other:
        assert not any(other.page(number, page_hash(page, number)) for number, page in pages.items())


def test_the_pages_before_are_those_of_the_point_before(shadow: Shadow, pages: dict[int, bytes]) -> None:
    hashes = PageHashes(Pages(SIZE, b""))
    for number in range(1, 51):
        hashes.put(number, pages[number])
    old = shadow.at(hashes.cut(50))
    assert [number for number in range(-1, 60) if old(number)] == list(range(1, 51))


def test_it_is_cut_to_the_database(shadow: Shadow, pages: dict[int, bytes]) -> None:
    shadow.cut(50)
    assert shadow.path.stat().st_size == 50 * SIZE
    shadow.cut(90)
    assert shadow.path.stat().st_size == 50 * SIZE
    assert shadow.page(51, page_hash(pages[51], 51)) is None


def test_a_full_disk_ends_the_shadow(pages: dict[int, bytes], tmp_path: Path) -> None:
    path = tmp_path / "shadow-main.db"
    path.symlink_to("/dev/full")
    with Shadow(path, SIZE) as shadow:
        for number, page in pages.items():
            shadow.put(number, page)
        assert shadow.page(1, page_hash(pages[1], 1)) is None
        shadow.cut(5)
        assert shadow.given_up and not path.is_symlink()


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    with Shadow(tmp_path / "nowhere" / "shadow-main.db", SIZE) as shadow:
        shadow.put(1, bytes(SIZE))
    assert shadow.given_up


def test_a_change_is_a_delta_when_the_old_pages_are_told(shadow: Shadow, tmp_path: Path) -> None:
    before = Pages(SIZE, b"")
    for old, kind in ((shadow.at(before), DeltaSpool), (None, ChangeSpool)):
        with change_spool(tmp_path / "spool", before, "c/1", old=old) as spool:
            assert type(spool) is kind


def test_it_is_made_only_where_the_disk_has_room_for_it_and_some_beside(shadow: Shadow) -> None:
    assert shadow.has_room(200)
    import os

    disk = os.statvfs(shadow.path.parent)
    free = disk.f_bavail * disk.f_frsize
    assert not shadow.has_room((free - SPARE_BYTES) // SIZE + 100_000)
    assert not shadow.has_room(free // SIZE)
