"""Large objects in S3: sent in parts, and never from the start again, whatever is cut or killed."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from station.errors import LeaseLost, StoreError
from station.stores.s3 import stale as s3_stale
from station.stores.s3.pending import MOST_PARTS, Fingerprint, fingerprint
from station.stores.s3.store import S3Store
from station.stores.store import KeyExists, read

FORK = multiprocessing.get_context("fork")
PART = 512 * 1024
SIZE = 3 * PART + 12_345
KEY = "app/large"
PARTS = "partNumber="
MakeStore = Callable[..., S3Store]


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


def unfinished(store: S3Store) -> list[str]:
    page = store._calls.run("look", lambda client: client.list_multipart_uploads(Bucket=store.place.bucket))
    return [upload["Key"] for upload in page.get("Uploads", [])]


def test_a_large_object_is_sent_once_and_nothing_is_left_behind(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, state: Path
) -> None:
    store = s3_store(state=state)
    s3_line.calls.clear()
    store.create(KEY, source)
    assert s3_line.sent(PARTS) == SIZE and len(s3_line.calls) == 1 + 1 + 1 + 4 + 1
    assert read(store, KEY) == content
    assert [file.name for file in state.iterdir() if file.is_file()] == ["upload-s3.lock"]
    with pytest.raises(KeyExists):
        store.create(KEY, source)
    assert s3_line.sent(PARTS) == SIZE and unfinished(store) == []


@pytest.mark.parametrize("tenth", range(1, 10))
def test_an_upload_that_is_cut_goes_on_in_the_same_run(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, tenth: int
) -> None:
    store = s3_store()
    number, into = divmod(SIZE * tenth // 10, PART)
    s3_line.faults.append(s3_line.Fault(f"{PARTS}{number + 1}&", cut_request_after=into))
    store.create(KEY, source)
    assert s3_line.faults[0].times == 0 and SIZE < s3_line.sent(PARTS) <= SIZE + PART
    assert read(store, KEY) == content


@pytest.mark.parametrize("tenth", range(1, 10))
def test_an_upload_that_ends_with_the_network_goes_on_in_the_next_run(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, state: Path, tenth: int
) -> None:
    number, into = divmod(SIZE * tenth // 10, PART)
    s3_line.faults.append(s3_line.Fault(f"{PARTS}{number + 1}&", cut_request_after=into))
    s3_line.faults.append(s3_line.Fault(PARTS, cut_request_after=0, skip=number, times=5))
    with pytest.raises(StoreError, match="no connection"):
        s3_store(state=state).create(KEY, source)
    assert s3_line.sent(PARTS) == SIZE * tenth // 10
    s3_line.faults.clear()
    s3_line.calls.clear()
    store = s3_store(state=state)
    store.create(KEY, source)
    assert s3_line.sent(PARTS) == SIZE - number * PART
    assert read(store, KEY) == content and unfinished(store) == []


def test_a_part_whose_answer_got_lost_is_not_sent_again_by_the_next_run(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, state: Path
) -> None:
    s3_line.faults.append(s3_line.Fault(f"{PARTS}2&", cut_reply_after=-1))
    s3_line.faults.append(s3_line.Fault(f"{PARTS}2&", answer=(503, "SlowDown"), times=9))
    with pytest.raises(StoreError):
        s3_store(state=state).put(KEY, source)
    s3_line.faults.clear()
    s3_line.calls.clear()
    store = s3_store(state=state)
    store.put(KEY, source)
    assert s3_line.sent(PARTS) == SIZE - 2 * PART and read(store, KEY) == content


def test_an_upload_of_something_else_is_given_up(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, state: Path
) -> None:
    s3_line.faults.append(s3_line.Fault(f"{PARTS}3&", cut_request_after=0, times=6))
    store = s3_store(state=state)
    with pytest.raises(StoreError):
        store.put(KEY, source)
    assert unfinished(store) == ["station/app/large"]
    source.write_bytes(b"x" + content)
    s3_store(state=state).put(KEY, source)
    assert read(store, KEY) == b"x" + content and unfinished(store) == []


def test_an_upload_that_the_service_has_forgotten_is_begun_anew(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, state: Path
) -> None:
    s3_line.faults.append(s3_line.Fault(f"{PARTS}3&", cut_request_after=0, times=6))
    store = s3_store(state=state)
    with pytest.raises(StoreError):
        store.put(KEY, source)
    s3_line.faults.append(s3_line.Fault("uploadId=", answer=(404, "NoSuchUpload")))
    s3_store(state=state).put(KEY, source)
    assert read(store, KEY) == content


@pytest.mark.parametrize("match", [f"{PARTS}2&", "POST .*uploadId="])
def test_an_answer_that_got_lost_is_made_out(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, match: str
) -> None:
    store = s3_store()
    s3_line.faults.append(s3_line.Fault(match, cut_reply_after=-1))
    store.create(KEY, source)
    assert s3_line.faults[0].times == 0 and read(store, KEY) == content


def test_a_completion_that_was_done_and_then_not_known_any_more_is_ours(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes
) -> None:
    store = s3_store()
    s3_line.faults.append(s3_line.Fault("POST .*uploadId=", cut_reply_after=-1))
    s3_line.faults.append(s3_line.Fault("POST .*uploadId=", answer=(404, "NoSuchUpload")))
    store.create(KEY, source)  # moto would answer the second completion as the first; Amazon after a while does not
    assert read(store, KEY) == content and s3_line.sent(PARTS) == SIZE


def test_a_creation_that_was_completed_before_its_run_was_killed_is_ours(
    s3_store: MakeStore, s3_line: Any, source: Path, state: Path
) -> None:
    s3_line.faults.append(s3_line.Fault("POST .*uploadId=", cut_reply_after=-1))
    s3_line.faults.append(s3_line.Fault("POST .*uploadId=", cut_reply_after=-1, times=5))
    with pytest.raises(StoreError):
        s3_store(state=state).create(KEY, source)
    s3_line.faults.clear()
    s3_line.calls.clear()
    s3_store(state=state).create(KEY, source)
    assert s3_line.sent(PARTS) == 0
    with pytest.raises(KeyExists):
        s3_store(state=state).create(KEY, source)


def test_whoever_completes_second_is_refused_and_leaves_nothing(
    s3_store: MakeStore, s3_line: Any, source: Path
) -> None:
    store, other = s3_store(), s3_store()
    with pytest.raises(KeyExists):
        store._uploads.send(replace(_sending(store), guard=lambda: other.create(KEY, b"quicker")), source)
    assert read(store, KEY) == b"quicker" and unfinished(store) == []


def test_a_guard_that_raises_leaves_what_was_there(s3_store: MakeStore, source: Path) -> None:
    store = s3_store()
    store.put(KEY, b"first")

    def refuse() -> None:
        raise LeaseLost("not ours any more")

    for new in (source, b"second"):
        with pytest.raises(LeaseLost):
            store.put_guarded(KEY, new, refuse)
    assert read(store, KEY) == b"first"


def test_a_file_that_changes_while_it_is_sent_is_not_stored(
    s3_store: MakeStore, s3_line: Any, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = s3_store()
    start = store._multipart.start

    def change(*call: Any) -> str:
        with source.open("r+b") as file:
            file.seek(2 * PART)
            file.write(b"changed")
        return start(*call)

    monkeypatch.setattr(store._uploads._multipart, "start", change)
    with pytest.raises(StoreError, match="changed while it was sent"):
        store.put(KEY, source)
    assert list(store.list("app/")) == []


@pytest.mark.parametrize("large", [False, True])
def test_bytes_that_arrive_otherwise_are_refused_and_sent_again(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, *, large: bool
) -> None:
    store = s3_store()
    s3_line.faults.append(s3_line.Fault("PUT /", spoil=True))
    store.put(KEY, source if large else b"small")
    assert read(store, KEY) == (content if large else b"small") and s3_line.faults[0].times == 0
    s3_line.faults.append(s3_line.Fault("PUT /", spoil=True, times=9))
    with pytest.raises(StoreError, match="what arrived is not what was sent"):
        store.put("app/other", b"small")


def test_a_second_process_does_not_touch_the_upload_of_the_first(
    s3_store: MakeStore, source: Path, content: bytes, state: Path
) -> None:
    from station.stores.s3.pending import Upload, pending

    store = s3_store(state=state)
    with pending(state, "upload-s3") as held:
        held.keep(Upload("app/other", [], "of somebody else"))
        store.put(KEY, source)
        assert held.left().upload == "of somebody else"
    assert read(store, KEY) == content


def test_old_uploads_of_a_dead_host_are_aborted_and_young_ones_are_not(
    s3_store: MakeStore, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = s3_store()
    store._multipart.start("begin", "app/abandoned", "nonce")
    store.put(KEY, source)
    assert unfinished(store) == ["station/app/abandoned"]
    monkeypatch.setattr(s3_stale, "STALE_AFTER", timedelta(seconds=-60))
    store.put(KEY, source)
    assert unfinished(store) == []


def test_a_killed_uploader_goes_on_where_it_was(
    s3_store: MakeStore, s3_line: Any, source: Path, content: bytes, state: Path
) -> None:
    moments = random.Random(11)
    store = s3_store(state=state)
    s3_line.faults.append(s3_line.Fault(PARTS, delay_s=0.3, times=999))
    killed = 0
    while not any(True for _ in store.list(KEY)):
        uploader = FORK.Process(target=store.create, args=(KEY, source))
        before = s3_line.sent(PARTS)
        uploader.start()
        while uploader.is_alive() and s3_line.sent(PARTS) == before:
            time.sleep(0.01)
        uploader.join(moments.uniform(0.05, 0.3))
        if uploader.is_alive() and uploader.pid is not None:
            os.kill(uploader.pid, signal.SIGKILL)
            killed += 1
        uploader.join()
        time.sleep(0.2)  # what the service had received when its caller died is still carried out
        assert killed < 30
    assert killed >= 2 and read(store, KEY) == content
    assert s3_line.sent(PARTS) <= SIZE + killed * PART


def test_parts_of_a_huge_file_stay_below_the_services_number(tmp_path: Path) -> None:
    file = tmp_path / "sparse"
    with file.open("w+b") as huge:
        huge.truncate(MOST_PARTS * 4096 + 1)
        found = fingerprint(huge, 4096)
    assert len(found.parts) <= MOST_PARTS and found.part_bytes % (1 << 20) == 0
    assert isinstance(found, Fingerprint)


def _sending(store: S3Store) -> Any:
    from station.stores.s3.upload import Sending

    return Sending("create app/large", KEY, only_new=True)
