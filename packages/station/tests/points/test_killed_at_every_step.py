"""kill -9 before each single step that touches the disk: of a take, a catch-up, a release; nothing is left to luck."""

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from station.points.catalog import list_points
from station.points.divergence import divergences, save_divergence
from station.points.mirror import Mirror
from station.points.pagetable import table_path
from station.points.restore import restore
from station.points.target import Rules
from station.sqlite.scan import scan_database, scan_file

pytestmark = pytest.mark.slow
FORK = multiprocessing.get_context("fork")
STEPS = {
    "open", "write", "flush", "truncate", "close", "fsync", "rename", "replace", "link", "unlink", "remove", "mkdir",
    "execute", "executemany", "flock", "step", "__exit__",
}  # fmt: skip


def dies_before_step(number: int, work: Callable[[], object]) -> bool:
    """Run the work in a process that is killed before that step. False when it was done before it came to it."""

    def run() -> None:
        left = number

        def before(frame: FrameType, event: str, called: Any) -> None:
            nonlocal left
            if event == "c_call" and called.__name__ in STEPS:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(before)
        work()
        sys.setprofile(None)

    process = FORK.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def each_death(folder: Path, work: Callable[[], object], stride: int = 1) -> Iterator[int]:
    """For each step: the folder as it is now, then the work killed before that step."""
    before = folder.with_name(f"{folder.name}-before")
    shutil.copytree(folder, before)
    number = 1
    while True:
        shutil.rmtree(folder)
        shutil.copytree(before, folder)
        if not dies_before_step(number, work):
            break
        yield number
        number += stride
    assert number > 20, "the steps are not seen"


def add_rows_as_an_app(bench: Any) -> None:
    bench.sql("pragma wal_autocheckpoint = 0")
    bench.add_rows(30)


@pytest.mark.parametrize(("full", "encoding"), [(False, "delta"), (True, "plain")], ids=["a change", "a full copy"])
def test_a_take_of(bench: Any, full: bool, encoding: str) -> None:
    bench.rules = Rules(encoding=encoding)
    bench.sql("pragma journal_mode = delete")  # one file, so that it can be copied between the deaths
    first = bench.take_once()
    bench.add_rows(30)
    now = scan_database(bench.database).digest
    for step in each_death(bench.folder, lambda: bench.take_once(full=full)):
        for point in list_points(bench.store, bench.identity):
            target = bench.folder / f"restored-{point.chain}-{point.seq}.db"
            restore(bench.store, point, target)
            assert point.digest in (first.digest, now), step
        bench.take_once()
        last = list_points(bench.store, bench.identity)[-1]
        assert last.digest == now, step
        assert len(list_points(bench.store, bench.identity)) == 2, step
        bench.mirror.catch_up()
        bench.mirror.prove()
        assert bench.mirror.position.digest == now, step
        bench.store.put("next-write", b"")  # sweeps what a killed writer left
        assert list((bench.store.path / ".incoming").iterdir()) == [], step


@pytest.fixture
def ahead(bench: Any) -> list[Any]:
    """The mirror is at the first of these points: a change, a shrinking one, a chain adopted, a chain to be fetched."""
    points = [bench.take_once()]
    bench.mirror.catch_up()
    bench.add_rows(3)
    points.append(bench.take_once())
    bench.sql("delete from spots where id > 10; vacuum")
    points.append(bench.take_once())
    points.append(bench.take_once(full=True))
    bench.add_rows(2)
    points.append(bench.take_once(full=True))
    bench.add_rows(1)
    points.append(bench.take_once())
    return points


def test_a_mirror_catching_up_is_one_point_or_the_next(bench: Any, ahead: list[Any]) -> None:
    order = [point.digest for point in ahead]
    for step in each_death(bench.mirror.folder, bench.mirror.catch_up):
        position = bench.mirror.position
        assert position is not None, step
        looked_at = bench.folder / "looked-at"  # a person who opens the copy meanwhile, with the log beside it
        shutil.copytree(bench.mirror.folder, looked_at)
        seen = scan_database(looked_at / bench.mirror.file.name).digest
        shutil.rmtree(looked_at)
        assert seen in order and order.index(seen) - order.index(position.digest) in (0, 1), step
        bench.store.path.rename(bench.folder / "away")
        bench.mirror.prove()  # it finishes what is there without the store
        (bench.folder / "away").rename(bench.store.path)
        assert bench.mirror.catch_up() == ahead[-1], step
        bench.mirror.prove()
        left = sorted(file.name for file in bench.mirror.folder.iterdir())
        assert left == sorted([bench.mirror.file.name, "main.lock", "pages-main.db"]), step


def test_the_first_catch_up_begins_again(bench: Any) -> None:
    taken = bench.take_once()
    bench.mirror.folder.mkdir(parents=True)
    for step in each_death(bench.mirror.folder, bench.mirror.catch_up):
        assert bench.mirror.catch_up() == taken, step
        bench.mirror.prove()


def test_a_release_is_done_or_not_and_is_finished_by_the_next_run(bench: Any) -> None:
    taken = bench.take_once()
    bench.mirror.catch_up()
    state = bench.mirror.folder.parent
    target = state / "data" / "bookedbiz.db"
    for step in each_death(state, lambda: bench.mirror.release(target)):
        assert bench.mirror.position == (None if target.exists() else taken), step
        bench.mirror.release(target)
        assert scan_file(target).digest == taken.digest, step
        assert not bench.mirror.file.exists() and table_path(state, bench.identity).exists(), step
        assert save_divergence(target, bench.identity, state, "pi2", bench.now) is None, step
        assert Mirror(bench.mirror.folder, bench.store, bench.identity).position is None, step


def test_a_release_to_another_disk_too(bench: Any, another_disk: Path) -> None:
    taken = bench.take_once()
    bench.mirror.catch_up()
    state, target = bench.mirror.folder.parent, another_disk / "bookedbiz.db"
    for step in each_death(state, lambda: bench.mirror.release(target)):
        assert not target.exists() or scan_file(target).digest == taken.digest, step
        bench.mirror.release(target)
        assert scan_file(target).digest == taken.digest, step
        assert not bench.mirror.file.exists() and list(another_disk.iterdir()) == [target], step
        target.unlink()


def test_a_divergence_is_saved_whole_or_saved_by_the_next_run(bench: Any) -> None:
    bench.sql("pragma journal_mode = delete")
    bench.take_once()
    bench.add_rows(1)

    def save() -> object:
        return save_divergence(bench.database, bench.identity, bench.state, "pi-ctv", bench.now)

    for step in each_death(bench.state, save):
        saved = save()
        assert list(divergences(bench.state)) == [saved], step
