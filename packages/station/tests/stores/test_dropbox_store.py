"""What only a store in Dropbox has to withstand: its folder, its names, its listings, how it is opened."""

import subprocess
import sys
from pathlib import Path

import pytest

from dropbox_emulator.emulator import Emulator
from dropbox_emulator.faults import Fault
from station.errors import ManifestError, StoreError
from station.fleet import StoreSpec
from station.stores.dropbox.calls import Entrance
from station.stores.dropbox.store import DropboxStore
from station.stores.extras import About, about, copied, put_guarded
from station.stores.opening import open_store
from station.stores.store import Entry, KeyExists, NoSuchKey, read
from station.stores.trial import Trial


def test_setting_up_again_changes_nothing(dropbox_store, emulator: Emulator) -> None:
    store = dropbox_store()
    before = emulator.account.tree.nodes["/station/.station-store"]
    store.initialise()
    assert emulator.account.tree.nodes["/station/.station-store"] == before


def test_a_folder_that_is_no_store_is_an_error_and_nothing_is_written_into_it(
    entrance: Entrance, emulator: Emulator
) -> None:
    store = DropboxStore("dropbox", "/elsewhere", entrance)
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
    assert emulator.account.tree.nodes == {}
    store.close()


def test_a_store_that_is_emptied_by_hand_is_noticed(dropbox_store, emulator: Emulator) -> None:
    store = dropbox_store()
    store.create("app/epochs/000001.json", b"mine")
    emulator.account.tree.remove("/station")
    with pytest.raises(StoreError, match="is gone"):
        list(store.list("app/epochs/"))


def test_a_store_in_the_root_of_the_app_folder(entrance: Entrance) -> None:
    store = DropboxStore("dropbox", "/", entrance)
    store.initialise()
    store.put("app/one", b"1")
    assert list(store.list()) == [Entry("app/one", 1)]
    store.close()


def test_a_listing_of_many_pages_is_whole_though_its_cursor_is_reset(
    dropbox_store, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.stores.dropbox.store.PAGE", 3)
    store = dropbox_store()
    keys = sorted(f"app/{number}" for number in range(10))
    for key in keys:
        store.put(key, b"x")
    emulator.faults.add(Fault("files/list_folder/continue", answer=409, tag="reset", skip=1))
    assert [entry.key for entry in store.list("app/")] == keys
    assert emulator.faults.pending == 0


def test_keys_keep_their_case_though_the_folder_was_made_in_another(dropbox_store, emulator: Emulator) -> None:
    store = dropbox_store()
    store.put("App/CHAIN-T1Z/Object", b"1")
    assert [entry.key for entry in store.list("App/")] == ["App/CHAIN-T1Z/Object"]
    assert [entry.key for entry in store.list()] == ["App/CHAIN-T1Z/Object"]


def test_files_that_are_no_keys_are_not_listed(dropbox_store, emulator: Emulator) -> None:
    store = dropbox_store()
    store.put("app/one", b"1")
    content = emulator.account.contents.keep(b"x")
    for stranger in ("/station/app/My holiday.jpg", "/station/.hidden/one", "/other/two"):
        emulator.account.tree.put_file(stranger, content)
    assert [entry.key for entry in store.list()] == ["app/one"]


def test_deleting_a_key_never_takes_a_folder_away(dropbox_store) -> None:
    store = dropbox_store()
    store.put("app/main/one", b"1")
    store.delete("app/main")
    assert read(store, "app/main/one") == b"1"


def test_deleting_does_not_take_away_what_came_meanwhile(dropbox_store, monkeypatch: pytest.MonkeyPatch) -> None:
    store = dropbox_store()
    store.put("one", b"old")
    seen = store._metadata("look", "one")
    store.put("one", b"new")
    monkeypatch.setattr(store, "_metadata", lambda what, key: seen)
    with pytest.raises(StoreError, match="conflict"):
        store.delete("one")
    assert read(store, "one") == b"new"


def test_a_file_that_stands_where_a_folder_is_needed_is_named(dropbox_store) -> None:
    store = dropbox_store()
    store.put("app/file", b"")
    for attempt in (store.put, store.create):
        with pytest.raises(StoreError, match="app/file/below") as refused:
            attempt("app/file/below", b"x")
        assert not isinstance(refused.value, KeyExists) and "file stands" in refused.value.hint


def test_a_stale_listing_cannot_make_two_winners(dropbox_store, emulator: Emulator) -> None:
    one, other = dropbox_store(), dropbox_store()
    one.create("app/epochs/000001.json", b"first")
    one.create("app/epochs/000002.json", b"second")
    emulator.faults.add(Fault("files/list_folder", stale_by=1))
    assert [entry.key for entry in other.list("app/epochs/")] == ["app/epochs/000001.json"]
    with pytest.raises(KeyExists):
        other.create("app/epochs/000002.json", b"mine")


def test_the_manifest_opens_one_through_its_proxy_and_authority(entrance: Entrance) -> None:
    spec = StoreSpec(
        "cloud",
        "dropbox",
        Path("/station"),
        credentials=entrance.credentials,
        proxy=entrance.proxy,
        ca_file=entrance.ca_file,
    )
    store = open_store(spec)
    assert isinstance(store, DropboxStore)
    store.initialise()
    store.put("one", b"1")
    assert read(store, "one") == b"1"
    store.close()


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(ManifestError, match="no such kind"):
        open_store(StoreSpec("x", "ftp", Path("/x")))


def test_the_sdk_is_imported_only_by_those_who_have_such_a_store() -> None:
    script = "import sys, station.stores.opening, station.cli.main; sys.exit('dropbox' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_environment_decides_nothing(dropbox_store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "none.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    store = dropbox_store()
    store.put("one", b"1")
    assert read(store, "one") == b"1"


def test_it_tells_whose_it_is_and_how_much_room_is_left(dropbox_store, emulator: Emulator) -> None:
    store = dropbox_store()
    used = emulator.account.tree.used_bytes
    emulator.account.space_bytes = used + 1000
    assert about(store) == About("dropbox", "/station", "account@example.invalid", used, 1000)


def test_a_copy_is_made_over_there_and_never_over_another(dropbox_store, emulator: Emulator) -> None:
    store = dropbox_store()
    store.put("app/one", b"1")
    sent = emulator.ledger.received_bytes("files/upload")
    assert copied(store, "app/one", "backups/today")
    assert read(store, "backups/today") == b"1" and emulator.ledger.received_bytes("files/upload") == sent
    store.put("app/one", b"2")
    with pytest.raises(KeyExists):
        store.copy("app/one", "backups/today")
    assert read(store, "backups/today") == b"1"
    for none in ("app/none", "app"):
        with pytest.raises(NoSuchKey):
            store.copy(none, "backups/other")


def test_a_copy_whose_answer_got_lost_was_made(dropbox_store, emulator: Emulator) -> None:
    store = dropbox_store()
    store.put("app/one", b"1")
    emulator.faults.add(Fault("files/copy_v2", cut_reply_after=-1))
    store.copy("app/one", "backups/today")
    assert read(store, "backups/today") == b"1"


@pytest.mark.parametrize("size", [10, 9_000_000])
def test_a_guard_that_raises_keeps_what_was_there(dropbox_store, tmp_path: Path, size: int) -> None:
    store = dropbox_store()
    (tmp_path / "new").write_bytes(b"x" * size)
    store.put("app/one", b"old")

    def refuse() -> None:
        raise StoreError("not ours any more")

    with pytest.raises(StoreError, match="not ours any more"):
        put_guarded(store, "app/one", tmp_path / "new", refuse)
    assert read(store, "app/one") == b"old"
    put_guarded(store, "app/one", tmp_path / "new", lambda: None)
    assert len(read(store, "app/one")) == size


def test_the_trial_of_a_store_passes(dropbox_store) -> None:
    steps = list(Trial(dropbox_store()).steps())
    assert len(steps) == 10 and all(step.failure is None for step in steps)
