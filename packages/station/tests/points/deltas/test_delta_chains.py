"""Chains with deltas in a store: restored, mirrored, verified; and what damage here and there is called."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from station.errors import DamagedObject
from station.points.deltaformat import GROUP, HEADER
from station.points.mirror import Mirror
from station.points.replay import CopyDiffers, replay
from station.points.restore import newest_whole, reading, restore
from station.points.verify import verify
from station.sqlite.hashes import Pages
from station.sqlite.scan import scan_file
from station.sqlite.walfile import WalReader, salts_for

Rows = Callable[[Path], list[tuple[object, ...]]]


def restored_until(deltas: Any, seq: int) -> tuple[Path, Pages]:
    """The database as it was at that point."""
    file = deltas.bench.folder / f"at-{seq}.db"
    restore(deltas.bench.store, deltas.points[seq], file)
    return file, scan_file(file)


def test_each_point_restores_to_its_own_content(bench: Any, chain: Any) -> None:
    for point in chain.points:
        restore(bench.store, point, bench.folder / f"{point.seq}.db")
        assert scan_file(bench.folder / f"{point.seq}.db").digest == point.digest
        assert (bench.folder / f"{point.seq}.db").stat().st_size == point.page_count * point.page_size
    assert sorted(file.name for file in bench.folder.glob("[0-9]*")) == [f"{seq}.db" for seq in range(5)]


def test_a_change_larger_than_what_is_kept_in_memory_is_restored(
    bench: Any, deltas: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.points.restore.KEPT_IN_MEMORY_BYTES", 10_000)
    bench.add_rows(400)
    deltas.take()
    bench.sql("update spots set note = note || 'x'")
    point = deltas.take()
    restore(bench.store, point, bench.folder / "out.db")
    assert scan_file(bench.folder / "out.db").digest == point.digest and point.changed_pages > 30


def test_pages_split_off_pages_of_an_earlier_group_are_restored(bench: Any, deltas: Any) -> None:
    """They need old images in whose place the new ones would be by then, if they were written as they come."""
    point = deltas.split_pages()
    file, _ = restored_until(deltas, 1)
    assert scan_file(file).digest == point.digest
    assert bench.mirror.catch_up() == point and bench.mirror.damage == []


def test_a_mirror_follows_deltas(bench: Any, deltas: Any, rows: Rows) -> None:
    for change in (
        "select 1",
        "update spots set note = 'x' where id % 5 = 0",
        "delete from spots where id > 9; vacuum",
    ):
        bench.sql(change)
        point = deltas.take()
        assert bench.mirror.catch_up() == point
        bench.mirror.prove()
        assert rows(bench.mirror.file) == bench.rows()
        assert bench.mirror.file.stat().st_size == point.page_count * point.page_size
    assert bench.mirror.damage == []


def test_the_log_of_a_delta_is_what_a_plain_object_would_hold(bench: Any, deltas: Any) -> None:
    deltas.take()
    bench.sql("update spots set note = 'x' where id < 30")
    point = deltas.take()
    file, before = restored_until(deltas, 0)
    with file.open("rb") as copy, (bench.folder / "log").open("w+b") as log:
        replay(bench.store, point, before, copy_to=log, old=reading(copy, 4096))
        log.seek(0)
        reader = WalReader(log, "log")
        assert reader.salts == salts_for(point.name)
        assert [frame.commit_size for frame in reader][-1] == point.page_count


@pytest.mark.parametrize("record_vouches", [False, True])
def test_a_small_delta_flipped_or_cut_anywhere_is_damaged(bench: Any, deltas: Any, record_vouches: bool) -> None:
    """Also when a record vouches for it: then the groups, the name and the digest must tell."""
    deltas.take()
    bench.sql("update spots set note = 'x' where id = 3")
    bench.sql("create table more (a)")  # a page without an old image: nothing but the digest knows its number
    point = deltas.take()
    file, before = restored_until(deltas, 0)
    content = bench.object_file(point).read_bytes()
    assert len(content) < 500
    with file.open("rb") as copy:
        old = reading(copy, 4096)
        assert replay(bench.store, point, before, old=old) == deltas.pages
        flips = [(at, bit) for at in range(len(content)) for bit in range(8)]
        wrong = [bytes(content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]) for at, bit in flips]
        for other in [*wrong, *(content[:length] for length in range(len(content)))]:
            bench.object_file(point).write_bytes(other)
            told = deltas.rewrite(point, other) if record_vouches else point
            try:
                assert replay(bench.store, told, before, old=old) == deltas.pages and record_vouches
            except DamagedObject as why:
                assert "is damaged" in why.message and not isinstance(why, CopyDiffers)


def test_a_damaged_delta_is_named_and_the_point_before_it_offered(bench: Any, chain: Any) -> None:
    file = bench.object_file(chain.points[3])
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    with pytest.raises(DamagedObject) as found:
        restore(bench.store, chain.points[4], bench.folder / "out.db")
    assert chain.points[3].object_key in found.value.message and chain.points[2].name in found.value.hint
    assert list(bench.folder.glob("out.db*")) == []
    assert newest_whole(bench.store, chain.points) == chain.points[2]


def test_a_mirror_passes_a_damaged_delta_by_and_keeps_its_point(bench: Any, chain: Any) -> None:
    file = bench.object_file(chain.points[3])
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert bench.mirror.catch_up() == chain.points[2]
    assert [chain.points[3].object_key in why.message for why in bench.mirror.damage] == [True]
    bench.mirror.prove()
    file.write_bytes(content)
    again = Mirror(bench.mirror.folder, bench.store, bench.identity)
    assert again.catch_up() == chain.points[4]


def test_the_change_of_another_point_is_damage(bench: Any, chain: Any) -> None:
    forged = chain.rewrite(chain.points[4], bench.object_file(chain.points[3]).read_bytes())
    file, before = restored_until(chain, 2)
    with file.open("rb") as copy, pytest.raises(DamagedObject, match="it is of another point"):
        replay(bench.store, forged, before, old=reading(copy, 4096))


def test_pages_here_that_are_wrong_are_not_called_damage_of_the_object(bench: Any, deltas: Any) -> None:
    deltas.take()
    bench.sql("update spots set note = 'x' where id = 3")
    point = deltas.take()
    file, before = restored_until(deltas, 0)
    with file.open("r+b") as copy:
        good = copy.read()
        copy.seek(0)
        copy.write(bytes(byte ^ 255 for byte in good))
        copy.flush()
        with pytest.raises(CopyDiffers, match="not that of the point before"):
            replay(bench.store, point, before, old=reading(copy, 4096))
        with pytest.raises(CopyDiffers):
            replay(bench.store, point, before)


def test_a_copy_that_is_wrong_is_thrown_away_and_fetched_again(bench: Any, deltas: Any) -> None:
    deltas.take()
    bench.mirror.catch_up()
    bench.sql("update spots set note = 'x' where id = 3")
    point = deltas.take()
    content = bytearray(bench.mirror.file.read_bytes())
    for at in range(4096 + 100, len(content), 4096):
        content[at] ^= 1
    bench.mirror.file.write_bytes(content)
    assert bench.mirror.catch_up() == point
    assert [type(why) for why in bench.mirror.damage] == [CopyDiffers]
    bench.mirror.prove()
    assert not (bench.store.path / bench.identity.prefix / "damaged").exists()  # the chain is good
    assert bench.mirror.catch_up() == point and bench.mirror.damage == []


def test_a_disk_that_loses_data_during_a_restore_is_said_so(
    bench: Any, chain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, at: bytes(size) if at > 4096 else honest(fd, size, at))
    with pytest.raises(CopyDiffers) as found:
        restore(bench.store, chain.points[4], bench.folder / "out.db")
    assert "is not what was written to it" in found.value.message and "The disk loses data" in found.value.hint
    assert list(bench.folder.glob("out.db*")) == []


def test_a_restored_file_is_read_back_to_its_last_page(bench: Any, chain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pwrite", lambda fd, block, at: len(block))
    with pytest.raises(CopyDiffers, match="is not what was written to it"):
        restore(bench.store, chain.points[1], bench.folder / "out.db")
    assert list(bench.folder.glob("out.db*")) == []


def test_a_replay_reads_no_further_than_a_group_ahead(bench: Any, deltas: Any) -> None:
    """Streamed: pages come while the object is still being read."""
    bench.add_rows(4000)
    deltas.take()
    bench.sql("update spots set note = note || 'x'")
    point = deltas.take()
    file, before = restored_until(deltas, 0)
    size, read_at_first = bench.object_file(point).stat().st_size, 0

    class Watched:
        name = "watched"
        read = 0

        @contextmanager
        def open(self, key: str) -> Iterator[BinaryIO]:
            with bench.store.open(key) as stream:
                outer = self

                class Reader:
                    def read(self, amount: int = -1) -> bytes:
                        block: bytes = stream.read(amount)
                        outer.read += len(block)
                        return block

                yield cast(BinaryIO, Reader())

    watched = Watched()

    def first(number: int, page: bytes) -> None:
        nonlocal read_at_first
        read_at_first = read_at_first or watched.read

    with file.open("rb") as copy:
        replay(cast(Any, watched), point, before, on_page=first, old=reading(copy, 4096))
    assert HEADER.size + GROUP.size < read_at_first < size * 0.9


def test_verify_knows_deltas(bench: Any, chain: Any) -> None:
    for deep in (False, True):
        assert [finding.problem for finding in verify(bench.store, bench.identity, deep=deep)] == [None] * (5 + deep)
    file = bench.object_file(chain.points[1])
    file.write_bytes(file.read_bytes()[:-1])
    findings = verify(bench.store, bench.identity, deep=True)
    assert [finding.key for finding in findings if finding.problem] == [
        chain.points[1].object_key,
        chain.points[1].folder,
    ]


class Counted:
    """A store that counts how often each object is read."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.reads: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def open(self, key: str) -> Any:
        if not key.endswith(".json"):
            self.reads[key] = self.reads.get(key, 0) + 1
        return self._store.open(key)


def test_a_deep_verify_reads_each_object_of_a_whole_chain_once(bench: Any, chain: Any) -> None:
    counted = Counted(bench.store)
    findings = verify(cast(Any, counted), bench.identity, deep=True)
    assert len(findings) == 6 and all(finding.whole for finding in findings)
    assert counted.reads == {point.object_key: 1 for point in chain.points}


def test_a_deep_verify_tells_of_references_to_nothing(bench: Any, deltas: Any) -> None:
    bench.sql("create table lines (id integer primary key, spot integer references spots (id))")
    bench.sql("insert into lines (spot) values (1), (99999), (88888)")
    deltas.take()
    (last,) = [f for f in verify(bench.store, bench.identity, deep=True) if not f.key.endswith("zst")]
    assert last.whole and last.broken_references == 2


def test_a_deep_verify_finds_a_database_that_was_broken_when_it_was_stored(bench: Any, deltas: Any) -> None:
    bench.add_rows(200)
    with bench.database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(bytes(4096))
    point = deltas.take()
    (last,) = [f for f in verify(bench.store, bench.identity, deep=True) if not f.key.endswith("zst")]
    assert last.key == point.folder and last.problem and point.name in last.problem
