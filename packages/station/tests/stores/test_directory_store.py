"""What only a store in a directory has to withstand."""

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from station.errors import StoreError
from station.stores import directory
from station.stores.directory import DirectoryStore, rename_exclusively
from station.stores.store import KeyExists, NoSuchKey, read

FORK = multiprocessing.get_context("fork")


class TestDirectoryStore:
    @pytest.fixture
    def store(self, tmp_path: Path) -> DirectoryStore:
        made = DirectoryStore("disk", tmp_path / "store")
        made.initialise()
        return made

    def test_setting_up_again_changes_nothing(self, store: DirectoryStore) -> None:
        store.put("one", b"1")
        before = (store.path / directory.MARKER).read_bytes()
        store.initialise()
        assert (store.path / directory.MARKER).read_bytes() == before
        assert [entry.key for entry in store.list()] == ["one"]

    def test_links_that_lead_nowhere_or_in_a_circle_stop_no_listing(
        self, store: DirectoryStore, tmp_path: Path
    ) -> None:
        store.put("app/one", b"1")
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "two").write_bytes(b"22")
        for link, target in {
            "up": "..",
            "self": "self",
            "here": ".",
            "nothing": "gone",
            "there": "../../elsewhere",
        }.items():
            (store.path / "app" / link).symlink_to(target)
        (store.path / "root").symlink_to(store.path)
        assert [entry.key for entry in store.list()] == ["app/one", "app/there/two"]

    def test_a_disk_that_is_not_mounted_is_an_error_and_nothing_is_written_below_it(
        self, store: DirectoryStore, tmp_path: Path
    ) -> None:
        store.put("one", b"1")
        store.path.rename(tmp_path / "unmounted")
        store.path.mkdir()
        for attempt in (
            lambda: store.put("two", b"2"),
            lambda: store.create("two", b"2"),
            lambda: read(store, "one"),
            lambda: list(store.list()),
            lambda: store.delete("one"),
        ):
            with pytest.raises(StoreError, match="is gone") as refused:
                attempt()
            assert not isinstance(refused.value, NoSuchKey)
            assert "mounted" in refused.value.hint
        assert list(store.path.iterdir()) == []

    def test_a_full_or_broken_disk_is_a_store_error(self, store: DirectoryStore) -> None:
        store.put("app/file", b"")
        with pytest.raises(StoreError, match="app/file/below"):
            store.put("app/file/below", b"a file stands where a folder is needed")

    def test_without_hard_links_a_key_is_still_created_once(
        self, store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_links(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", no_links)  # what exFAT answers; no such file system can be mounted here
        store.create("one", b"mine")
        with pytest.raises(KeyExists):
            store.create("one", b"yours")
        assert read(store, "one") == b"mine"

    def test_renaming_exclusively_tells_the_loser(self, tmp_path: Path) -> None:
        for name in ("fresh", "other", "final"):
            (tmp_path / name).write_text(name)
        assert not rename_exclusively(tmp_path / "fresh", tmp_path / "final")
        assert (tmp_path / "final").read_text() == "final"
        assert rename_exclusively(tmp_path / "fresh", tmp_path / "new")
        with pytest.raises(FileNotFoundError):
            rename_exclusively(tmp_path / "gone", tmp_path / "new2")

    def test_killed_writers_leave_whole_objects_and_nothing_that_grows(self, store: DirectoryStore) -> None:
        moments = random.Random(7)
        content = {letter: letter.encode() * 300_000 for letter in "ab"}

        def write_for_ever() -> None:
            while True:
                for letter in "ab":
                    store.put("same", content[letter])
                    store.put(f"each/{letter}", content[letter])

        for _ in range(12):
            writer = FORK.Process(target=write_for_ever)
            writer.start()
            time.sleep(moments.uniform(0.01, 0.06))
            assert writer.pid is not None
            os.kill(writer.pid, signal.SIGKILL)
            writer.join()
            for entry in store.list():
                assert read(store, entry.key) in content.values()
        store.put("last", b"")
        assert list((store.path / ".incoming").iterdir()) == []

    def test_a_copy_is_a_file_of_its_own_and_never_goes_over_another(self, store: DirectoryStore) -> None:
        store.put("a/one", b"first")
        store.copy("a/one", "b/two")
        (store.path / "a/one").write_bytes(b"spoilt")
        assert read(store, "b/two") == b"first"
        with pytest.raises(KeyExists):
            store.copy("a/one", "b/two")
        with pytest.raises(NoSuchKey):
            store.copy("a/none", "b/three")

    def test_a_guard_that_raises_leaves_what_was_there(self, store: DirectoryStore, tmp_path: Path) -> None:
        store.put("one", b"first")

        def refuse() -> None:
            assert len(list((store.path / ".incoming").iterdir())) == 1  # all bytes are there already
            raise RuntimeError("not now")

        with pytest.raises(RuntimeError, match="not now"):
            store.put_guarded("one", b"second", refuse)
        assert read(store, "one") == b"first"
        assert list((store.path / ".incoming").iterdir()) == []

    def test_it_tells_where_it_is_and_what_is_free(self, store: DirectoryStore) -> None:
        told = store.about()
        assert (told.kind, told.place, told.account) == ("directory", str(store.path), None)
        assert told.free_bytes is not None and told.free_bytes > 0

    def test_folders_go_with_their_last_object_and_the_store_stays(self, store: DirectoryStore) -> None:
        for key in ("app/main/chain-1/base", "app/main/chain-1/000001", "app/main/chain-2/base"):
            store.put(key, b"1")
        store.delete("app/main/chain-1/base")
        assert (store.path / "app/main/chain-1").is_dir()
        store.delete("app/main/chain-1/000001")
        assert not (store.path / "app/main/chain-1").exists() and (store.path / "app/main/chain-2").is_dir()
        store.delete("app/main/chain-2/base")
        assert not (store.path / "app").exists() and store.is_there
        store.delete("never/was/there")
        store.create("app/main/chain-1/base", b"again")
        assert read(store, "app/main/chain-1/base") == b"again"

    def test_a_creator_whose_folder_is_taken_away_makes_it_again(self, store: DirectoryStore) -> None:
        rounds, failures = 300, FORK.Queue()

        def come_and_go(name: str) -> None:
            mine = DirectoryStore("disk", store.path)
            try:
                for _ in range(rounds):
                    mine.create(f"app/main/chain/{name}", name.encode())
                    mine.put(f"app/main/chain/{name}", b"2")
                    mine.delete(f"app/main/chain/{name}")
            except StoreError as why:
                failures.put(f"{name}: {why.message}")

        racers = [FORK.Process(target=come_and_go, args=(name,)) for name in "abcd"]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join(60)
            assert racer.exitcode == 0
        assert failures.empty(), failures.get()
        assert not (store.path / "app").exists()

    def test_a_folder_that_vanishes_before_the_name_is_given_is_made_again(
        self, store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        link, taken = os.link, []

        def take_the_folder_first(fresh: Path, final: Path) -> None:
            if not taken:
                taken.append(final.parent)
                final.parent.rmdir()
                final.parent.parent.rmdir()
            link(fresh, final)

        monkeypatch.setattr(os, "link", take_the_folder_first)  # a racing delete, at the worst moment
        store.create("app/main/one", b"1")
        assert taken and read(store, "app/main/one") == b"1"

    def test_an_unmounted_disk_is_not_made_anew_by_a_writer_that_was_under_way(
        self, store: DirectoryStore, tmp_path: Path
    ) -> None:
        with pytest.raises(StoreError, match="is gone"):
            store.put_guarded("app/one", b"1", lambda: store.path.rename(tmp_path / "unmounted") and None)
        assert not store.path.exists()

    def test_a_delete_costs_one_flush_and_a_put_none_for_folders_that_are_known(
        self, store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.put("app/main/first", b"")
        flushed, flush = [], os.fsync
        monkeypatch.setattr(os, "fsync", lambda descriptor: (flushed.append(descriptor), flush(descriptor))[1])
        for number in range(10):
            store.put(f"app/main/{number}", b"")
        assert len(flushed) == 20  # the file, and its name
        flushed.clear()
        for number in range(10):
            store.delete(f"app/main/{number}")
        store.delete("app/main/first")
        assert len(flushed) == 11

    def test_a_folder_that_another_made_is_made_durable_once(
        self, store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (store.path / "app").mkdir()  # by a process that was killed before it flushed
        flushed, flush = [], os.fsync

        def note(descriptor: int) -> None:
            flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
            flush(descriptor)

        monkeypatch.setattr(os, "fsync", note)
        store.put("app/one", b"1")
        assert str(store.path) in flushed
