"""Portable copies: whole files that open anywhere, of one moment, never a newer one replaced by an old primary."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.errors import Busy, DamagedObject, DatabaseError, LeaseLost, NoSuchPoint, Refused, StationError
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
from station.stores.directory import DirectoryStore


class PlainStore:
    """A real store that can nothing besides the protocol."""

    def __init__(self, store: DirectoryStore) -> None:
        self.name = store.name
        self.put, self.create, self.open = store.put, store.create, store.open
        self.list, self.delete = store.list, store.delete


def source_of(bench, epoch: int = 1, host: str = "pi-ctv") -> Source:
    return Source(bench.identity, bench.database, bench.state, host, epoch)


def copier_of(bench, store=None, epoch: int = 1, still_ours=lambda: None):
    return copier(source_of(bench, epoch), store or bench.store, still_ours, lambda: bench.now)


@pytest.fixture
def copies(bench) -> Iterator[Copier]:
    with copier_of(bench) as made:
        yield made


@pytest.fixture
def current(bench) -> Path:
    return bench.store.path / current_key(bench.identity)


def test_the_copy_holds_the_rows_and_is_no_longer_in_wal_mode(bench, copies, current, rows) -> None:
    stored = copies.upload()
    assert current.read_bytes()[18:20] == b"\1\1"
    assert rows(current) == bench.rows()
    assert stored.copy.wal
    assert stored.copy.digest == scan_database(bench.database).digest
    assert stored.copy.bytes == current.stat().st_size


def test_the_copy_opens_where_nothing_can_be_written(bench, copies, current) -> None:
    copies.upload()
    place = bench.folder / "read-only"
    place.mkdir()
    (place / "database.db").write_bytes(current.read_bytes())
    place.chmod(stat.S_IRUSR | stat.S_IXUSR)
    read = (
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('select count(*) from spots').fetchone()[0])"
    )
    command = [sys.executable, "-c", read, str(place / "database.db")]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", *command]
        place.chmod(0o555)
        for folder in (bench.folder, *bench.folder.parents[:3]):
            folder.chmod(0o755)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.stdout == "50\n", done.stderr
    assert os.listdir(place) == ["database.db"]  # noqa: PTH208


def test_a_copy_is_of_one_moment_beside_a_writer(bench, copies, current) -> None:
    bench.sql("create table pairs (a integer)")
    writer = (
        "import apsw, sys, itertools\n"
        "db = apsw.Connection(sys.argv[1]); db.set_busy_timeout(5000)\n"
        "print('go', flush=True)\n"
        "for n in itertools.count():\n"
        "    db.execute('begin immediate; insert into pairs values (1); insert into pairs values (-1); commit')\n"
    )
    with subprocess.Popen([sys.executable, "-c", writer, str(bench.database)], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout and process.stdout.readline() == b"go\n"
            for _ in range(5):
                copies.upload()
                with closing(sqlite3.connect(current)) as copy:
                    assert copy.execute("select total(a), count(*) % 2 from pairs").fetchone() == (0, 0)
        finally:
            process.kill()


def test_a_database_in_rollback_mode_is_copied_as_it_is(bench, copies, current) -> None:
    bench.sql("pragma journal_mode = delete")
    stored = copies.upload()
    assert not stored.copy.wal
    assert fetch(bench.store, current_key(bench.identity), bench.folder / "back.db") == stored.copy


def test_an_empty_database_is_copied_too(bench, copies, current) -> None:
    for suffix in ("-wal", "-shm"):
        bench.database.with_name(bench.database.name + suffix).unlink(missing_ok=True)
    bench.database.write_bytes(b"")
    copies.upload()
    assert current.read_bytes() == b""


def test_what_did_not_change_is_not_sent_again(bench, copies, current) -> None:
    first = copies.upload()
    inode = current.stat().st_ino
    bench.now = first.copy.taken_at.replace(hour=5)
    again = copies.upload()
    assert (again.sent, current.stat().st_ino) == (Sent.NOTHING, inode)
    assert current_copy(bench.store, bench.identity) == again.copy
    assert again.copy.taken_at == bench.now
    bench.add_rows(1)
    assert copies.upload().sent is Sent.FILE


def test_with_a_known_digest_the_database_is_not_even_read(bench, copies) -> None:
    known = Standing(copies.upload().copy.digest, bench.now)
    bench.database.rename(bench.folder / "away.db")
    assert copies.upload(known).sent is Sent.NOTHING
    assert copies.back_up("kept.db", known).sent is Sent.COPIED
    with pytest.raises(DatabaseError):
        copies.upload(Standing("0" * 32, bench.now))


def test_a_backup_right_after_an_upload_is_copied_by_the_store(bench, copies, current, rows) -> None:
    copies.upload()
    kept = copies.back_up("before_migration.db")
    assert kept.sent is Sent.COPIED
    assert rows(bench.store.path / kept.key) == bench.rows()
    assert (bench.store.path / kept.key).stat().st_ino != current.stat().st_ino  # a person may write into either


def test_a_store_that_cannot_copy_gets_the_bytes(bench, rows) -> None:
    plain = PlainStore(bench.store)
    with copier_of(bench, plain) as copies:
        copies.upload()
        kept = copies.back_up("one.db")
    assert kept.sent is Sent.FILE
    assert rows(bench.store.path / kept.key) == bench.rows()


def test_a_backup_is_never_written_over(bench, copies) -> None:
    first = copies.back_up("one.db")
    before = (bench.store.path / first.key).read_bytes()
    bench.add_rows(1)
    with pytest.raises(Refused, match=r"there is one named one\.db"):
        copies.back_up("one.db")
    assert (bench.store.path / first.key).read_bytes() == before
    assert fetch(bench.store, first.key, bench.folder / "one.db") == first.copy


def test_backups_are_listed_by_age_and_found_by_name(bench, copies) -> None:
    copies.back_up("b.db")
    bench.now = bench.now.replace(hour=9)
    copies.back_up("a.db")
    assert [kept.name for kept in list_backups(bench.store, bench.identity)] == ["b.db", "a.db"]
    assert one_backup(bench.store, bench.identity, "a") == backup_key(bench.identity, "a.db")
    for unknown in ("c", "../../epochs/000001.json", "a.db.json"):
        with pytest.raises(NoSuchPoint):
            one_backup(bench.store, bench.identity, unknown)


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", ".hidden", "x" * 100, "ä", "a\n"])
def test_a_name_that_no_store_can_hold_is_refused(bench, name: str) -> None:
    with pytest.raises(Refused):
        backup_name(name, bench.now, None)


def test_a_backup_without_a_name_is_named_by_the_wall_time(bench) -> None:
    from zoneinfo import ZoneInfo

    assert backup_name(None, bench.now, ZoneInfo("America/Los_Angeles")) == "database_backup_20261120_184500.db"
    assert backup_name("pre_migration", bench.now, None) == "pre_migration.db"


def test_a_stale_primary_does_not_replace_a_newer_copy(bench, current) -> None:
    with copier_of(bench, epoch=2) as newer:
        newer.upload()
    before = current.read_bytes()
    bench.add_rows(1)
    with copier_of(bench, epoch=1) as stale, pytest.raises(LeaseLost, match="epoch 2"):
        stale.upload()
    assert current.read_bytes() == before


@pytest.mark.parametrize("lost_at", [1, 2])
def test_a_lease_lost_on_the_way_leaves_the_copy_that_is_there(bench, current, lost_at: int) -> None:
    with copier_of(bench) as copies:
        whole = copies.upload().copy
    bench.add_rows(1)
    asked = []

    def still_ours() -> None:
        asked.append(1)
        if len(asked) >= lost_at:
            raise LeaseLost("the lease is pi2's")

    with copier_of(bench, still_ours=still_ours) as copies, pytest.raises(LeaseLost):
        copies.upload()
    assert fetch(bench.store, current_key(bench.identity), bench.folder / "back.db") == whole


def test_the_lease_is_asked_when_all_bytes_are_there(bench, current) -> None:
    """The sharpest moment: a newer primary announces its copy while ours is being written."""
    put_guarded = bench.store.put_guarded

    def slow(key, file, guard):
        if key == current_key(bench.identity) and not isinstance(file, bytes):
            record = json.loads((bench.store.path / record_key(key)).read_bytes())
            record["files"][-1] |= {"epoch": 2, "host": "pi2"}
            bench.store.put(record_key(key), json.dumps(record).encode())
        put_guarded(key, file, guard)

    bench.store.put_guarded = slow
    with copier_of(bench, epoch=1) as stale, pytest.raises(LeaseLost):
        stale.upload()
    assert not current.exists()


@pytest.mark.parametrize("at", range(3))
def test_a_run_killed_between_two_writes_leaves_a_copy_that_can_be_fetched(bench, at: int) -> None:
    with copier_of(bench) as copies:
        copies.upload()
    bench.add_rows(1)
    writes = []
    put_guarded = bench.store.put_guarded

    def dies(key, file, guard):
        if len(writes) == at:
            raise KeyboardInterrupt
        writes.append(key)
        put_guarded(key, file, guard)

    bench.store.put_guarded = dies
    with copier_of(bench) as copies, pytest.raises(KeyboardInterrupt):
        copies.upload()
    bench.store.put_guarded = put_guarded
    fetch(bench.store, current_key(bench.identity), bench.folder / "back.db")
    with copier_of(bench) as copies:
        done = copies.upload()
    assert recorded_copies(bench.store, current_key(bench.identity)) == [done.copy]
    assert done.copy == fetch(bench.store, current_key(bench.identity), bench.folder / "again.db")


def test_a_damaged_database_is_not_stored(bench, copies, current) -> None:
    copies.upload()
    before = current.read_bytes()
    bench.sql("pragma wal_checkpoint(truncate)")
    with bench.database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096))
    with pytest.raises(DamagedObject, match="SQLite finds fault"):
        copies.upload()
    assert current.read_bytes() == before


def test_a_second_run_is_told_who_is_at_it(bench, copies) -> None:
    with pytest.raises(Busy, match=f"process {os.getpid()} on pi-ctv"), copier_of(bench):
        pass


def test_nothing_is_left_on_the_host(bench) -> None:
    folder = bench.state / "copies" / "main"
    folder.mkdir(parents=True)
    (folder / "database.db").write_text("left by a killed run")
    with copier_of(bench) as copies:
        copies.upload()
    assert list(folder.iterdir()) == []


def test_a_damaged_copy_is_not_handed_out(bench, copies, current) -> None:
    copies.upload()
    whole = current.read_bytes()
    current.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(DamagedObject):
        fetch(bench.store, current_key(bench.identity), bench.folder / "back.db")
    assert [file.name for file in bench.folder.iterdir() if "back" in file.name] == []


def test_a_copy_that_somebody_put_there_by_hand_is_not_vouched_for(bench, copies) -> None:
    bench.store.put(backup_key(bench.identity, "mine.db"), b"anything")
    assert [kept.copy for kept in list_backups(bench.store, bench.identity)] == [None]
    with pytest.raises(DamagedObject, match="has no record"):
        fetch(bench.store, backup_key(bench.identity, "mine.db"), bench.folder / "back.db")


@pytest.mark.parametrize("there", ["back.db", "back.db-wal"])
def test_a_copy_is_never_fetched_over_a_file(bench, copies, there: str) -> None:
    copies.upload()
    (bench.folder / there).write_text("precious")
    with pytest.raises(Refused):
        fetch(bench.store, current_key(bench.identity), bench.folder / "back.db")
    assert (bench.folder / there).read_text() == "precious"


def test_a_full_disk_is_told_and_leaves_nothing(bench, monkeypatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with copier_of(bench) as copies:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StationError, match="No space left on device"):
            copies.upload()
        monkeypatch.undo()
    assert list((bench.state / "copies" / "main").iterdir()) == []


def test_progress_ends_at_the_size_of_the_database(bench, copies) -> None:
    bench.add_rows(3000, 2000)
    told = []
    stored = copies.upload(on_bytes=lambda done, all_bytes: told.append((done, all_bytes)))
    assert told
    assert all(done <= all_bytes == stored.copy.bytes for done, all_bytes in told)


def test_what_a_cut_run_left_is_not_taken_for_what_was_there_before(bench) -> None:
    """Both files of the record have one size, and the database goes back to the first while the second lies there."""
    with copier_of(bench) as copies:
        copies.upload()
    bench.sql("update spots set note = 'other' where id = 1")
    put_guarded = bench.store.put_guarded

    def dies_at_the_end(key, file, guard):
        if isinstance(file, bytes) and len(json.loads(file)["files"]) == 1:
            raise KeyboardInterrupt
        put_guarded(key, file, guard)

    bench.store.put_guarded = dies_at_the_end
    with copier_of(bench) as copies, pytest.raises(KeyboardInterrupt):
        copies.upload()
    bench.store.put_guarded = put_guarded
    assert len({copy.bytes for copy in recorded_copies(bench.store, current_key(bench.identity))}) == 1
    bench.sql("update spots set note = 'row 1' where id = 1")
    with copier_of(bench) as copies:
        stored = copies.upload()
    assert stored.sent is Sent.FILE
    assert fetch(bench.store, current_key(bench.identity), bench.folder / "back.db").digest == stored.copy.digest


def test_a_copy_whose_pages_are_not_those_of_its_digest_is_not_handed_out(bench, copies) -> None:
    key = copies.upload().key
    record = json.loads((bench.store.path / record_key(key)).read_bytes())
    record["files"][0]["digest"] = "0" * 32
    bench.store.put(record_key(key), json.dumps(record).encode())
    with pytest.raises(DamagedObject):
        fetch(bench.store, key, bench.folder / "back.db")
    assert not (bench.folder / "back.db").exists()
