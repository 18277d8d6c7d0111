"""What is downloaded is whole, holds up nobody, leaves nothing behind, and starts a new appliance."""

import http.client
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import tracemalloc
import zipfile
from contextlib import closing
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from pivision import tokens, users
from pivision.cli import pivision
from pivision.database import open_durable
from pivision.datafolder import DataFolder
from pivision.devices import access
from pivision.devices.audit import By
from pivision.pictures import fsck
from pivision.pictures.filing import write_durably
from pivision.testing.live import Live, make_live
from pivision.testing.pictures import picture
from pivision.upkeep import backup, restoring
from pivision.upkeep.backup import BackupBusy, Damaged, NoRoom
from pivision.upkeep.restoring import NotRestored
from pivision.users import Role
from station_kit.environment import Secret
from station_kit.testing.running import free_port


@pytest.fixture
def by(appliance):
    return By("test", appliance.now)


@pytest.fixture
def lived(appliance, by):
    """An appliance with a camera that has a key, an event with a picture, a frame that waits, an admin, a token."""
    device = appliance.device("stand")
    key = access.enroll(appliance.db, "stand", access.make_code(appliance.db, "stand", by).reveal(), by.now)
    users.add(appliance.db, "anna", Role.ADMIN, Secret("a long enough password"), by)
    token = tokens.add(appliance.db, "anna", "shelf", Role.ADMIN, by)
    appliance.receive(device, [b"a frame"])
    appliance.db.execute(
        "INSERT INTO event (device_id, kind, start_capture_id, started_at, confidence, summary, details, created_at)"
        " VALUES (?, 'stock_changed', 1, ?, 0.9, 'x', '{}', ?)",
        (device, by.at, by.at),
    )
    write_durably(appliance.folder.file("events/stand/1/pre.jpg"), b"a picture")
    appliance.db.execute(
        "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at)"
        " VALUES (1, 'pre', 'events/stand/1/pre.jpg', 640, 480, 9, ?)",
        (by.at,),
    )
    return {"key": key, "token": token}


def take(appliance, *, pictures=True):
    copy = backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)
    return b"".join(backup.stream(copy, appliance.folder, "1", pictures=pictures))


@pytest.fixture
def elsewhere(tmp_path):
    """The place of a new appliance: its database's path, its data folder."""
    (tmp_path / "new").mkdir()
    return tmp_path / "new" / "pivision.db", DataFolder(tmp_path / "new")


@pytest.fixture
def file(appliance, lived, tmp_path):
    path = tmp_path / "backup.zip"
    path.write_bytes(take(appliance))
    return path


def test_what_was_taken_starts_a_new_appliance(appliance, lived, file, elsewhere, by):
    database, folder = elsewhere
    done = restoring.restore(file, database, folder, by)
    assert (done.cameras, done.events, done.pictures, done.missing, done.aside) == (1, 1, 1, 0, ())
    with closing(open_durable(database)) as db:
        assert access.authenticate(db, lived["key"].reveal(), by.now).name == "stand"
        assert tokens.whose(db, lived["token"].reveal(), by.now).user.name == "anna"
        assert users.who_signs_in(db, "anna", Secret("a long enough password"))
        assert db.execute("SELECT count(*) FROM job").fetchone()[0] == 0
        assert db.execute("SELECT action FROM audit ORDER BY id DESC").fetchone()[0] == "backup restored"
        assert fsck.look(db, folder, by.now).is_clean
    assert folder.file("events/stand/1/pre.jpg").read_bytes() == b"a picture"


def test_without_pictures_the_events_say_that_theirs_are_gone(appliance, lived, tmp_path, elsewhere, by):
    (tmp_path / "backup.zip").write_bytes(take(appliance, pictures=False))
    database, folder = elsewhere
    assert restoring.restore(tmp_path / "backup.zip", database, folder, by).missing == 1
    with closing(open_durable(database)) as db:
        assert fsck.look(db, folder, by.now).is_clean
        assert db.execute("SELECT deleted_at FROM event_picture").fetchone()[0] == by.at


def test_no_secret_of_the_host_is_in_it(appliance, lived, file):
    for place in ("credentials", "secrets"):
        (appliance.folder.root / place).mkdir(exist_ok=True)
        (appliance.folder.root / place / "secret_key").write_text("only-the-host-has-this")
    content = take(appliance)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.namelist() == ["pivision.db", "events/stand/1/pre.jpg", "manifest.json"]
        whole = b"".join(packed.read(name) for name in packed.namelist())
        assert json.loads(packed.read("manifest.json"))["pictures"] == {"kept": 1, "bytes": 9, "missing": 0}
    assert b"only-the-host-has-this" not in whole
    assert lived["key"].reveal().encode() not in whole and lived["token"].reveal().encode() not in whole


def test_a_picture_that_goes_meanwhile_is_counted_and_ends_nothing(appliance, lived, tmp_path, elsewhere, by):
    appliance.folder.file("events/stand/1/pre.jpg").unlink()
    content = take(appliance)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert json.loads(packed.read("manifest.json"))["pictures"] == {"kept": 0, "bytes": 0, "missing": 1}


def fill(appliance, many):
    appliance.db.execute("BEGIN")
    appliance.db.executemany(
        "INSERT INTO audit (at, actor, action, key, new) VALUES ('x', 'x', 'x', 'x', ?)",
        ((str(number) * 500,) for number in range(many)),
    )
    appliance.db.execute("COMMIT")


def test_who_writes_meanwhile_waits_for_nothing_and_is_not_in_it(appliance, lived, monkeypatch):
    """The copy is made of one moment, while another connection commits between its steps."""
    fill(appliance, 2000)
    before = appliance.rows("SELECT count(*) AS n FROM audit")[0]["n"]
    written = threading.Event()

    def write():
        with closing(sqlite3.connect(appliance.path, isolation_level=None, timeout=0)) as db:
            for _ in range(50):
                db.execute("INSERT INTO audit (at, actor, action, key) VALUES ('x', 'x', 'x', 'x')")
        written.set()

    class Source(sqlite3.Connection):
        def backup(self, target, *, pages, progress=None):
            def step(_status, remaining, _total):
                if remaining and not written.is_set():
                    write()

            super().backup(target, pages=50, progress=step)

    def opened(path, *, read_only):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, factory=Source)
        db.row_factory = sqlite3.Row
        return db

    monkeypatch.setattr(backup, "open_database", opened)
    copy = backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)
    with closing(copy):
        assert written.is_set()
        assert copy.db.execute("SELECT count(*) FROM audit").fetchone()[0] == before
    assert appliance.rows("SELECT count(*) AS n FROM audit")[0]["n"] == before + 50


def test_it_is_sent_piece_by_piece_and_never_held_whole(appliance, lived):
    fill(appliance, 20_000)
    copy = backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)
    tracemalloc.start()
    sent = sum(len(piece) for piece in backup.stream(copy, appliance.folder, "1", pictures=True))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert copy.bytes > 20_000_000 and sent > 300_000
    assert most < 4_000_000


def test_nothing_is_left_however_it_ends(appliance, lived):
    run = appliance.folder.worker_bell.parent
    copy = backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)
    assert not (run / "backup.db").exists()  # it has no name while it is sent: a crash leaves nothing
    with pytest.raises(BackupBusy):
        take(appliance)
    pieces = backup.stream(copy, appliance.folder, "1", pictures=True)
    next(pieces)
    pieces.close()
    assert take(appliance)
    assert [each.name for each in run.iterdir() if each.name.startswith("backup.db")] == []


def test_one_that_nobody_waits_for_ends_soon_and_is_no_backup(appliance, lived):
    fill(appliance, 20_000)
    for wanted in (3, 0):
        copy = backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)
        asked = iter([False] * wanted)
        pieces = backup.stream(copy, appliance.folder, "1", pictures=True, given_up=lambda: next(asked, True))  # noqa: B023
        content = b"".join(pieces)
        assert b"manifest.json" not in content and len(content) < 100_000
    assert take(appliance)


def test_what_one_left_that_was_killed_is_swept_and_one_on_its_way_is_not(appliance, lived):
    draft = appliance.folder.worker_bell.with_name("backup.db")
    draft.write_bytes(b"half of it")
    with closing(backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)):
        draft.write_bytes(b"of another process")
        backup.sweep(appliance.folder)
        assert draft.exists()
    backup.sweep(appliance.folder)
    assert not draft.exists()


def test_without_room_none_is_taken(appliance, lived):
    with pytest.raises(NoRoom):
        backup.take(appliance.path, appliance.folder, appliance.now, least_free=2**60)
    assert take(appliance)


def test_a_damaged_database_is_not_handed_out(appliance, lived):
    fill(appliance, 500)
    appliance.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(appliance.path.read_bytes())
    for page in range(60, 80):
        content[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    appliance.path.write_bytes(bytes(content))
    with pytest.raises((Damaged, sqlite3.DatabaseError)):
        take(appliance)
    assert list(appliance.folder.worker_bell.parent.glob("backup.db*")) == []


@pytest.mark.parametrize("spoil", ["cut", "other", "altered", "none"])
def test_a_file_that_is_no_whole_backup_changes_nothing(file, elsewhere, by, spoil):
    database, folder = elsewhere
    content = file.read_bytes()
    if spoil == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif spoil == "none":
        file.unlink()
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
            for name in old.namelist():
                held = old.read(name)
                if name == "manifest.json":
                    held = held.replace(b'"pivision"', b'"other"') if spoil == "other" else held
                elif name == "pivision.db" and spoil == "altered":
                    held = held.replace(b"stand", b"Stand")
                new.writestr(name, held)
    with pytest.raises(NotRestored):
        restoring.restore(file, database, folder, by)
    assert not database.exists() and not [each for each in folder.root.rglob("*") if each.is_file()]


def test_an_appliance_that_lived_is_replaced_only_on_demand_and_set_aside(appliance, lived, file, by):
    with pytest.raises(NotRestored, match="has cameras or events"):
        restoring.restore(file, appliance.path, appliance.folder, by)
    with pytest.raises(NotRestored, match="is in use"):
        restoring.restore(file, appliance.path, appliance.folder, by, replace=True)
    appliance.db.execute("UPDATE device SET title = 'later'")
    appliance.db.close()
    done = restoring.restore(file, appliance.path, appliance.folder, by, replace=True)
    assert len(done.aside) == 3
    with (
        closing(open_durable(appliance.path)) as db,
        closing(open_durable(appliance.path.parent / done.aside[0])) as old,
    ):
        assert db.execute("SELECT title FROM device").fetchone()[0] == "stand"
        assert old.execute("SELECT title FROM device").fetchone()[0] == "later"
        assert fsck.look(db, appliance.folder, by.now).is_clean


def test_the_command_says_what_is_back(file, elsewhere, monkeypatch):
    database, folder = elsewhere
    for name in ("PORT", "BIND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_PATH", str(database))
    monkeypatch.setenv("DATA_PATH", str(folder.root))
    done = CliRunner().invoke(pivision, ["restore", str(file)])
    assert done.exit_code == 0
    assert done.output.startswith("1 camera, 1 event and 1 picture of 2026-11-20T12:00:00")


def test_a_server_starts_on_it_and_knows_cameras_people_and_programs(tmp_path):
    """Downloaded over HTTP, put back by the command, and served: the camera sends on with the key that it has."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, by = make_live(tmp_path / "old"), By("test", datetime.now(UTC))
    with old.db() as db:
        users.add(db, "anna", Role.ADMIN, Secret("a long enough password"), by)
        headers = {"Authorization": f"Bearer {tokens.add(db, 'anna', 'nightly', Role.ADMIN, by).reveal()}"}
    with old.running():
        assert old.send(picture(1, 64, 48), 1).status == 200
        with closing(http.client.HTTPConnection("127.0.0.1", old.port, timeout=20)) as connection:
            connection.request("GET", "/api/v1/admin/backup?pictures=1", headers=headers)
            (tmp_path / "backup.zip").write_bytes(connection.getresponse().read())
    new = Live(tmp_path / "new", free_port(), keys=old.keys)
    shutil.copytree(old.folder / "credentials", new.folder / "credentials")
    command = [sys.executable, "-m", "pivision.cli", "restore", str(tmp_path / "backup.zip")]
    subprocess.run(command, env=new.environ, check=True, capture_output=True, timeout=60)
    with new.running():
        assert new.send(picture(1, 64, 48), 1).status == 200  # it waited, is not in the backup, and may come again
        assert new.send(picture(2, 64, 48), 2).status == 200
        [camera] = new.ask("GET", "/api/v1/admin/devices", None, headers).body["devices"]
        assert camera["device_id"] == "gate"
