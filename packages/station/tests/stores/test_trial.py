"""The trial of a store: every fault that would cost a copy or a lease is found, and nothing is left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from station.stores.directory import DirectoryStore
from station.stores.extras import About
from station.stores.store import Entry
from station.stores.trial import PREFIX, Trial


class Overwriting(DirectoryStore):
    """Takes any creation: two hosts would both become primary."""

    def create(self, key: str, source: Path | bytes) -> None:
        self.put(key, source)


class Forgetful(DirectoryStore):
    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        with super().open(key) as stream:
            yield BytesIO(stream.read()[:-1])


class Late(DirectoryStore):
    """Lists what was there before the last change."""

    def list(self, prefix: str = "") -> Iterator[Entry]:
        return (Entry(entry.key, entry.size_bytes - 1) for entry in super().list(prefix))


class Clinging(DirectoryStore):
    def delete(self, key: str) -> None: ...


def made(kind: type[DirectoryStore], folder: Path) -> DirectoryStore:
    store = kind("disk", folder / "store")
    store.initialise()
    return store


def test_a_store_that_is_in_order_passes_and_is_as_before(tmp_path: Path) -> None:
    store = made(DirectoryStore, tmp_path)
    store.put("bookedbiz/main/one", b"1")
    steps = list(Trial(store).steps())
    assert [step.failure for step in steps] == [None] * 10
    assert [entry.key for entry in store.list()] == ["bookedbiz/main/one"]


@pytest.mark.parametrize(
    ("kind", "at", "why"),
    [
        (Overwriting, "create again", "created one key twice"),
        (Forgetful, "read", "other bytes"),
        (Late, "list", "does not list"),
        (Clinging, "list again", "was deleted"),
    ],
)
def test_a_fault_ends_the_trial_and_is_named(tmp_path: Path, kind: type[DirectoryStore], at: str, why: str) -> None:
    store = made(kind, tmp_path)
    *before, last = Trial(store).steps()
    assert all(step.failure is None for step in before)
    assert last.name == at
    assert last.failure is not None
    assert why in last.failure.message
    if kind is not Clinging:
        assert not list(DirectoryStore("disk", store.path).list(PREFIX))


def test_dropbox_passes_and_tells_whose_it_is_and_what_is_free(dropbox_store) -> None:
    store = dropbox_store()
    steps = list(Trial(store).steps())
    assert [step.failure for step in steps] == [None] * 10
    told = next(step.found for step in steps if isinstance(step.found, About))
    assert told.account
    assert told.free_bytes is not None
    assert list(store.list(PREFIX)) == []
