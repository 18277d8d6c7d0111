"""Portable copies of an encrypted store: unreadable there, whole here, and old ones stay what they are."""

import subprocess
from datetime import UTC
from pathlib import Path

import pytest

from station.errors import DamagedObject, Refused, StoreError
from station.fleet import Keep
from station.points.backups import prune_copies
from station.points.copying import Copier, Sent, Source, Standing, copier, fetch
from station.points.portable import (
    backup_key,
    backup_name,
    current_copy,
    current_key,
    list_backups,
    one_backup,
    record_key,
    recorded_copies,
)
from station.sqlite.scan import scan_database
from station.stores.cipher import Cipher, equip
from station.stores.directory import DirectoryStore
from station.stores.keyfile import identities_of

SQLITE = b"SQLite format 3"


@pytest.fixture
def key_file(bench) -> Path:
    file = bench.folder / "cloud.key"
    subprocess.run(["age-keygen", "-o", file], capture_output=True, check=True)
    return file


@pytest.fixture
def encrypted_store(bench, key_file) -> DirectoryStore:
    equip(bench.store, Cipher(key_file, "disk"))
    return bench.store


@pytest.fixture
def key_id(key_file) -> str:
    return identities_of(key_file.read_text(), "the file")[0].key_id


def copier_of(bench, store: DirectoryStore, still_ours=lambda: None):
    source = Source(bench.identity, bench.database, bench.state, "pi-ctv", 1)
    return copier(source, store, still_ours, lambda: bench.now)


def plainly(bench) -> DirectoryStore:
    """The same store, opened by a host whose manifest names no key."""
    return DirectoryStore("disk", bench.store.path)


@pytest.fixture
def copies(bench, encrypted_store):
    with copier_of(bench, encrypted_store) as made:
        yield made


def stored_files(bench) -> list[str]:
    folder = bench.store.path / bench.identity.prefix
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_the_store_gets_no_readable_copy_and_the_download_is_one(bench, copies: Copier, key_id: str, rows) -> None:
    stored = copies.upload()
    assert stored_files(bench) == ["database.db.age", "database.db.json"]
    file = bench.store.path / stored.key
    assert (stored.copy.key, stored.copy.bytes) == (key_id, file.stat().st_size)
    assert SQLITE not in file.read_bytes()
    assert not any(SQLITE in each.read_bytes() for each in bench.store.path.rglob("*") if each.is_file())
    assert current_copy(bench.store, bench.identity) == stored.copy
    assert fetch(bench.store, current_key(bench.identity), bench.folder / "back.db") == stored.copy
    assert rows(bench.folder / "back.db") == bench.rows()


def test_age_opens_the_copy_without_us(bench, copies: Copier, key_file: Path, rows) -> None:
    stored = copies.upload()
    out = bench.folder / "by-hand.db"
    subprocess.run(["age", "-d", "-i", key_file, "-o", out, bench.store.path / stored.key], check=True)
    assert rows(out) == bench.rows()


def test_nothing_readable_is_left_on_the_host_not_even_while_it_sends(bench, copies: Copier) -> None:
    put_guarded, lying = bench.store.put_guarded, []

    def looks(key, source, guard):
        lying.extend(file.name for file in (bench.state / "copies" / "main").iterdir())
        put_guarded(key, source, guard)

    bench.store.put_guarded = looks
    copies.upload()
    assert set(lying) == {"database.db.age"}
    assert list((bench.state / "copies" / "main").iterdir()) == []


def test_what_did_not_change_is_not_sent_again(bench, copies: Copier) -> None:
    stored = copies.upload()
    assert copies.upload().sent is Sent.NOTHING
    assert copies.upload(Standing(stored.copy.digest, bench.now)).sent is Sent.NOTHING


def test_a_backup_is_copied_by_the_store_and_opens(bench, copies: Copier, rows) -> None:
    copies.upload()
    kept = copies.back_up("one.db")
    assert kept.sent is Sent.COPIED
    assert kept.key == backup_key(bench.identity, "one.db.age")
    assert [each.name for each in list_backups(bench.store, bench.identity)] == ["one.db.age"]
    assert [each.copy for each in list_backups(bench.store, bench.identity)] == [kept.copy]
    fetch(bench.store, one_backup(bench.store, bench.identity, "one"), bench.folder / "back.db")
    assert rows(bench.folder / "back.db") == bench.rows()


def test_a_backup_without_an_upload_is_encrypted_too(bench, copies: Copier, key_id: str) -> None:
    kept = copies.back_up("one.db")
    assert (kept.sent, kept.copy.key) == (Sent.FILE, key_id)
    assert SQLITE not in (bench.store.path / kept.key).read_bytes()
    for name in ("one", "one.db", "one.db.age"):
        assert one_backup(bench.store, bench.identity, name) == backup_key(bench.identity, "one.db")


class TestSwitching:
    def test_the_next_upload_replaces_the_plain_copy(self, bench, encrypted_store) -> None:
        with copier_of(bench, plainly(bench)) as before:
            before.upload()
        assert "database.db" in stored_files(bench)
        with copier_of(bench, encrypted_store) as copies:
            assert copies.upload().sent is Sent.FILE  # though no row changed
        assert stored_files(bench) == ["database.db.age", "database.db.json"]

    def test_the_next_upload_replaces_the_encrypted_copy(self, bench, copies: Copier, rows) -> None:
        copies.upload()
        bench.add_rows(1)
        del bench.store.cipher
        copies._cipher = None
        copies.upload()
        assert stored_files(bench) == ["database.db", "database.db.json"]
        assert rows(bench.store.path / current_key(bench.identity)) == bench.rows()

    def test_plain_backups_stay_and_can_be_had(self, bench, encrypted_store) -> None:
        with copier_of(bench, plainly(bench)) as before:
            before.back_up("before.db")
        with copier_of(bench, encrypted_store) as copies:
            copies.back_up("after.db")
            for taken in ("before.db", "after.db"):
                with pytest.raises(Refused, match=f"there is one named {taken}"):
                    copies.back_up(taken)
        listed = {kept.name: kept.copy.key[:4] for kept in list_backups(encrypted_store, bench.identity)}
        assert listed == {"before.db": "", "after.db.age": "age1"}
        for name in listed:
            fetch(encrypted_store, one_backup(encrypted_store, bench.identity, name), bench.folder / f"{name}.back")
        fetch(plainly(bench), one_backup(plainly(bench), bench.identity, "before"), bench.folder / "plain.db")

    def test_a_backup_after_switching_on_is_not_copied_from_the_plain_copy(self, bench, encrypted_store) -> None:
        with copier_of(bench, plainly(bench)) as before:
            stored = before.upload()
        with copier_of(bench, encrypted_store) as copies:
            kept = copies.back_up("one.db", Standing(stored.copy.digest, bench.now))
        assert kept.sent is Sent.FILE
        assert SQLITE not in (bench.store.path / kept.key).read_bytes()

    @pytest.mark.parametrize("at", range(4))
    def test_a_run_killed_while_switching_leaves_a_copy_that_can_be_fetched(
        self, bench, encrypted_store, rows, at: int
    ) -> None:
        with copier_of(bench, plainly(bench)) as before:
            before.upload()
        dies = DyingAt(encrypted_store, at)
        with copier_of(bench, encrypted_store) as copies, pytest.raises(KeyboardInterrupt):
            copies.upload()
        dies.heal()
        fetch(encrypted_store, current_key(bench.identity), bench.folder / "back.db")
        assert rows(bench.folder / "back.db") == bench.rows()
        with copier_of(bench, encrypted_store) as copies:
            copies.upload()
        assert stored_files(bench) == ["database.db.age", "database.db.json"]

    def test_the_newer_of_two_that_lie_there_is_fetched(self, bench, encrypted_store, rows) -> None:
        with copier_of(bench, plainly(bench)) as before:
            before.upload()
        bench.add_rows(1)
        dies = DyingAt(encrypted_store, 2)
        with copier_of(bench, encrypted_store) as copies, pytest.raises(KeyboardInterrupt):
            copies.upload()
        dies.heal()
        assert stored_files(bench) == ["database.db", "database.db.age", "database.db.json"]
        fetch(encrypted_store, current_key(bench.identity), bench.folder / "back.db")
        assert rows(bench.folder / "back.db") == bench.rows()

    def test_an_encrypted_copy_of_long_ago_does_not_hide_the_plain_one(self, bench, encrypted_store, rows) -> None:
        with copier_of(bench, encrypted_store) as copies:
            old = copies.upload()
        leftover = (bench.store.path / old.key).read_bytes()
        bench.add_rows(1)
        with copier_of(bench, plainly(bench)) as without:
            without.upload()
        bench.store.put(old.key, leftover)
        dies = DyingAt(encrypted_store, 1)
        with copier_of(bench, encrypted_store) as copies, pytest.raises(KeyboardInterrupt):
            copies.upload()
        dies.heal()
        fetch(encrypted_store, current_key(bench.identity), bench.folder / "back.db")
        assert rows(bench.folder / "back.db") == bench.rows()

    @pytest.mark.parametrize("first", [1, 2])
    @pytest.mark.parametrize("second", range(3))
    def test_a_run_killed_after_a_killed_one_leaves_a_copy_that_can_be_fetched(
        self, bench, encrypted_store, first: int, second: int
    ) -> None:
        with copier_of(bench, encrypted_store) as copies:
            copies.upload()
        for at in (first, second):
            bench.add_rows(1)
            dies = DyingAt(encrypted_store, at)
            with copier_of(bench, encrypted_store) as copies, pytest.raises(KeyboardInterrupt):
                copies.upload()
            dies.heal()
            fetch(encrypted_store, current_key(bench.identity), bench.folder / f"back-{at}-{dies.number}.db")
        with copier_of(bench, encrypted_store) as copies:
            done = copies.upload()
        assert recorded_copies(encrypted_store, current_key(bench.identity)) == [done.copy]

    def test_a_new_key_is_used_at_once_and_the_old_one_opens_what_it_closed(
        self, bench, copies: Copier, key_file: Path, rows
    ) -> None:
        old = copies.upload().copy.key
        kept = copies.back_up("old.db")
        fresh = bench.folder / "fresh.key"
        subprocess.run(["age-keygen", "-o", fresh], capture_output=True, check=True)
        key_file.write_bytes(fresh.read_bytes() + key_file.read_bytes())
        new = copies.upload()
        assert new.sent is Sent.FILE
        assert new.copy.key != old == kept.copy.key
        fetch(bench.store, one_backup(bench.store, bench.identity, "old"), bench.folder / "back.db")
        assert rows(bench.folder / "back.db") == bench.rows()


class DyingAt:
    """A store whose process dies at the `at`-th write or deletion."""

    numbers = iter(range(1000))

    def __init__(self, store: DirectoryStore, at: int) -> None:
        self.number = next(self.numbers)
        self._store, self._left = store, at
        self._whole = store.put_guarded, store.delete
        store.put_guarded = self._dying(store.put_guarded)  # type: ignore[method-assign]
        store.delete = self._dying(store.delete)  # type: ignore[method-assign]

    def heal(self) -> None:
        self._store.put_guarded, self._store.delete = self._whole  # type: ignore[method-assign]

    def _dying(self, act):
        def acting(*arguments):
            if self._left == 0:
                raise KeyboardInterrupt
            self._left -= 1
            return act(*arguments)

        return acting


class TestWithoutTheKey:
    def test_a_download_names_the_key_and_where_it_belongs(self, bench, copies: Copier, key_id: str) -> None:
        copies.upload()
        with pytest.raises(StoreError, match=rf"database\.db\.age .*{key_id}.*stores\.disk") as told:
            fetch(plainly(bench), current_key(bench.identity), bench.folder / "back.db")
        assert "key = PATH" in told.value.hint
        assert not list(bench.folder.glob("*back*"))

    def test_a_host_with_another_key_is_told_so(self, bench, copies: Copier, key_file: Path, key_id: str) -> None:
        copies.upload()
        key_file.unlink()
        subprocess.run(["age-keygen", "-o", key_file], capture_output=True, check=True)
        with pytest.raises(StoreError, match=rf"{key_id}.*not in {key_file}"):
            fetch(bench.store, current_key(bench.identity), bench.folder / "back.db")

    def test_nothing_is_stored_in_the_clear_when_the_key_file_is_missing(
        self, bench, copies: Copier, key_file: Path
    ) -> None:
        key_file.unlink()
        for make in (copies.upload, lambda: copies.back_up("one.db")):
            with pytest.raises(StoreError, match="No such file"):
                make()
        assert stored_files(bench) == []
        assert list((bench.state / "copies" / "main").iterdir()) == []

    def test_listing_needs_no_key(self, bench, copies: Copier) -> None:
        copies.back_up("one.db")
        assert [kept.name for kept in list_backups(plainly(bench), bench.identity)] == ["one.db.age"]


def test_old_encrypted_backups_are_freed_with_their_records(bench, copies: Copier) -> None:
    for hour in (1, 2, 3):
        bench.now = bench.now.replace(hour=hour)
        copies.back_up(backup_name(None, bench.now, UTC))
    orphan = backup_key(bench.identity, "database_backup_20200101_000000.db.age.json")
    bench.store.put(orphan, b"{}")
    freed = prune_copies(bench.store, bench.identity, Keep(backups=1), bench.now, dry_run=False)
    assert freed.freed_backups == ("database_backup_20261121_024500.db.age", "database_backup_20261121_014500.db.age")
    kept = ["database_backup_20261121_034500.db.age", "database_backup_20261121_034500.db.age.json"]
    assert stored_files(bench) == [f"backups/{name}" for name in kept]


@pytest.mark.parametrize("where", [10, 300, -1])
def test_a_damaged_encrypted_copy_is_not_handed_out(bench, copies: Copier, where: int) -> None:
    file = bench.store.path / copies.upload().key
    bad = bytearray(file.read_bytes())
    bad[where] ^= 1
    file.write_bytes(bad)
    with pytest.raises(DamagedObject):
        fetch(bench.store, current_key(bench.identity), bench.folder / "back.db")
    assert not list(bench.folder.glob("*back*"))


def test_another_copy_of_the_same_key_in_its_place_is_not_handed_out(bench, copies: Copier) -> None:
    """Encryption alone would not tell: the file is whole, and to the right key."""
    first = bench.store.path / copies.back_up("first.db").key
    bench.add_rows(1)
    second = bench.store.path / copies.back_up("second.db").key
    second.write_bytes(first.read_bytes())
    with pytest.raises(DamagedObject, match="not the file that its record"):
        fetch(bench.store, backup_key(bench.identity, "second.db"), bench.folder / "back.db")


def test_an_encrypted_copy_without_a_record_is_not_vouched_for(bench, copies: Copier) -> None:
    kept = copies.back_up("one.db")
    bench.store.delete(record_key(kept.key))
    with pytest.raises(DamagedObject, match="has no record"):
        fetch(bench.store, backup_key(bench.identity, "one.db"), bench.folder / "back.db")


def test_progress_ends_at_the_size_of_the_stored_file(bench, copies: Copier) -> None:
    bench.add_rows(3000, 2000)
    stored, told = copies.upload(), []
    fetch(bench.store, stored.key.removesuffix(".age"), bench.folder / "back.db", lambda *far: told.append(far))
    assert told[-1] == (stored.copy.bytes, stored.copy.bytes)
    assert scan_database(bench.folder / "back.db").page_count == stored.copy.page_count
