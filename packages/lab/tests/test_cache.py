"""What is built once for all runs is whole, and there, for whoever holds it."""

import fcntl
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab import cache

Held = Callable[[str], bool]


@pytest.fixture
def builds() -> list[str]:
    """The names that were built, in their order."""
    return []


@pytest.fixture
def held(tmp_path: Path, builds: list[str]) -> Held:
    """Whether what is built under a name is whole while it is held."""

    def hold(key: str) -> bool:
        def build(folder: Path) -> None:
            builds.append(key)
            (folder / "content").write_text(key)

        with cache.held(tmp_path / "kind", key, build) as folder:
            return (folder / "content").read_text() == key

    return hold


def test_what_is_there_is_not_built_again(held: Held, builds: list[str]) -> None:
    assert held("a") and held("a")
    assert builds == ["a"]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, held: Held) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"), cache.held(tmp_path / "kind", "a", fail):
        pass
    assert held("a")


def test_only_the_newest_are_kept(tmp_path: Path, held: Held) -> None:
    for key in "abcd":
        assert held(key)
    kept = [path.name for path in (tmp_path / "kind").iterdir() if path.is_dir()]
    assert len(kept) == cache.KEPT and "d" in kept


def test_what_another_run_cleared_at_the_worst_moment_is_built_again(
    tmp_path: Path, held: Held, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock cannot be changed into another kind without being nobody's for a moment."""
    locks, flock = [], fcntl.flock

    def cleared_meanwhile(lock: object, kind: int) -> None:
        locks.append(kind)
        if locks == [fcntl.LOCK_SH, fcntl.LOCK_EX, fcntl.LOCK_SH]:
            shutil.rmtree(tmp_path / "kind" / "a")
        flock(lock, kind)  # type: ignore[arg-type]

    monkeypatch.setattr(fcntl, "flock", cleared_meanwhile)
    assert held("a")
    assert builds == ["a", "a"]


def test_many_at_once_each_hold_something_whole(held: Held) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(held, [f"{number % 5}" for number in range(200)]))
