"""Large objects: sent in pieces, and never from the start again, whatever is cut or killed."""

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from dropbox_emulator.emulator import Emulator
from dropbox_emulator.faults import Fault
from station.errors import StoreError
from station.stores.dropbox.errors import Unreachable
from station.stores.store import KeyExists, read

FORK = multiprocessing.get_context("fork")
PIECE = 4 * 1024 * 1024
SIZE = 5 * PIECE + 12_345
APPEND = "files/upload_session/append_v2"


@pytest.fixture
def content() -> bytes:
    return random.Random(3).randbytes(SIZE)


@pytest.fixture
def source(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "source"
    file.write_bytes(content)
    return file


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def sent(emulator: Emulator) -> int:
    return emulator.ledger.received_bytes("files/upload")


def test_a_large_object_is_sent_once_and_nothing_is_left_behind(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, state: Path
) -> None:
    store = dropbox_store(state=state)
    emulator.ledger.clear()
    store.create("app/large", source)
    assert sent(emulator) == SIZE and read(store, "app/large") == content
    assert [file.name for file in state.iterdir() if file.is_file()] == ["upload-dropbox.lock"]
    with pytest.raises(KeyExists):
        store.create("app/large", source)
    assert sent(emulator) == SIZE


@pytest.mark.parametrize("tenth", range(1, 10))
def test_an_upload_that_is_cut_goes_on_in_the_same_run(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, tenth: int
) -> None:
    store = dropbox_store()
    emulator.ledger.clear()
    emulator.faults.add(Fault(APPEND, cut_request_after=SIZE * tenth // 10))
    store.create("app/large", source)
    assert read(store, "app/large") == content
    assert emulator.faults.pending == 0 and SIZE <= sent(emulator) <= SIZE + PIECE


@pytest.mark.parametrize("tenth", range(1, 10))
def test_an_upload_that_ends_with_the_network_goes_on_in_the_next_run(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, state: Path, tenth: int
) -> None:
    first = dropbox_store(state=state)
    emulator.ledger.clear()
    emulator.faults.add(Fault(APPEND, cut_request_after=SIZE * tenth // 10, times=6))
    with pytest.raises(StoreError):
        first.create("app/large", source)
    assert sent(emulator) == SIZE * tenth // 10 and emulator.faults.pending == 0
    whole_pieces = SIZE * tenth // 10 // PIECE * PIECE
    emulator.ledger.clear()
    dropbox_store(state=state).create("app/large", source)
    assert sent(emulator) == SIZE - whole_pieces + _marker_bytes(emulator)
    assert read(first, "app/large") == content


def test_another_object_that_begins_alike_takes_the_session_over(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, state: Path
) -> None:
    emulator.faults.add(Fault(APPEND, answer=503, skip=3, times=6))
    with pytest.raises(StoreError):
        dropbox_store(state=state).put("app/first", source)
    longer = content[:-100] + b"another end, and a longer one" * 100
    source.write_bytes(longer)
    store = dropbox_store(state=state)
    emulator.ledger.clear()
    store.put("app/second", source)
    assert sent(emulator) == len(longer) - 3 * PIECE and read(store, "app/second") == longer


def test_another_object_that_begins_otherwise_is_sent_whole(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, state: Path
) -> None:
    emulator.faults.add(Fault(APPEND, answer=503, skip=3, times=6))
    with pytest.raises(StoreError):
        dropbox_store(state=state).put("app/first", source)
    source.write_bytes(b"x" + content)
    store = dropbox_store(state=state)
    store.put("app/second", source)
    assert read(store, "app/second") == b"x" + content


def test_a_session_that_the_service_has_forgotten_is_begun_anew(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, state: Path
) -> None:
    emulator.faults.add(Fault(APPEND, answer=503, skip=2, times=6))
    with pytest.raises(StoreError):
        dropbox_store(state=state).put("app/large", source)
    emulator.account.uploads.sessions.clear()
    store = dropbox_store(state=state)
    store.put("app/large", source)
    assert read(store, "app/large") == content


@pytest.mark.parametrize("route", [APPEND, "files/upload_session/finish"])
def test_an_answer_that_got_lost_is_made_out(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, route: str
) -> None:
    store = dropbox_store()
    emulator.ledger.clear()
    emulator.faults.add(Fault(route, cut_reply_after=-1))
    store.create("app/large", source)
    assert read(store, "app/large") == content and emulator.faults.pending == 0
    assert sent(emulator) <= SIZE + PIECE


def test_a_piece_that_arrived_before_its_run_ended_is_not_sent_again(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, state: Path
) -> None:
    emulator.faults.add(Fault(APPEND, cut_reply_after=-1, skip=2))
    emulator.faults.add(Fault(APPEND, answer=503, skip=2, times=5))
    with pytest.raises(StoreError):
        dropbox_store(state=state).create("app/large", source)
    store = dropbox_store(state=state)
    emulator.ledger.clear()
    store.create("app/large", source)
    assert sent(emulator) == SIZE - 3 * PIECE and read(store, "app/large") == content


def test_a_creation_that_was_saved_before_its_run_was_killed_is_ours(
    dropbox_store, emulator: Emulator, source: Path, state: Path
) -> None:
    emulator.faults.add(Fault("files/upload_session/finish", cut_reply_after=-1))
    emulator.faults.add(Fault("files/upload_session/finish", answer=503, times=5))
    with pytest.raises(StoreError):
        dropbox_store(state=state).create("app/large", source)
    assert "/station/app/large" in emulator.account.tree.nodes
    emulator.ledger.clear()
    dropbox_store(state=state).create("app/large", source)
    assert sent(emulator) == _marker_bytes(emulator)
    with pytest.raises(KeyExists):
        dropbox_store(state=state).create("app/large", source)


def test_a_file_that_changes_while_it_is_sent_is_not_stored(
    dropbox_store, emulator: Emulator, source: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dropbox_store(state=state)
    start = store._calls.run

    def change_once(what, call):  # type: ignore[no-untyped-def]
        with source.open("r+b") as file:
            file.seek(3 * PIECE)
            file.write(b"changed")
        return start(what, call)

    monkeypatch.setattr(store._calls, "run", change_once)
    with pytest.raises(StoreError, match="content_hash_mismatch") as refused:
        store.put("app/large", source)
    assert "changed while it was sent" in refused.value.hint
    assert "/station/app/large" not in emulator.account.tree.nodes


def test_what_arrived_otherwise_is_taken_away_again(
    dropbox_store, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dropbox_store()
    monkeypatch.setattr("station.stores.dropbox.pending.Fingerprint.content_hash", "0" * 64)
    with pytest.raises(StoreError, match="not what was sent"):
        store.put("one", b"1")
    assert "/station/one" not in emulator.account.tree.nodes


def test_a_second_process_does_not_touch_the_upload_of_the_first(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, state: Path
) -> None:
    store = dropbox_store(state=state)
    from station.stores.dropbox.pending import pending

    with pending(state, "upload-dropbox") as held:
        held.note(session="of somebody else", offset=PIECE)
        store.put("app/large", source)
        assert held.left().session == "of somebody else"
    assert read(store, "app/large") == content


def test_a_killed_uploader_goes_on_where_it_was(
    dropbox_store, emulator: Emulator, source: Path, content: bytes, state: Path
) -> None:
    moments = random.Random(11)
    store = dropbox_store(state=state)
    emulator.ledger.clear()
    emulator.faults.add(Fault(APPEND, slow_s=0.12, times=999))
    killed = 0
    while "/station/app/large" not in emulator.account.tree.nodes:
        uploader = FORK.Process(target=store.create, args=("app/large", source))
        before = sent(emulator)
        uploader.start()
        while uploader.is_alive() and sent(emulator) == before:
            time.sleep(0.01)
        uploader.join(moments.uniform(0.1, 0.3))
        if uploader.is_alive() and uploader.pid is not None:
            os.kill(uploader.pid, signal.SIGKILL)
            killed += 1
        uploader.join()
        time.sleep(0.2)  # what the service had received when its caller died is still carried out
        assert killed < 30
    assert killed >= 2 and read(store, "app/large") == content
    assert sent(emulator) <= SIZE + (killed + 1) * PIECE + 10_000


def test_an_unreachable_service_says_so_for_large_ones_too(dropbox_store, emulator: Emulator, source: Path) -> None:
    store = dropbox_store()
    emulator.faults.add(Fault("files/upload_session/*", cut_reply_after=-1, times=99))
    with pytest.raises(Unreachable, match="app/large"):
        store.put("app/large", source)


def _marker_bytes(emulator: Emulator) -> int:
    """Opening a store in these tests sets it up, which sends its marker again."""
    return sum(line.received_bytes for line in emulator.ledger.lines("files/upload") if line.route == "files/upload")
