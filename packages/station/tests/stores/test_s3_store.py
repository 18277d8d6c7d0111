"""What only a store in S3 does: conditional writes, long lists, downloads that go on, copies by the service."""

import io
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from station.clock import utc_now
from station.cluster.lease import Lease
from station.errors import StoreError
from station.stores.extras import About, can_hold_lease
from station.stores.s3 import errors as s3_errors
from station.stores.s3 import multipart as s3_multipart
from station.stores.s3.calls import Place
from station.stores.s3.store import S3Store
from station.stores.store import KeyExists, NoSuchKey, read
from station.stores.trial import PREFIX, Trial

MakeStore = Callable[..., S3Store]


def calls_of(line: Any, do: Callable[[], object]) -> list[str]:
    before = len(line.calls)
    do()
    return [call.line.split(" ")[0] for call in line.calls[before:]]


def test_each_verb_costs_as_few_calls_as_can_be(s3_store: MakeStore, s3_line: Any) -> None:
    store = s3_store()
    assert calls_of(s3_line, lambda: store.put("app/one", b"1")) == ["PUT"]
    assert calls_of(s3_line, lambda: store.create("app/two", b"2")) == ["PUT"]
    assert calls_of(s3_line, lambda: read(store, "app/one")) == ["GET"]
    assert calls_of(s3_line, lambda: list(store.list("app/"))) == ["GET"]
    assert calls_of(s3_line, lambda: store.delete("app/one")) == ["DELETE"]
    assert calls_of(s3_line, s3_store) == ["PUT"]  # of a marker that is there
    assert calls_of(s3_line, lambda: store.copy("app/two", "app/three")) == ["HEAD", "HEAD", "POST", "PUT", "POST"]


def test_a_listing_of_many_pages_is_whole_and_in_order(s3_store: MakeStore, s3_line: Any) -> None:
    store = s3_store()
    for number in range(25):
        store.put(f"app/{number:03d}", b"")
    store._calls._open().meta.events.register("provide-client-params.s3.ListObjectsV2", _ten_at_once)
    began = len(s3_line.calls)
    assert [entry.key for entry in store.list("app/")] == [f"app/{number:03d}" for number in range(25)]
    assert len(s3_line.calls) - began == 3


def _ten_at_once(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return params | {"MaxKeys": 10}


def test_what_others_keep_beside_the_prefix_is_not_ours(s3_store: MakeStore, s3_place: Place) -> None:
    store, beside = s3_store(), s3_store(replace(s3_place, prefix="station2"))
    whole = s3_store(replace(s3_place, prefix=""))
    store.put("one", b"1")
    beside.put("two", b"2")
    assert [entry.key for entry in store.list()] == ["one"] and [entry.key for entry in beside.list()] == ["two"]
    assert [entry.key for entry in whole.list()] == ["station/one", "station2/two"]


@pytest.mark.parametrize("answer", ["lost", "failed after it was done"])
def test_a_creation_whose_answer_got_lost_is_made_out(s3_store: MakeStore, s3_line: Any, answer: str) -> None:
    store = s3_store()
    s3_line.faults.append(s3_line.Fault("PUT /", cut_reply_after=-1))
    if answer != "lost":
        s3_line.faults.append(s3_line.Fault("PUT /", answer=(500, "InternalError")))
    store.create("epochs/000001.json", b"mine")
    assert read(store, "epochs/000001.json") == b"mine"
    s3_line.faults.append(s3_line.Fault("PUT /", cut_request_after=0))
    with pytest.raises(KeyExists):
        store.create("epochs/000001.json", b"mine")  # equal bytes, and in doubt: still somebody else's


def test_a_conflict_of_two_creations_is_tried_again(s3_store: MakeStore, s3_line: Any, waits: list[float]) -> None:
    store = s3_store()
    s3_line.faults.append(s3_line.Fault("PUT /", answer=(409, "ConditionalRequestConflict")))
    store.create("one", b"1")
    assert read(store, "one") == b"1" and len(waits) == 1


@pytest.mark.parametrize("answer", [(501, "NotImplemented"), (400, "NotImplemented"), (501, "")])
def test_a_service_without_conditional_writes_says_that_it_cannot_hold_the_lease(
    s3_store: MakeStore, s3_line: Any, answer: tuple[int, str], waits: list[float]
) -> None:
    store = s3_store()
    s3_line.faults.append(s3_line.Fault("PUT /", answer=answer, times=99))
    with pytest.raises(s3_errors.Unconditional, match="conditional") as refused:
        store.create("one", b"1")
    assert "hold no lease" in refused.value.hint
    assert waits == [] and list(store.list()) == []


class Unknowing:
    """A service that answers *not implemented* to every condition, as Backblaze B2 is said to."""

    def __init__(self, store: S3Store) -> None:
        store._calls._open().meta.events.register_first("before-send.s3", self._refuse)

    def _refuse(self, request: Any, **_: Any) -> AWSResponse | None:
        if "If-None-Match" not in request.headers:
            return None
        body = b"<Error><Code>NotImplemented</Code><Message>told</Message></Error>"
        return AWSResponse(request.url, 501, {}, _Raw(body))


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> list[bytes]:
        return [self.read()]


@pytest.fixture(params=["not implemented", "ignored"])
def weak_store(request: pytest.FixtureRequest, s3_place: Place) -> Iterator[MakeStore]:
    """Opens a store of a service without conditional writes, as a new process would."""
    with ExitStack() as opened:

        def make(*, fresh: bool = False) -> S3Store:
            store = S3Store("b2", replace(s3_place, prefix="weak"))
            opened.callback(store.close)
            (Overwriting if request.param == "ignored" else Unknowing)(store)
            if fresh:
                store.initialise()
            return store

        yield make


def test_a_service_without_conditional_writes_keeps_points_and_no_lease(
    s3_store: MakeStore, weak_store: MakeStore
) -> None:
    s3_store()  # which makes the bucket
    first, later = weak_store(fresh=True), weak_store()
    for store in (first, later):
        assert not can_hold_lease(store)
        with pytest.raises(StoreError, match="no") as refused:
            Lease(store, "bookedbiz").take("pi-ctv", 0, "first start", utc_now())
        assert "Name another store first" in refused.value.hint
    assert list(first.list()) == []
    later.initialise()
    assert not can_hold_lease(weak_store())


@pytest.mark.parametrize("size_bytes", [10, 1024 * 1024])
def test_without_conditional_writes_what_is_there_is_not_replaced_by_a_creation(
    s3_store: MakeStore, weak_store: MakeStore, tmp_path: Path, size_bytes: int
) -> None:
    s3_store()
    store, content, other = weak_store(fresh=True), random.Random(1).randbytes(size_bytes), tmp_path / "other"
    other.write_bytes(b"2" * size_bytes)
    file = tmp_path / "file"
    file.write_bytes(content)
    store.create("one", file)
    store.copy("one", "copy")
    for again in (lambda: store.create("one", other), lambda: store.copy("one", "copy")):
        with pytest.raises(KeyExists):
            again()
    assert read(store, "one") == read(store, "copy") == content


def test_the_trial_tells_a_store_that_can_hold_no_lease_from_one_that_can(
    s3_store: MakeStore, weak_store: MakeStore
) -> None:
    told = {step.name: str(step.found) for step in Trial(s3_store()).steps()}
    assert "the lease hangs on it" in told["create again"]
    steps = list(Trial(weak_store(fresh=True)).steps())
    assert [step.failure for step in steps] == [None] * len(steps)
    assert "not an app's first store" in {step.name: str(step.found) for step in steps}["create again"]


class Overwriting:
    """A service that looks away at `If-None-Match`, by taking it out of every call."""

    def __init__(self, store: S3Store) -> None:
        store._calls._open().meta.events.register_first("before-sign.s3", self._strip)

    def _strip(self, request: Any, **_: Any) -> None:
        del request.headers["If-None-Match"]


def test_the_trial_finds_a_service_that_ignores_the_condition(s3_store: MakeStore) -> None:
    store = s3_store()
    Overwriting(store)
    *_, last = Trial(store).steps()
    assert last.name == "create again" and last.failure is not None
    assert "created one key twice" in last.failure.message


def test_the_trial_passes_and_leaves_nothing(s3_store: MakeStore) -> None:
    store = s3_store()
    steps = list(Trial(store).steps())
    assert [step.failure for step in steps] == [None] * 10
    assert any(isinstance(step.found, About) and step.found.place.startswith("s3://ctv-") for step in steps)
    assert list(store.list(PREFIX)) == []


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_download_that_is_cut_goes_on_where_it_was(s3_store: MakeStore, s3_line: Any, tenth: int) -> None:
    store = s3_store()
    content = random.Random(tenth).randbytes(1_024_000)
    store.put("one", content)
    s3_line.faults.append(s3_line.Fault("GET /", cut_reply_after=len(content) * tenth // 10))
    assert read(store, "one") == content and s3_line.faults[0].times == 0


def test_a_download_whose_object_is_replaced_meanwhile_is_an_error(s3_store: MakeStore, s3_line: Any) -> None:
    store = s3_store()
    store.put("one", bytes(3_000_000))
    s3_line.faults.append(s3_line.Fault("GET /", cut_reply_after=1_000_000))
    with store.open("one") as stream:
        stream.read(10)
        store.put("one", b"1" * 3_000_000)
        with pytest.raises(StoreError, match="replaced while it was read"):
            stream.read()


def test_a_download_that_is_cut_again_and_again_ends(s3_store: MakeStore, s3_line: Any) -> None:
    store = s3_store()
    store.put("one", bytes(300_000))
    s3_line.faults.append(s3_line.Fault("GET /", cut_reply_after=0, times=99))
    with pytest.raises(s3_errors.Unreachable, match="read one"):
        read(store, "one")


@pytest.mark.parametrize("size", [0, 10, 1_500_000])
def test_a_copy_is_made_by_the_service_and_never_goes_over_another(
    s3_store: MakeStore, s3_line: Any, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(s3_multipart, "COPY_BYTES", 512 * 1024)
    store = s3_store()
    content = bytes(range(251)) * (size // 251) + b"x" * (size % 251)
    store.put("a/one", content)
    sent = s3_line.sent("a/two")
    store.copy("a/one", "a/two")
    assert read(store, "a/two") == content and s3_line.sent("a/two") - sent < 5000
    with pytest.raises(KeyExists):
        store.copy("a/one", "a/two")
    with pytest.raises(NoSuchKey):
        store.copy("a/none", "a/three")


def test_of_two_copies_to_one_key_the_second_to_complete_is_refused(
    s3_store: MakeStore, s3_line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = s3_store(), s3_store()
    store.put("a/one", b"one")
    copy_parts = store._multipart.copy_parts

    def race(*call: Any) -> dict[str, str]:
        other.create("a/two", b"quicker")
        return copy_parts(*call)

    monkeypatch.setattr(store._multipart, "copy_parts", race)
    with pytest.raises(KeyExists):
        store.copy("a/one", "a/two")
    assert read(store, "a/two") == b"quicker"


def test_a_copy_whose_completion_is_not_known_any_more_is_ours(s3_store: MakeStore, s3_line: Any) -> None:
    store = s3_store()
    store.put("a/one", b"one")
    s3_line.faults.append(s3_line.Fault("POST .*uploadId=", cut_reply_after=-1))
    s3_line.faults.append(s3_line.Fault("POST .*uploadId=", answer=(404, "NoSuchUpload")))
    store.copy("a/one", "a/two")
    assert read(store, "a/two") == b"one"
