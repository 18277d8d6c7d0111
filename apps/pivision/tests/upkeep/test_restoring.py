"""A backup of somebody who means ill: it is refused, and changes nothing; what it brings back is for us alone."""

import hashlib
import json
import os
import sqlite3
import stat
import zipfile
from contextlib import closing

import pytest

from pivision import tokens, users
from pivision.database import open_durable
from pivision.datafolder import DataFolder
from pivision.devices import access, registry
from pivision.devices.audit import By
from pivision.pictures.filing import write_durably
from pivision.telling import subscribers
from pivision.telling.subscribers import BadSubscriber, Webhook
from pivision.upkeep import backup, restoring
from pivision.upkeep.restoring import NotRestored
from pivision.users import Role
from station_kit.environment import Secret
from station_kit.errors import MigrationRefused

PICTURE = "events/stand/2026-11-20/1-stock_changed/pre-1.jpg"


@pytest.fixture
def by(appliance):
    return By("test", appliance.now)


@pytest.fixture
def lived(appliance, by):
    """An appliance with an event that has a picture."""
    device = appliance.device("stand")
    appliance.db.execute(
        "INSERT INTO event (device_id, kind, start_capture_id, started_at, confidence, summary, details, created_at)"
        " VALUES (?, 'stock_changed', 1, ?, 0.9, 'x', '{}', ?)",
        (device, by.at, by.at),
    )
    write_durably(appliance.folder.file(PICTURE), b"a picture")
    appliance.db.execute(
        "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at)"
        " VALUES (1, 'pre', ?, 640, 480, 9, ?)",
        (PICTURE, by.at),
    )


@pytest.fixture
def file(appliance, lived, tmp_path):
    copy = backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)
    path = tmp_path / "backup.zip"
    path.write_bytes(b"".join(backup.stream(copy, appliance.folder, "1", pictures=True)))
    return path


@pytest.fixture
def elsewhere(tmp_path):
    """The place of a new appliance: its database's path, its data folder."""
    (tmp_path / "new").mkdir()
    return tmp_path / "new" / "pivision.db", DataFolder(tmp_path / "new")


def spoilt(file, statements=(), manifest=None, packing=zipfile.ZIP_DEFLATED, **more):
    """The backup with another database, whose digest is right, with other words of itself, with more entries."""
    with zipfile.ZipFile(file) as old:
        held = {name: old.read(name) for name in old.namelist()}
    draft = file.with_name("spoilt.db")
    draft.write_bytes(held["pivision.db"])
    with closing(sqlite3.connect(draft, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)
    held["pivision.db"] = draft.read_bytes()
    told = json.loads(held["manifest.json"])
    told["database"]["sha256"] = hashlib.sha256(held["pivision.db"]).hexdigest()
    held["manifest.json"] = json.dumps(told).encode() if manifest is None else manifest(told)
    with zipfile.ZipFile(file, "w", packing) as new:
        for name, content in (more | held).items():
            new.writestr(name, content)


def refuses(file, elsewhere, by, words):
    database, folder = elsewhere
    with pytest.raises(NotRestored, match=words):
        restoring.restore(file, database, folder, by)
    assert not database.exists() and not [each for each in folder.root.rglob("*") if each.is_file()]
    assert not (folder.root / ".restore").exists()


ELSEWHERE = (
    "../../evil.jpg", "events/../secrets/subscriber-1.json", "secrets/subscriber-1.json", "pivision.db",
    "/etc/hostname", "", "events", "events/a\n/b", "events//x.jpg", "events/./x.jpg",
)  # fmt: skip


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("doomed", ["NULL", "'2026-11-20T12:00:00.000Z'"])
def test_a_row_that_names_a_file_elsewhere_is_refused(file, elsewhere, by, place, doomed):
    """Also one that is to be removed: retention would remove what it names."""
    spoilt(file, [f"UPDATE event_picture SET path = '{place}', doomed_at = {doomed}"], **{place or "x": b"evil"})
    refuses(file, elsewhere, by, "no place of a picture")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER back_door AFTER UPDATE ON user BEGIN UPDATE user SET role = 'admin'; END",
        "CREATE VIEW other AS SELECT * FROM user",
        "DROP TRIGGER audit_is_never_deleted",
        "CREATE TABLE more (x)",
        "ALTER TABLE user ADD COLUMN more TEXT",
        "DROP TABLE audit",
        "PRAGMA user_version = 3",
        "PRAGMA user_version = -1",
        "PRAGMA user_version = 0",
    ],
)
def test_a_database_of_another_schema_is_refused(file, elsewhere, by, statement):
    spoilt(file, [statement])
    database, folder = elsewhere
    with pytest.raises((NotRestored, MigrationRefused)):
        restoring.restore(file, database, folder, by)
    assert not database.exists() and not (folder.root / ".restore").exists()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE device SET name = '../../x'", "no name of a camera"),
        ("UPDATE event SET started_at = '../../../x'", "no moment"),
    ],
)
def test_a_name_of_which_an_export_makes_a_path_is_refused(file, elsewhere, by, statement, words):
    spoilt(file, [statement])
    refuses(file, elsewhere, by, words)


@pytest.mark.parametrize(
    "manifest",
    [
        lambda _: b" " * 100_000,
        lambda _: b"[" * 50_000,
        lambda told: json.dumps({**told, "at": "\x1b[2J"}).encode(),
        lambda told: json.dumps({**told, "database": {}}).encode(),
        lambda told: json.dumps({name: told[name] for name in told if name != "at"}).encode(),
    ],
)
def test_what_says_strange_things_of_itself_is_refused(file, elsewhere, by, manifest):
    spoilt(file, manifest=manifest)
    refuses(file, elsewhere, by, "no backup of PiVision")


def test_what_is_packed_otherwise_is_refused(file, elsewhere, by):
    spoilt(file, packing=zipfile.ZIP_BZIP2)
    refuses(file, elsewhere, by, "no backup of PiVision")


def test_what_wants_a_password_is_refused(file, elsewhere, by):
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(content)
    refuses(file, elsewhere, by, "no backup of PiVision")


def test_what_would_fill_the_disk_is_refused_before_it_is_unpacked(file, elsewhere, by, monkeypatch):
    spoilt(file, **{"events/bomb.jpg": bytes(50_000_000)})
    assert file.stat().st_size < 1_000_000
    disk = os.statvfs(file)
    small = os.statvfs_result((disk.f_bsize, disk.f_frsize, *(100_000_000 // disk.f_frsize,) * 3, *tuple(disk)[5:]))
    monkeypatch.setattr(restoring.os, "statvfs", lambda _: small)
    refuses(file, elsewhere, by, "MiB are free")


def test_a_link_in_the_zip_becomes_no_link(file, elsewhere, by):
    link = zipfile.ZipInfo(PICTURE)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file) as old:
        held = {name: old.read(name) for name in old.namelist() if name != PICTURE}
    with zipfile.ZipFile(file, "w") as new:
        new.writestr(link, "/etc/hostname")
        for name, content in held.items():
            new.writestr(name, content)
    database, folder = elsewhere
    restoring.restore(file, database, folder, by)
    back = folder.root / PICTURE
    assert not back.is_symlink() and back.read_bytes() == b"/etc/hostname"


def test_what_is_back_is_read_by_nobody_else(file, elsewhere, by):
    database, folder = elsewhere
    before = os.umask(0o022)
    try:
        restoring.restore(file, database, folder, by)
    finally:
        os.umask(before)
    modes = {each: stat.S_IMODE(each.stat().st_mode) for each in (database, folder.events, folder.root / PICTURE)}
    assert [oct(mode & 0o007) for mode in modes.values()] == ["0o0"] * 3


def test_what_was_taken_from_somebody_since_stays_taken(appliance, lived, by, tmp_path):
    users.add(appliance.db, "anna", Role.ADMIN, Secret("a long enough password"), by)
    held, lost = (tokens.add(appliance.db, "anna", name, Role.ADMIN, by).reveal() for name in ("held", "lost"))
    key = access.enroll(appliance.db, "stand", access.make_code(appliance.db, "stand", by).reveal(), by.now).reveal()
    copy = backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)
    (tmp_path / "backup.zip").write_bytes(b"".join(backup.stream(copy, appliance.folder, "1", pictures=False)))
    tokens.revoke(appliance.db, "anna", "lost", by)
    access.revoke(appliance.db, "stand", by)
    registry.blur(appliance.db, "stand", by, wanted=True)
    registry.require_signatures(appliance.db, "stand", by, wanted=True)
    appliance.db.close()
    restoring.restore(tmp_path / "backup.zip", appliance.path, appliance.folder, by, replace=True)
    with closing(open_durable(appliance.path)) as db:
        assert tokens.whose(db, held, by.now) and tokens.whose(db, lost, by.now) is None
        assert access.authenticate(db, key, by.now) is None
        stand = registry.device(db, "stand")
        assert stand.privacy_blur and stand.signs


def listen(appliance, by, name, host):
    hook = subscribers.add_webhook(
        appliance.db, appliance.folder, name, Secret(f"http://{host}/its-key"), Webhook(""), by
    )
    return hook.id


def test_nobody_is_told_at_the_address_of_another(appliance, lived, by, tmp_path):
    """Numbers are given again: the address that lies here may be of whoever came later."""
    same, other = listen(appliance, by, "same", "a.example"), listen(appliance, by, "other", "b.example")
    copy = backup.take(appliance.path, appliance.folder, appliance.now, least_free=0)
    (tmp_path / "backup.zip").write_bytes(b"".join(backup.stream(copy, appliance.folder, "1", pictures=False)))
    subscribers.remove(appliance.db, appliance.folder, "other", by)
    assert listen(appliance, by, "later", "c.example") == other
    appliance.db.close()
    done = restoring.restore(tmp_path / "backup.zip", appliance.path, appliance.folder, by, replace=True)
    assert subscribers.address_of(appliance.folder, same).reveal() == "http://a.example/its-key"
    with pytest.raises(BadSubscriber, match="not on this machine"):
        subscribers.address_of(appliance.folder, other)
    assert any(f"subscriber-{other}.json.before-" in each for each in done.aside)
    with closing(open_durable(appliance.path)) as db:
        assert [each.name for each in subscribers.everybody(db)] == ["other", "same"]
