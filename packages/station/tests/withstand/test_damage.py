"""Objects that are cut short, missing, of others: each reader names them and the way out, and a new chain begins."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from station.errors import DamagedObject
from station.fleet import Keep
from station.points.catalog import list_points, newest
from station.points.mirror import Mirror
from station.points.point import Point
from station.points.prune import prune
from station.points.publish import Contested
from station.points.restore import restore
from station.points.target import Rules
from station.points.verify import verify
from station.sqlite.scan import scan_database, scan_file
from station.stores.store import read

KEEP = Keep(last=100, hourly=24, daily=7, weekly=4, monthly=12)


def cut_short(store: Any, key: str) -> None:
    """Take the last byte away."""
    content = read(store, key)
    store.delete(key)
    store.put(key, content[:-1])


def of_another_chain(store: Any, key: str) -> None:
    """Put the record of that number of an older chain there."""
    chains = sorted({entry.key.split("/")[2] for entry in store.list() if entry.key.endswith("000000.json")})
    assert len(chains) == 2
    folder, _, name = key.rpartition("/")
    content = read(store, f"{folder.rpartition('/')[0]}/{chains[0]}/{name}")
    store.delete(key)
    store.put(key, content)


def gone(store: Any, key: str) -> None:
    store.delete(key)


DAMAGES: dict[str, tuple[Callable[[Any, str], None], int, str, int]] = {
    # what happens, to the point of which number, to its object or record, and how many points before it restore
    "the base lacks its last byte": (cut_short, 0, "object", 0),
    "the base is missing": (gone, 0, "object", 0),
    "a change is missing": (gone, 2, "object", 2),
    "a change lacks its last byte": (cut_short, 2, "object", 2),
    "a record is missing": (gone, 2, "record", 2),
    "a record is of another chain": (of_another_chain, 2, "record", 2),
    "a record lacks its last bytes": (cut_short, 2, "record", 2),
}


class Case:
    """An old chain of points 0 to 3, the current one of points 0 to 4, and what is damaged in it."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.old = self._chain(4)
        bench.later(3600)
        self.current = self._chain(5)
        self.mirror = Mirror(bench.folder / "pi2", bench.store, bench.identity)

    def _chain(self, count: int) -> list[Point]:
        made = []
        for number in range(count):
            self.bench.add_rows(5)
            made.append(self.bench.take_once(full=not number))
        return made

    def damage(self, what: str) -> str:
        harm, seq, part, _ = DAMAGES[what]
        point = self.current[seq]
        key = point.object_key if part == "object" else point.record_key
        harm(self.bench.store, key)
        if what == "a record lacks its last bytes":
            harm(self.bench.store, key)
        return key


@pytest.fixture(params=[("directory", "plain"), ("directory", "delta"), ("dropbox", "delta")], ids="-".join)
def case(bench: Any, remote: Callable[..., Any], request: pytest.FixtureRequest) -> Case:
    kind, encoding = request.param
    remote(kind, encrypted=kind == "dropbox")
    bench.rules = Rules(encoding=encoding)
    return Case(bench)


@pytest.mark.parametrize("what", DAMAGES)
def test_each_reader_names_what_is_damaged_and_goes_as_far_as_it_can(case: Case, what: str) -> None:
    bench, whole = case.bench, DAMAGES[what][3]
    key = case.damage(what)
    last = case.current[-1]
    with pytest.raises(DamagedObject) as told:
        restore(bench.store, last, bench.folder / "restored.db")
    assert key in told.value.message
    best = case.current[whole - 1] if whole else case.old[-1]
    assert best.name in told.value.hint
    assert not list(bench.folder.glob("restored.db*"))
    restore(bench.store, best, bench.folder / "way-out.db")
    assert scan_file(bench.folder / "way-out.db").digest == best.digest

    found = [finding for finding in verify(bench.store, bench.identity) if not finding.whole]
    assert key in [finding.key for finding in found] and all(finding.problem for finding in found)
    deep = [finding.key for finding in verify(bench.store, bench.identity, deep=True) if not finding.whole]
    assert key in deep and not [named for named in deep if case.old[0].folder in named]

    assert case.mirror.catch_up() == best
    assert any(key in why.message for why in case.mirror.damage)
    plan = prune(bench.store, bench.identity, KEEP, bench.now, lambda: None)
    assert plan.freed == ()


@pytest.mark.parametrize("what", DAMAGES)
def test_once_it_is_noticed_the_next_chain_begins_and_everything_works(case: Case, what: str) -> None:
    bench = case.bench
    key = case.damage(what)
    case.mirror.catch_up()  # notices, and tells the taker
    there = {entry.key for entry in bench.store.list()}
    bench.later(timedelta(minutes=11).total_seconds())
    bench.add_rows(3)
    with bench.taker() as taker:
        bench.take(taker)
        bench.later(61)
        bench.add_rows(3)
        last = bench.take(taker)
    assert newest(bench.store, bench.identity) == last
    assert last.chain > case.current[0].chain and last.digest == scan_database(bench.database).digest
    assert there <= {entry.key for entry in bench.store.list()}, "something that was there was lost"
    assert case.mirror.catch_up() == last
    restore(bench.store, last, bench.folder / "restored.db")
    assert scan_file(bench.folder / "restored.db").digest == last.digest
    deep = [finding.key for finding in verify(bench.store, bench.identity, deep=True) if not finding.whole]
    assert key in deep and not [named for named in deep if last.folder in named]


def test_foreign_files_in_a_store_are_left_alone_by_everybody(case: Case) -> None:
    bench = case.bench
    folder = case.current[0].folder
    foreign = [
        "README.txt",
        "bookedbiz/main/notes.txt",
        f"{folder}/000009.txt",
        f"{folder}/base.db",
        f"{folder}/1.json",
        "bookedbiz/main/holiday/000001.json",
        "bookedbiz/main/zzz/base.db.zst",
        f"{folder}/000003.json.bak",
    ]
    for key in foreign:
        bench.store.put(key, b"not ours")
    bench.add_rows(3)
    last = bench.take_once()
    assert (last.chain, last.seq) == (case.current[0].chain, 5)
    assert case.mirror.catch_up() == last and case.mirror.damage == []
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))
    bench.later(400 * 86400)
    bench.add_rows(3)
    bench.take_once(full=True)
    bench.later(2 * 86400)
    plan = prune(
        bench.store, bench.identity, Keep(last=1, hourly=0, daily=0, weekly=0, monthly=0), bench.now, lambda: None
    )
    assert plan.freed_points >= 9
    assert [read(bench.store, key) for key in foreign] == [b"not ours"] * len(foreign)


def test_a_store_that_damages_everything_is_not_filled_with_full_copies(bench: Any) -> None:
    bench.take_once()
    for _ in range(5):
        bench.add_rows(3)
        point = bench.take_once()
        cut_short(bench.store, point.object_key)
        bench.mirror.catch_up()
        bench.later(70)
    assert len({point.chain for point in list_points(bench.store, bench.identity)}) <= 2


def test_a_last_point_whose_record_somebody_took_away_is_taken_again(bench: Any) -> None:
    bench.take_once()
    bench.add_rows(3)
    point = bench.take_once()
    bench.store.delete(point.record_key)
    bench.add_rows(3)
    with bench.taker() as taker:
        with pytest.raises(Contested):  # its object is there still: another writer may be about to record it
            bench.take(taker)
        bench.later(60)
        bench.take(taker)
        assert bench.restores_to_now(taker.last)
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))
