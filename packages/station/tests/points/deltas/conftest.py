"""Chains of deltas, written by the parts that write them, without the taker around them."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from station.points.objects import BaseSpool, change_spool
from station.points.point import Point, chain_name, to_record
from station.points.script import restore_scripts
from station.points.shadow import Shadow, shadow_path
from station.sqlite.hashes import Pages
from station.sqlite.scan import Database
from station.stores.cipher import Cipher


class DeltaChain:
    """Points of the bench's live database, as many in one chain as are taken. `encoding` holds for the next change."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.encoding = "delta"
        self.cipher: Cipher | None = None
        self.points: list[Point] = []
        self.pages = Pages(4096, b"")
        bench.state.mkdir(parents=True, exist_ok=True)
        self.shadow = Shadow(shadow_path(bench.state, bench.identity), 4096)

    def take(self) -> Point:
        """Record a point of this moment: the first one a full copy."""
        self.bench.now += timedelta(seconds=3)
        seq = len(self.points)
        chain = self.points[0].chain if seq else chain_name(1, "pi-ctv", self.bench.now)
        path = self.bench.folder / "spool"
        with Database(self.bench.database) as database, database.reading() as snapshot:
            if seq:
                spool = change_spool(
                    path,
                    self.pages,
                    f"{chain}/{seq:06d}",
                    old=self.shadow.at(self.pages) if self.encoding == "delta" else None,
                    cipher=self.cipher,
                )
            else:
                spool = BaseSpool(path, snapshot.page_size, snapshot.page_count, self.cipher)
            came: list[tuple[int, bytes]] = []

            def add(number: int, page: bytes) -> None:
                spool.add(number, page)
                came.append((number, page))

            with spool:
                pages = snapshot.scan(add, self.pages.hashes if seq else b"")
                size, sha256 = spool.seal(pages.page_count)
                encoding = spool.encoding
                assert [file.name for file in path.parent.glob("spool*")] == [spool.path.name]
                if seq:
                    assert sorted(spool.changes()) == sorted(came)  # also when the file is encrypted
                point = self._publish(chain, seq, pages, (size, sha256, encoding, spool))
        for number, page in came:
            self.shadow.put(number, page)
        self.shadow.cut(pages.page_count)
        self.pages = pages
        self.points.append(point)
        return point

    def split_pages(self) -> Point:
        """Record a full copy, and the point at which many pages were split off others that other groups have."""
        rows = (
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) "
            "insert into keys select hex(randomblob(16)) from n"
        )
        self.bench.sql("create table keys (key text)")
        self.bench.sql(rows.format(40_000))
        self.bench.sql("create index keys_key on keys (key)")
        self.take()
        self.bench.sql(rows.format(2_000))
        point = self.take()
        assert point.changed_pages > 500 and point.object_bytes < 320 * point.changed_pages
        return point

    def rewrite(self, point: Point, content: bytes) -> Point:
        """Put another object under the point, and a record that says that this is what was stored."""
        forged = Point(
            **(vars(point) | {"object_bytes": len(content), "object_sha256": hashlib.sha256(content).hexdigest()})
        )
        self.bench.object_file(point).write_bytes(content)
        (self.bench.store.path / point.record_key).write_bytes(to_record(forged))
        return forged

    def _publish(self, chain: str, seq: int, pages: Pages, sealed: tuple[int, str, str, Any]) -> Point:
        size, sha256, encoding, spool = sealed
        point = Point(
            app="bookedbiz",
            database="main",
            chain=chain,
            seq=seq,
            epoch=1,
            host="pi-ctv",
            taken_at=self.bench.now,
            page_size=pages.page_size,
            page_count=pages.page_count,
            changed_pages=spool.pages,
            digest=pages.digest,
            object_bytes=size,
            object_sha256=sha256,
            encoding=encoding,
            key=spool.key,
        )
        self.bench.store.create(point.object_key, spool.path)
        for name, script in restore_scripts().items():
            self.bench.store.put(f"{point.folder}/{name}", script)
        self.bench.store.create(point.record_key, to_record(point))
        return point


@pytest.fixture
def deltas(bench: Any) -> Iterator[DeltaChain]:
    made = DeltaChain(bench)
    yield made
    made.shadow.close()


@pytest.fixture
def chain(bench: Any, deltas: DeltaChain) -> DeltaChain:
    """A base, a delta, a log, a delta that shrinks the database, and one that lets it grow again."""
    bench.add_rows(200)
    deltas.take()
    for number, change in enumerate(
        (
            "update spots set note = 'x' where id % 7 = 0",
            "select 1",
            "delete from spots where id > 20; vacuum",
            "select 1",
        )
    ):
        bench.sql(change)
        bench.add_rows(10)
        if number == 2:
            bench.sql("delete from spots where id > 15; vacuum")
        deltas.encoding = "plain" if number == 1 else "delta"
        deltas.take()
    assert [point.encoding for point in deltas.points] == ["plain", "delta", "plain", "delta", "delta"]
    assert deltas.points[3].page_count < deltas.points[2].page_count < deltas.points[4].page_count + 100
    return deltas
