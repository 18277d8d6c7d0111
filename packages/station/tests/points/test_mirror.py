"""The mirror follows, survives, and is handed over."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

import apsw
import pytest

from station.errors import Busy, DamagedObject, NoSuchPoint, Refused
from station.points.divergence import save_divergence
from station.points.holding import locked
from station.points.mirror import LIST_EVERY, Mirror
from station.points.taker import PointTaker
from station.sqlite.scan import scan_file
from station.stores.directory import DirectoryStore
from station.stores.store import Entry

Rows = Callable[[Path], list[tuple[object, ...]]]


def follows(bench: Any) -> bool:
    """The mirror's file is the newest point, by its own word and by a scan."""
    point = bench.mirror.catch_up()
    bench.mirror.prove()
    assert bench.mirror.file.stat().st_size == point.page_count * point.page_size
    return bool(point == bench.mirror.position and scan_file(bench.mirror.file).digest == point.digest)


def test_the_mirror_follows_point_by_point(bench: Any, rows: Rows) -> None:
    assert bench.mirror.catch_up() is None
    assert bench.mirror.position is None
    for step in ("select 1", "delete from spots where id > 9; vacuum", "insert into spots (note) values ('x')"):
        bench.sql(step)
        taken = bench.take_once()
        assert taken and follows(bench) and bench.mirror.position == taken
        assert rows(bench.mirror.file) == bench.rows()


def test_a_mirror_that_was_away_takes_all_it_missed_and_says_how_far_it_is(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    for _ in range(3):
        bench.add_rows(2)
        bench.take_once()
    seen: list[tuple[int, int]] = []
    bench.mirror.catch_up(progress=lambda step: seen.append((step.done, step.total)))
    assert seen == [(0, 3), (1, 3), (2, 3)] and follows(bench)


def test_a_new_chain_with_the_content_it_has_is_adopted_without_reading_it(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    file = bench.mirror.file
    bench.epoch = 2
    base = bench.take_once()
    bench.object_file(base).unlink()
    assert bench.mirror.catch_up() == base == bench.mirror.position
    assert bench.mirror.file == file and bench.mirror.damage == []
    bench.add_rows(2)
    assert bench.take_once() and follows(bench)


def test_a_new_chain_with_other_content_is_fetched_and_the_old_file_removed(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    old = bench.mirror.file
    bench.add_rows(2)
    bench.epoch = 2
    assert bench.take_once() == bench.mirror.catch_up()
    assert bench.mirror.file != old and not old.exists() and follows(bench)


def test_a_database_in_rollback_journal_mode_or_empty_is_mirrored_too(bench: Any) -> None:
    bench.sql("pragma journal_mode = delete")
    assert bench.take_once() and follows(bench)
    bench.sql("delete from spots where id = 1")
    assert bench.take_once() and follows(bench)
    bench.database.unlink()
    bench.database.touch()
    assert bench.take_once() and follows(bench)


def test_a_damaged_change_is_reported_and_the_point_before_it_kept(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    points = []
    for _ in range(2):
        bench.add_rows(2)
        points.append(bench.take_once())
    file = bench.object_file(points[1])
    file.write_bytes(file.read_bytes()[:-1])
    for _ in range(2):
        assert bench.mirror.catch_up() == points[0]
        assert [points[1].object_key in why.message for why in bench.mirror.damage] == [True]
    bench.mirror.prove()
    healed = bench.take_once(full=True)
    assert follows(bench) and bench.mirror.position == healed and bench.mirror.damage == []


def test_a_damaged_full_copy_is_reported_and_the_older_chain_followed(bench: Any) -> None:
    first = bench.take_once()
    newer = bench.take_once(full=True)
    bench.object_file(newer).unlink()
    assert bench.mirror.catch_up() == first
    assert newer.object_key in bench.mirror.damage[0].message


def test_a_missing_record_stops_the_mirror_before_it(bench: Any) -> None:
    points = [bench.take_once()]
    for _ in range(3):
        bench.add_rows(2)
        points.append(bench.take_once())
    (bench.store.path / points[2].record_key).unlink()
    assert bench.mirror.catch_up() == points[1]
    assert "missing" in bench.mirror.damage[0].message


def test_a_mirror_that_somebody_wrote_to_is_found_out(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    with bench.mirror.file.open("r+b") as file:
        file.seek(4096 * 2 + 100)
        file.write(b"\xff\xfe")
    with pytest.raises(DamagedObject, match="its digest differs"):
        bench.mirror.prove()


def test_a_copy_that_somebody_removed_is_fetched_again(bench: Any) -> None:
    taken = bench.take_once()
    bench.mirror.catch_up()
    bench.mirror.file.unlink()
    assert bench.mirror.position is None
    assert bench.mirror.catch_up() == taken and follows(bench)


def test_an_older_chain_is_not_gone_back_to(bench: Any) -> None:
    bench.take_once()
    bench.add_rows(1)
    bench.take_once()
    second = bench.take_once(full=True)
    bench.mirror.catch_up()
    shutil.rmtree(bench.store.path / second.folder)
    again = Mirror(bench.mirror.folder, bench.store, bench.identity)  # its first call lists the store
    assert again.catch_up() == second and again.damage == []


def test_a_second_run_is_told_that_the_first_is_at_it(bench: Any) -> None:
    with locked(bench.mirror.folder / "main.lock", "x", "pi2"), pytest.raises(Busy, match="on pi2"):
        bench.mirror.catch_up()


def test_a_released_mirror_is_in_place_and_forgotten(bench: Any, rows: Rows) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    target = bench.folder / "pi2" / "data" / "bookedbiz.db"
    bench.mirror.release(target)
    assert rows(target) == bench.rows() and bench.mirror.position is None
    bench.mirror.release(target)  # run again: what is done is found done
    with pytest.raises(NoSuchPoint):
        bench.mirror.release(bench.folder / "elsewhere.db")


def test_a_release_that_was_killed_after_the_move_finishes(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    table, target = bench.mirror.folder / "pages-main.db", bench.folder / "pi2" / "bookedbiz.db"
    pages = table.read_bytes()
    bench.mirror.release(target)
    table.write_bytes(pages)  # as if it had been killed right before it forgot
    bench.mirror.release(target)
    assert target.exists() and not table.exists()


def test_a_release_is_not_mistaken_for_an_earlier_one(bench: Any) -> None:
    target = bench.folder / "pi2" / "bookedbiz.db"
    for _ in range(2):
        bench.add_rows(1)
        taken = bench.take_once()
        bench.mirror.catch_up()
        bench.mirror.release(target)
        assert scan_file(target).digest == taken.digest
        target.unlink()


def test_a_release_does_not_overwrite_a_database(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    target = bench.folder / "pi2" / "bookedbiz.db"
    target.write_bytes(b"somebody's")
    with pytest.raises(Refused):
        bench.mirror.release(target)
    assert target.read_bytes() == b"somebody's" and bench.mirror.position is not None


def test_what_a_mirror_held_counts_as_published_on_its_new_host(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    target, state = bench.folder / "pi2" / "bookedbiz.db", bench.folder / "pi2"
    bench.mirror.release(target)
    assert save_divergence(target, bench.identity, state, "pi2", bench.now) is None
    connection = apsw.Connection(str(target))
    connection.execute("update spots set note = 'only here' where id = 1")
    connection.close()
    divergence = save_divergence(target, bench.identity, state, "pi2", bench.now)
    assert divergence and divergence.pages == 1


def test_the_mirrors_of_two_databases_share_a_folder(bench: Any) -> None:
    bench.take_once()
    other = Mirror(bench.mirror.folder, bench.store, type(bench.identity)("bookedbiz", "archive"))
    assert other.catch_up() is None
    assert follows(bench) and other.position is None


class CountedStore(DirectoryStore):
    listings = 0
    opened = 0

    def list(self, prefix: str = "") -> Iterator[Entry]:
        self.listings += 1
        return super().list(prefix)

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        self.opened += key.endswith("base.db.zst")
        return super().open(key)


def test_a_damaged_full_copy_is_read_once(bench: Any) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    bench.add_rows(1)
    newer = bench.take_once(full=True)
    bench.object_file(newer).write_bytes(b"not what was stored")
    store = CountedStore("disk", bench.store.path)
    mirror = Mirror(bench.mirror.folder, store, bench.identity)
    for _ in range(5):
        mirror.catch_up()
        assert newer.object_key in mirror.damage[0].message
    assert store.opened == 1


def test_a_mirror_that_is_up_to_date_hardly_lists_the_store(bench: Any) -> None:
    store = CountedStore("disk", bench.store.path)
    mirror = Mirror(bench.mirror.folder, store, bench.identity)
    for _ in range(4):
        bench.add_rows(1)
        taken = bench.take_once()
        for _ in range(10):
            assert mirror.catch_up() == taken
    assert store.listings == 1
    newer = bench.take_once(full=True)
    assert mirror.catch_up() == newer and store.listings == 2


@pytest.mark.parametrize("hint", [b"000001-pi-ctv-20261121T024503000Z", b"\xff", None])
def test_a_hint_that_is_wrong_or_missing_costs_a_while_at_most(bench: Any, hint: bytes | None) -> None:
    bench.take_once()
    bench.mirror.catch_up()
    newer = bench.take_once(full=True)
    key = f"{bench.identity.prefix}newest"
    bench.store.delete(key) if hint is None else bench.store.put(key, hint)
    assert [bench.mirror.catch_up() for _ in range(LIST_EVERY)][-1] == newer


def test_a_new_chain_of_a_busy_database_is_noticed_at_once_though_hints_are_asked_for_seldom(
    bench: Any, taker: PointTaker
) -> None:
    mirror = Mirror(bench.folder / "pi2" / "seldom", bench.store, bench.identity, hint_every=6)
    bench.take(taker)
    for number in range(12):
        bench.add_rows(1)
        point = bench.take(taker, full=number % 5 == 4)
        assert mirror.catch_up() == point


def test_a_mirror_that_finds_nothing_soon_asks_for_new_chains_seldom(bench: Any, taker: PointTaker) -> None:
    mirror = Mirror(bench.folder / "pi2" / "seldom", bench.store, bench.identity, hint_every=6)
    bench.take(taker)
    for _ in range(7):
        mirror.catch_up()
    fresh = bench.take(taker, full=True)
    reached = [mirror.catch_up() for _ in range(6)]
    assert reached[0] != fresh and reached[-1] == fresh
