"""What every store promises, held by every kind of store there is."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from station.errors import StoreError
from station.stores.directory import DirectoryStore
from station.stores.store import Entry, KeyExists, NoSuchKey, Store, read

FORK = multiprocessing.get_context("fork")


class StoreContract:
    """Subclass it with a `store` fixture: what holds for every kind of store."""

    def test_what_was_put_is_read_back(self, store: Store) -> None:
        store.put("app/main/one.json", b"content")
        assert read(store, "app/main/one.json") == b"content"

    def test_a_file_is_stored_as_it_was_then(self, store: Store, tmp_path: Path) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"first")
        store.put("one", source)
        store.create("two", source)
        with source.open("r+b") as same_file:
            same_file.write(b"later")
        assert read(store, "one") == read(store, "two") == b"first"

    def test_a_second_put_replaces_the_first(self, store: Store) -> None:
        store.put("one", b"first")
        store.put("one", b"second, and longer")
        assert read(store, "one") == b"second, and longer"

    def test_a_key_is_created_once(self, store: Store) -> None:
        store.create("epochs/000001.json", b"mine")
        with pytest.raises(KeyExists):
            store.create("epochs/000001.json", b"yours")
        assert read(store, "epochs/000001.json") == b"mine"

    def test_a_key_that_is_not_there_is_named(self, store: Store) -> None:
        with pytest.raises(NoSuchKey, match="no/such"), store.open("no/such"):
            pass

    def test_a_folder_is_no_object(self, store: Store) -> None:
        store.put("app/one", b"1")
        with pytest.raises(NoSuchKey), store.open("app"):
            pass
        with pytest.raises(NoSuchKey), store.open("app/one/below"):
            pass

    def test_a_listing_is_in_order_of_key_and_holds_the_sizes(self, store: Store) -> None:
        for key in ("a/x", "a-b/x", "a.b/x", "b", "a/x.json", "ab"):
            store.put(key, key.encode())
        listed = list(store.list())
        assert listed == [Entry(key, len(key)) for key in sorted(["a/x", "a-b/x", "a.b/x", "b", "a/x.json", "ab"])]

    def test_a_listing_is_cut_to_its_prefix(self, store: Store) -> None:
        for key in ("app/main/1", "app/main/2", "app/mainly/1", "apple"):
            store.put(key, b"")
        assert [entry.key for entry in store.list("app/main/")] == ["app/main/1", "app/main/2"]
        assert [entry.key for entry in store.list("app/main")] == ["app/main/1", "app/main/2", "app/mainly/1"]
        assert [entry.key for entry in store.list("app/main/2")] == ["app/main/2"]
        assert list(store.list("other/")) == []

    def test_what_was_deleted_is_gone_and_deleting_again_is_no_error(self, store: Store) -> None:
        store.put("app/one", b"1")
        store.delete("app/one")
        store.delete("app/one")
        store.delete("never/there")
        assert list(store.list()) == []
        store.create("app/one", b"again")

    @pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".hidden", "a/.b", "a b", "ä", "a\n"])
    def test_a_key_that_is_none_is_refused(self, store: Store, key: str) -> None:
        with pytest.raises(StoreError):
            store.put(key, b"")

    def test_of_racing_creators_in_real_processes_exactly_one_wins(self, store: Store) -> None:
        racers, rounds = 4, 25
        together = FORK.Barrier(racers)
        wins = FORK.Queue()

        def race(number: int, start: Barrier) -> None:
            for turn in range(rounds):
                start.wait(timeout=20)  # a racer that died must not keep the others
                try:
                    store.create(f"epochs/{turn:06d}.json", f"racer {number}".encode())
                except KeyExists:
                    continue
                wins.put((turn, number))

        processes = [FORK.Process(target=race, args=(number, together)) for number in range(racers)]
        for process in processes:
            process.start()
        winners = [wins.get(timeout=30) for _ in range(rounds)]
        for process in processes:
            process.join(30)
        assert wins.empty() and sorted(turn for turn, _ in winners) == list(range(rounds))
        for turn, number in winners:
            assert read(store, f"epochs/{turn:06d}.json") == f"racer {number}".encode()


class TestDirectory(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> DirectoryStore:
        made = DirectoryStore("disk", tmp_path / "store")
        made.initialise()
        return made


class TestDropbox(StoreContract):
    @pytest.fixture
    def store(self, dropbox_store: Callable[[], Store]) -> Store:
        return dropbox_store()


class TestS3(StoreContract):
    @pytest.fixture
    def store(self, s3_store: Callable[[], Store]) -> Store:
        return s3_store()
