"""Copies of databases from right before a switch: whole, up to date, and the way back."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.errors import Refused
from station.fleet import App, Fleet, Host
from station.hosts.switching import snapshots
from station.hosts.switching.journal import Journal, Phase
from station.sqlite.follow import LogOvertaken
from station.sqlite.hashes import Pages
from station.sqlite.scan import Snapshot, scan_database, scan_file

ROWS = 4000
WRITER = """
import itertools, signal, sqlite3, sys
ending = []
signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
db = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
for number in itertools.takewhile(lambda _: not ending, itertools.count()):
    db.execute("insert into row values (?, randomblob(900))", (f"busy-{number}",))
    db.execute("update row set body = randomblob(900) where name = ?", (f"first-{number % 4000}",))
    if number == 20:
        print("writing", flush=True)
"""


@pytest.fixture
def host(fleet: Fleet) -> Host:
    return fleet.hosts["pi-ctv"]


@pytest.fixture
def app(fleet: Fleet) -> App:
    return fleet.apps["bookedbiz"]


@pytest.fixture
def live(host: Host, app: App) -> Path:
    """The app's database, in WAL mode, with some rows."""
    file = snapshots.live_files(host, app)["main"]
    file.parent.mkdir(parents=True)
    with opened(file) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("create table row (name text primary key, body blob)")
        add(db, "first", ROWS)
    return file


@pytest.fixture
def writer(live: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that goes on writing to the database."""
    command = [sys.executable, "-I", "-S", "-c", WRITER, str(live)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        yield process
        process.kill()


class opened:
    """A connection that is closed at the end of the block."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)

    def __enter__(self) -> sqlite3.Connection:
        return self._db

    def __exit__(self, *_: object) -> None:
        self._db.close()


def add(db: sqlite3.Connection, name: str, count: int) -> None:
    db.execute("begin")
    rows = [(f"{name}-{number}", os.urandom(900)) for number in range(count)]
    db.executemany("insert into row values (?, ?)", rows)
    db.execute("commit")


def copy_of(host: Host, app: App) -> Path:
    return snapshots.snapshot_folder(host, app.name) / "main.db"


def journal(host: Host, app: App, *databases: str) -> Journal:
    kept = str(host.paths.state(app.name) / "replaced" / "then")
    return Journal(app.name, "held", "one", "two", "then", Phase.UNDOING, databases, kept=kept)


def test_a_copy_holds_what_the_database_holds_and_has_its_rights(host: Host, app: App, live: Path) -> None:
    live.chmod(0o640)
    with snapshots.Copies(host, app) as copies:
        assert copies.take() == live.stat().st_size
    copy = copy_of(host, app)
    assert scan_file(copy) == scan_database(live)
    both = [(file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) for file in (live, copy)]
    assert both[0] == both[1]


def test_only_what_changed_is_brought_over_after_the_app_has_stopped(host: Host, app: App, live: Path) -> None:
    with snapshots.Copies(host, app) as copies:
        copies.take()
        with opened(live) as db:
            db.execute("update row set body = 'x' where name = 'first-7'")
        assert 0 < copies.catch_up() < 10
        assert copies.catch_up() == 0
        assert scan_file(copy_of(host, app)) == scan_database(live)


def test_a_copy_made_beside_a_busy_writer_is_the_database_as_it_was_left(
    host: Host, app: App, live: Path, writer: "subprocess.Popen[str]"
) -> None:
    with snapshots.Copies(host, app) as copies:
        for _ in range(5):
            copies.take()
            for _ in range(5):
                copies.catch_up()
        writer.terminate()
        writer.wait()
        copies.catch_up()
        assert scan_file(copy_of(host, app)).digest == scan_database(live).digest


class Overtaken:
    """A moment of which one page was had, younger than what a scan will see, and no second one."""

    changed = (3, 4)

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def page(self, number: int) -> bytes:
        if number == 4:
            raise LogOvertaken("it was written over")
        return b"x" * self.pages.page_size


def test_a_log_that_is_written_over_under_us_costs_a_reading_of_everything_and_no_page(
    host: Host, app: App, live: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with snapshots.Copies(host, app) as copies:
        copies.take()
        pages = scan_database(live)
        with opened(live) as db:
            add(db, "more", 1)
        monkeypatch.setattr(Snapshot, "follow", lambda _: Overtaken(pages))
        copies.catch_up()
        assert scan_file(copy_of(host, app)) == scan_database(live)


def test_what_is_read_after_the_app_has_stopped_does_not_grow_with_the_database(
    host: Host, app: App, live: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with snapshots.Copies(host, app) as copies, opened(live) as db:
        add(db, "before", 1)
        copies.take()
        add(db, "more", 1)
        monkeypatch.delattr(Snapshot, "scan")
        assert copies.catch_up() > 0


def test_a_database_that_became_smaller_has_a_smaller_copy(host: Host, app: App, live: Path) -> None:
    with snapshots.Copies(host, app) as copies:
        copies.take()
        with opened(live) as db:
            db.execute("delete from row")
            db.execute("vacuum")
        copies.catch_up()
    assert copy_of(host, app).stat().st_size == scan_database(live).page_count * scan_database(live).page_size


def test_a_database_without_a_log_is_copied_too(host: Host, app: App, live: Path) -> None:
    with opened(live) as db:
        db.execute("pragma journal_mode = delete")
    with snapshots.Copies(host, app) as copies:
        copies.take()
        with opened(live) as db:
            add(db, "more", 100)
            db.execute("delete from row where name like 'first-1%'")
        assert copies.catch_up() > 0
        assert scan_file(copy_of(host, app)) == scan_database(live)


def test_everything_is_as_it_was_after_a_restore_and_what_was_written_is_kept(host: Host, app: App, live: Path) -> None:
    before = scan_database(live)
    with snapshots.Copies(host, app) as copies:
        copies.take()
    with opened(live) as db:
        db.execute("drop table row")
        db.execute("create table other (id)")
    log = live.with_name(f"{live.name}-wal")
    log.write_bytes(b"a log that must not meet the copy")
    assert snapshots.restore(host, app, journal(host, app, "main"))
    assert scan_database(live) == before
    with opened(live) as db:
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)
        assert db.execute("select count(*) from row").fetchone() == (ROWS,)
    kept = host.paths.state(app.name) / "replaced" / "then" / "main"
    assert {file.name for file in kept.iterdir()} >= {live.name, log.name}


def test_a_restore_that_was_cut_goes_on_and_is_not_done_twice(host: Host, app: App, live: Path) -> None:
    before = scan_database(live)
    with snapshots.Copies(host, app) as copies:
        copies.take()
    told = journal(host, app, "main")
    kept = host.paths.state(app.name) / "replaced" / "then" / "main"
    kept.mkdir(parents=True)
    live.rename(kept / live.name)  # cut after the database was moved away
    snapshots.restore(host, app, told)
    assert scan_database(live) == before
    with opened(live) as db:
        add(db, "after", 1)
    after = scan_database(live)
    snapshots.restore(host, app, told)
    assert scan_database(live) == after


def test_a_database_that_there_was_not_is_taken_away_and_kept(host: Host, app: App, live: Path) -> None:
    assert snapshots.restore(host, app, journal(host, app))
    assert not live.exists()
    assert (host.paths.state(app.name) / "replaced" / "then" / "main" / live.name).exists()


def test_nothing_is_begun_on_a_disk_that_is_too_full(
    host: Host, app: App, live: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SPARE_BYTES", 1 << 60)
    with snapshots.Copies(host, app) as copies, pytest.raises(Refused, match=r"needs .* MB, and .* left"):
        copies.take()
    assert live.exists()
    assert not copy_of(host, app).exists()


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("insert into row values ('more', 1)", True),
        ("create table other (id)", False),
        ("drop table row", False),
        ("pragma user_version = 7", False),
    ],
)
def test_the_old_release_goes_on_only_with_the_schema_that_it_knows(
    host: Host, app: App, live: Path, change: str, same: bool
) -> None:
    with snapshots.Copies(host, app) as copies:
        copies.take()
    with opened(live) as db:
        db.execute(change)
    assert snapshots.same_schema(host, app, journal(host, app, "main")) is same
    assert [file.name for file in copy_of(host, app).parent.iterdir()] == ["main.db"]


def test_of_what_never_served_anybody_only_the_newest_is_kept(tmp_path: Path) -> None:
    for name in ("1-unserved", "2-failed-deploy", "3-unserved"):
        (tmp_path / name).mkdir()
    snapshots.forget_older(tmp_path / "2-failed-deploy")
    assert len(list(tmp_path.iterdir())) == 3
    snapshots.forget_older(tmp_path / "3-unserved")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2-failed-deploy", "3-unserved"]
