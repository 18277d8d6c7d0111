"""Restores: verified, all or nothing; and what a damaged store says before anything of it is used."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from station.errors import DamagedObject, NoSuchPoint, Refused, StationError
from station.points.catalog import list_points, newest, point_at, point_named, read_catalog
from station.points.point import Point, to_record
from station.points.restore import Progress, restore
from station.points.verify import verify
from station.sqlite.scan import scan_file

Rows = Callable[[Path], list[tuple[object, ...]]]


@pytest.fixture
def chain(bench: Any) -> list[Point]:
    """Four points: a base and three changes."""
    points = [bench.take_once()]
    for number in range(3):
        bench.sql(f"update spots set note = 'change {number}' where id = {number + 1}")
        bench.add_rows(20)
        points.append(bench.take_once())
    return points


def flip(file: Path, where: float = 0.5) -> None:
    content = bytearray(file.read_bytes())
    content[int(len(content) * where)] ^= 4
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def grow(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"more")


def empty(file: Path) -> None:
    file.write_bytes(b"")


def test_each_point_restores_to_its_own_content(bench: Any, chain: list[Point], rows: Rows) -> None:
    for point in chain:
        restore(bench.store, point, bench.folder / f"{point.seq}.db")
        assert scan_file(bench.folder / f"{point.seq}.db").digest == point.digest
    counts = [len(rows(bench.folder / f"{point.seq}.db")) for point in chain]
    assert counts == [50, 70, 90, 110]


def test_nothing_is_left_beside_a_restored_file(bench: Any, chain: list[Point]) -> None:
    restore(bench.store, chain[-1], bench.folder / "new" / "out.db")
    assert [file.name for file in (bench.folder / "new").iterdir()] == ["out.db"]


def test_the_progress_names_every_object(bench: Any, chain: list[Point]) -> None:
    seen: list[Progress] = []
    restore(bench.store, chain[2], bench.folder / "out.db", progress=seen.append)
    assert [(step.done, step.total) for step in seen] == [(0, 3), (1, 3), (2, 3)]
    assert [step.object_bytes for step in seen] == [point.object_bytes for point in chain[:3]]


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_an_existing_database_or_its_log_is_not_overwritten(bench: Any, chain: list[Point], suffix: str) -> None:
    there = bench.folder / f"out.db{suffix}"
    there.write_bytes(b"somebody's")
    with pytest.raises(Refused, match="exists already"):
        restore(bench.store, chain[0], bench.folder / "out.db")
    assert there.read_bytes() == b"somebody's"


def test_what_a_killed_restore_left_is_in_nobodys_way(bench: Any, chain: list[Point]) -> None:
    (bench.folder / "out.db.partial").write_bytes(b"x" * 10_000_000)
    restore(bench.store, chain[3], bench.folder / "out.db")
    assert scan_file(bench.folder / "out.db").digest == chain[3].digest


@pytest.mark.parametrize("damage", [flip, cut, grow, empty, Path.unlink])
@pytest.mark.parametrize("at", [0, 2])
def test_a_damaged_object_is_named_and_the_next_best_point_offered(
    bench: Any, chain: list[Point], damage: Callable[[Path], None], at: int
) -> None:
    damage(bench.object_file(chain[at]))
    with pytest.raises(DamagedObject) as found:
        restore(bench.store, chain[3], bench.folder / "out.db")
    assert chain[at].object_key in found.value.message
    assert (chain[1].name if at else "No point before it restores") in found.value.hint
    assert [file.name for file in bench.folder.glob("out.db*")] == []
    if at:
        restore(bench.store, chain[1], bench.folder / "out.db")


def test_the_next_best_point_may_be_in_an_older_chain(bench: Any, chain: list[Point]) -> None:
    newer = bench.take_once(full=True)
    flip(bench.object_file(chain[3]))
    flip(bench.object_file(newer))
    with pytest.raises(DamagedObject, match=newer.object_key) as found:
        restore(bench.store, newer, bench.folder / "out.db")
    assert chain[2].name in found.value.hint


@pytest.mark.parametrize("where", [0.001, 0.1, 0.3, 0.6, 0.9, 0.999])
def test_a_bit_flipped_anywhere_in_a_full_copy_is_noticed(bench: Any, chain: list[Point], where: float) -> None:
    flip(bench.object_file(chain[0]), where)
    with pytest.raises(DamagedObject, match=r"base\.db\.zst"):
        restore(bench.store, chain[0], bench.folder / "out.db")


def test_an_object_with_other_bytes_is_noticed_though_it_holds_the_same_pages(bench: Any, chain: list[Point]) -> None:
    for point in (chain[1], chain[0]):
        file = bench.object_file(point)
        unpacked = zstandard.ZstdDecompressor().stream_reader(file.read_bytes(), read_across_frames=True).read()
        file.write_bytes(zstandard.compress(unpacked, 1))
        with pytest.raises(DamagedObject, match=point.object_key):
            restore(bench.store, point, bench.folder / "out.db")


def test_a_record_and_its_object_that_agree_must_also_lead_to_the_digest(bench: Any, chain: list[Point]) -> None:
    stored = bench.object_file(chain[1]).read_bytes()
    forged = replace(chain[1], digest=f"{int(chain[1].digest, 16) ^ 1:032x}")
    bench.store.put(forged.record_key, to_record(forged))
    with pytest.raises(DamagedObject, match="does not have the digest"):
        restore(bench.store, forged, bench.folder / "out.db")
    assert bench.object_file(chain[1]).read_bytes() == stored
    bench.mirror.catch_up()
    assert bench.mirror.position == chain[0] and "digest" in bench.mirror.damage[0].message


def test_an_object_that_another_point_owns_is_noticed(bench: Any, chain: list[Point]) -> None:
    bench.object_file(chain[2]).write_bytes(bench.object_file(chain[1]).read_bytes())
    with pytest.raises(DamagedObject, match="000002"):
        restore(bench.store, chain[2], bench.folder / "out.db")


@pytest.mark.parametrize(
    "damage", [flip, cut, empty, lambda file: file.write_text("{}"), lambda file: file.write_text("[1]")]
)
def test_a_damaged_record_hides_its_point_alone_and_is_reported(
    bench: Any, chain: list[Point], damage: Callable[[Path], None]
) -> None:
    record = bench.store.path / chain[2].record_key
    (damage if damage is not flip else lambda file: file.write_bytes(b"\xff" + file.read_bytes()))(record)
    catalog = read_catalog(bench.store, bench.identity)
    assert [point.seq for point in catalog.points] == [0, 1, 3]
    assert list(catalog.damaged) == [chain[2].record_key]
    assert [found.key for found in verify(bench.store, bench.identity) if not found.whole] == [chain[2].record_key]
    with pytest.raises(DamagedObject, match=chain[2].record_key) as found:
        restore(bench.store, chain[3], bench.folder / "out.db")
    assert chain[1].name in found.value.hint


def test_a_record_that_was_copied_to_another_name_is_no_point(bench: Any, chain: list[Point]) -> None:
    copied = bench.store.path / chain[0].folder / "000009.json"
    copied.write_bytes((bench.store.path / chain[3].record_key).read_bytes())
    assert [point.seq for point in list_points(bench.store, bench.identity)] == [0, 1, 2, 3]
    problems = {found.key: found.problem for found in verify(bench.store, bench.identity) if not found.whole}
    assert f"{chain[0].folder}/000009.json" in problems


def test_verifying_finds_nothing_wrong_with_a_whole_store(bench: Any, chain: list[Point]) -> None:
    assert len(verify(bench.store, bench.identity)) == 4
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True, scratch=bench.folder))
    assert list(bench.folder.glob("station-verify-*")) == []


def test_verifying_deeply_finds_a_database_that_was_broken_when_it_was_copied(bench: Any) -> None:
    bench.sql("create table broken (a); insert into broken values (null); pragma writable_schema = on;"
              "update sqlite_schema set sql = 'create table broken (a not null)' where name = 'broken'")  # fmt: skip
    bench.take_once()
    assert all(found.whole for found in verify(bench.store, bench.identity))
    (problem,) = [found.problem for found in verify(bench.store, bench.identity, deep=True) if found.problem]
    assert "NULL value in broken.a" in problem


def test_verifying_names_each_damaged_object(bench: Any, chain: list[Point]) -> None:
    flip(bench.object_file(chain[1]))
    bench.object_file(chain[3]).unlink()
    (bench.store.path / chain[2].record_key).unlink()
    problems = {found.key: found.problem for found in verify(bench.store, bench.identity, deep=True) if found.problem}
    assert "SHA-256" in problems[chain[1].object_key]
    assert "missing" in problems[chain[3].object_key]
    assert "do not restore" in problems[chain[2].record_key]
    assert chain[3].name in problems[chain[0].folder]


def test_a_full_disk_is_no_damage(bench: Any, chain: list[Point]) -> None:
    blocked = bench.folder / "blocked"
    blocked.write_bytes(b"")
    with pytest.raises(StationError) as found:
        restore(bench.store, chain[0], blocked / "out.db")
    assert not isinstance(found.value, DamagedObject)


def test_points_are_found_by_moment_and_by_name(bench: Any, chain: list[Point]) -> None:
    points = list_points(bench.store, bench.identity)
    assert points == chain == sorted(points, key=lambda point: point.taken_at)
    assert point_at(points, chain[2].taken_at) == chain[2]
    assert point_at(points, chain[2].taken_at + timedelta(seconds=1)) == chain[2]
    with pytest.raises(NoSuchPoint, match="the first is of 2026-11-21T02:45:03"):
        point_at(points, chain[0].taken_at - timedelta(seconds=1))
    assert point_named(points, chain[1].name) == chain[1]
    assert point_named(points, "000003") == chain[3]
    with pytest.raises(NoSuchPoint, match="4 points match"):
        point_named(points, chain[0].chain)
    with pytest.raises(NoSuchPoint, match="no point matches"):
        point_named(points, "yesterday")


def test_the_newest_point_is_of_the_newest_chain_or_epoch(bench: Any, chain: list[Point]) -> None:
    assert newest(bench.store, bench.identity) == chain[3]
    bench.epoch = 2
    second = bench.take_once()
    assert newest(bench.store, bench.identity) == second
    assert newest(bench.store, bench.identity, epoch=1) == chain[3]
    assert newest(bench.store, bench.identity, epoch=7) is None
    (bench.store.path / second.record_key).write_text("")
    assert newest(bench.store, bench.identity) == chain[3]
