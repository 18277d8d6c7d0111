"""The line is cut at every tenth of a full copy, while the database changes: it goes on where it stopped."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from station.errors import StoreError
from station.points.catalog import list_points
from station.points.restore import restore
from station.points.target import Rules
from station.sqlite.scan import scan_database, scan_file

MOST_CUTS = 16  # ten tenths; what a cut has taken is sent once more

ROWS = {"dropbox": 1000, "s3": 1300, "sftp": 3000}  # of 8 kB that do not compress; SFTP has 1 MiB under way


def cut_until_it_is_there(bench: Any, far: Any, tenth: int, *, anew: bool) -> tuple[int, set[int]]:
    """How often the line was cut, and the files that were sealed meanwhile, by their inodes."""
    cuts, sealed = 0, set()
    with ExitStack() as held:
        taker = held.enter_context(bench.taker())
        while cuts < MOST_CUTS:
            bench.add_rows(3)
            far.cut_after(tenth)
            try:
                bench.take(taker)
                break
            except StoreError as why:
                assert why.hint
            cuts += 1
            sealed |= {file.stat().st_ino for file in (bench.state / "outbox").glob("*.sealed")}
            far.mend()
            if anew:
                held.close()
                bench.store = far.open()
                taker = held.enter_context(bench.taker())
    far.mend()
    return cuts, sealed


@pytest.mark.parametrize("anew", [False, True], ids=["one process", "a new one each time"])
@pytest.mark.parametrize(
    ("kind", "encoding", "encrypted"),
    [("dropbox", "delta", False), ("dropbox", "plain", True), ("s3", "delta", False), ("sftp", "delta", True)],
)
def test_a_full_copy_that_is_cut_at_every_tenth_is_sent_once(
    bench: Any, remote: Callable[..., Any], kind: str, encoding: str, encrypted: bool, anew: bool
) -> None:
    bench.rules = Rules(encoding=encoding)
    bench.add_rows(ROWS[kind], 8000)
    far = remote(kind, encrypted=encrypted)
    before = far.sent()
    cuts, sealed = cut_until_it_is_there(bench, far, bench.database.stat().st_size // 10, anew=anew)
    points = list_points(bench.store, bench.identity)
    assert cuts >= 9 and len(sealed) == 1, "one and the same object was sent"
    sent = far.sent() - before
    assert sent <= 1.6 * points[0].object_bytes, f"{cuts} cuts"
    assert [point.seq for point in points] == [0, 1]
    restore(bench.store, points[-1], bench.folder / "restored.db")
    assert scan_file(bench.folder / "restored.db").digest == scan_database(bench.database).digest
    assert list((bench.state / "outbox").iterdir()) == []
