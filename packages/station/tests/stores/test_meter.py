"""The limit on what is sent to a store: kept by every kind of store, whatever its pieces are. Nothing sleeps."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dropbox_emulator.emulator import Emulator
from station.fleet import StoreSpec
from station.stores.directory import DirectoryStore
from station.stores.meter import SMALLEST_PIECE, Meter
from station.stores.opening import open_store
from station.stores.store import Store, read

MIB = 1 << 20


class Line:
    """A clock that only moves when somebody waits; what was waited, and the pieces that were sent."""

    def __init__(self, bytes_s: float) -> None:
        self.now_s = 1000.0
        self.waits: list[float] = []
        self.pieces: list[int] = []
        self.meter = Meter(bytes_s, now_s=lambda: self.now_s, sleep=self._sleep)
        self.meter.on_sent = self.pieces.append

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds


@pytest.fixture
def line() -> Line:
    return Line(MIB)


class LimitContract:
    """Subclass it with a `store` fixture whose meter is the line's."""

    def test_five_mebibytes_at_one_a_second_take_five_seconds(self, store: Store, line: Line, tmp_path: Path) -> None:
        source = tmp_path / "source"
        source.write_bytes(bytes(range(256)) * (5 * MIB // 256))
        line.waits.clear()
        line.pieces.clear()
        store.put("app/large", source)
        assert 4.0 <= sum(line.waits) <= 5.5
        assert max(line.pieces) <= MIB and 5 * MIB <= sum(line.pieces) <= 5 * MIB + 4096
        assert read(store, "app/large") == source.read_bytes()

    def test_a_small_object_counts_too(self, store: Store, line: Line) -> None:
        line.pieces.clear()
        store.create("app/small", b"x" * 1000)
        assert sum(line.pieces) == 1000


class TestDirectory(LimitContract):
    @pytest.fixture
    def store(self, tmp_path: Path, line: Line) -> DirectoryStore:
        made = DirectoryStore("disk", tmp_path / "store", meter=line.meter)
        made.initialise()
        return made


class TestDropbox(LimitContract):
    @pytest.fixture
    def store(self, dropbox_store, line: Line) -> Iterator[Store]:  # type: ignore[no-untyped-def]
        return dropbox_store(meter=line.meter, piece_bytes=2 * 4 * MIB)


class TestS3(LimitContract):
    @pytest.fixture
    def store(self, s3_store, line: Line) -> Store:  # type: ignore[no-untyped-def]
        return s3_store(meter=line.meter)


def test_an_upload_to_dropbox_that_was_cut_between_two_blocks_goes_on(
    dropbox_store, emulator: Emulator, tmp_path: Path
) -> None:
    from dropbox_emulator.faults import Fault
    from station.errors import StoreError

    source, state = tmp_path / "source", tmp_path / "state"
    source.write_bytes(bytes(range(256)) * (9 * MIB // 256))
    append = "files/upload_session/append_v2"
    emulator.faults.add(Fault(append, answer=503, skip=6, times=6))
    with pytest.raises(StoreError):
        dropbox_store(state=state, meter=Line(MIB).meter).put("app/large", source)
    store = dropbox_store(state=state, meter=Line(MIB).meter)
    emulator.ledger.clear()
    store.put("app/large", source)
    assert emulator.ledger.received_bytes("files/upload_session") == 3 * MIB
    assert read(store, "app/large") == source.read_bytes()


def test_the_limit_of_the_manifest_reaches_the_store(tmp_path: Path) -> None:
    spec = StoreSpec("disk", "directory", tmp_path)
    assert open_store(spec).meter.piece(MIB) == MIB  # type: ignore[attr-defined]
    assert open_store(replace(spec, upload_kib_s=100)).meter.piece(MIB) == 100 * 1024  # type: ignore[attr-defined]


def test_a_piece_is_a_second_of_the_limit_and_never_tiny() -> None:
    assert Meter().piece(10 * MIB) == 10 * MIB
    assert Meter(MIB).piece(10 * MIB) == MIB and Meter(MIB).piece(1000) == 1000
    assert Meter(10).piece(10 * MIB) == SMALLEST_PIECE


def test_a_pause_of_the_sender_is_not_made_up_for(line: Line) -> None:
    line.meter.sent(MIB)
    line.now_s += 60
    line.meter.sent(MIB)
    assert line.waits == [1.0, 1.0]


def test_two_stores_do_not_share_a_meter(tmp_path: Path) -> None:
    one, other = DirectoryStore("one", tmp_path / "one"), DirectoryStore("other", tmp_path / "other")
    assert one.meter is not other.meter
