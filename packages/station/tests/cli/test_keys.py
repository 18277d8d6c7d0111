"""`station key new`, `rotate`, `sheet`, `check`: keys are made once, never lost, and shown only when it is meant."""

import fcntl
import os
import pty
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from station.cli.keysheet import PREFIX, grouped
from station.clock import utc_now
from station.cluster.roles import write_epoch
from station.points.point import DatabaseId
from station.points.taker import PointTaker
from station.stores.cipher import Cipher, equip
from station.stores.keyfile import read_identities

SECRET = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{58}")


@pytest.fixture
def key_file(tmp_path: Path, station) -> Path:
    assert station("key", "new", tmp_path / "disk.key").code == 0
    return tmp_path / "disk.key"


@pytest.fixture
def keyed(tmp_path: Path, fleet, key_file: Path) -> Path:
    """The fleet's store is encrypted with the key file, which is returned."""
    manifest = tmp_path / "fleet.toml"
    manifest.write_text(manifest.read_text().replace('path = "store"\n', 'path = "store"\nkey = "disk.key"\n'))
    return key_file


@pytest.fixture
def filled(keyed: Path, yard, station):
    """The yard of an encrypted store with plain points, made before, and encrypted copies."""
    write_epoch(yard.fleet.hosts["pi-ctv"].paths.state("bookedbiz"), 1, utc_now())
    assert station("db", "upload").code == 0
    assert station("db", "backup", "kept").code == 0
    return yard


def secret_of(file: Path) -> str:
    return SECRET.findall(file.read_text())[0]


class TestNew:
    def test_a_new_key_file_is_for_its_owner_alone_and_age_reads_it(self, station, tmp_path: Path) -> None:
        made = station("key", "new", tmp_path / "a.key")
        assert made.code == 0
        assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600
        public = subprocess.run(["age-keygen", "-y", tmp_path / "a.key"], capture_output=True, text=True, check=True)
        assert public.stdout.strip() in made.out
        assert f"# public key: {public.stdout.strip()}\n" in (tmp_path / "a.key").read_text()

    def test_a_folder_that_is_missing_is_made_for_its_owner_alone(self, station, tmp_path: Path) -> None:
        assert station("key", "new", tmp_path / "keys" / "a.key").code == 0
        assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700

    def test_it_says_what_to_do_next_and_never_the_secret(self, station, tmp_path: Path) -> None:
        made = station("key", "new", tmp_path / "a.key")
        assert f'key = "{tmp_path}/a.key"' in made.err
        assert "key sheet" in made.err
        assert "AGE-SECRET" not in made.out + made.err
        assert station("key", "new", tmp_path / "b.key", "--json").json["file"] == str(tmp_path / "b.key")

    def test_a_file_that_is_there_is_not_written_over(self, station, tmp_path: Path) -> None:
        (tmp_path / "a.key").write_text("precious")
        assert station("key", "new", tmp_path / "a.key").code == 20
        assert (tmp_path / "a.key").read_text() == "precious"

    def test_a_folder_that_cannot_be_made_is_told(self, station, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        done = station("key", "new", tmp_path / "file" / "a.key")
        assert (done.code, "not written: " in done.err) == (1, True)


class TestRotate:
    def test_the_new_key_is_first_and_the_old_one_stays(self, station, keyed: Path) -> None:
        before = keyed.read_text()
        done = station("key", "rotate", "disk", "--json")
        assert done.code == 0
        keys = [one.key_id for one in read_identities(keyed)]
        assert keys == [done.json["key"], *done.json["older"]]
        assert len(keys) == 2
        assert keyed.read_text().endswith(before)
        assert stat.S_IMODE(keyed.stat().st_mode) == 0o600
        assert sorted(file.name for file in keyed.parent.glob("*disk.key*")) == ["disk.key"]

    def test_a_dry_run_changes_nothing(self, station, keyed: Path) -> None:
        before = keyed.read_text()
        assert "would put a new key" in station("key", "rotate", "disk", "--dry-run").out
        assert keyed.read_text() == before

    def test_it_says_that_older_objects_stay_and_a_chain_starts(self, station, keyed: Path) -> None:
        done = station("key", "rotate", "disk")
        assert "in new chains" in done.err
        assert "the older key stays" in done.err
        assert "AGE-SECRET" not in done.out + done.err
        assert "the 2 older keys stay" in station("key", "rotate", "disk").err

    def test_two_at_once_do_not_lose_a_key(self, station, keyed: Path) -> None:
        before = keyed.read_text()
        with keyed.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            assert station("key", "rotate", "disk").code == 12
        assert keyed.read_text() == before

    def test_a_full_disk_leaves_the_old_file(self, station, keyed: Path, monkeypatch) -> None:
        before = keyed.read_text()

        def full(handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        done = station("key", "rotate", "disk")
        monkeypatch.undo()
        assert (done.code, "No space left" in done.err) == (1, True)
        assert keyed.read_text() == before
        assert sorted(file.name for file in keyed.parent.glob("*disk.key*")) == ["disk.key"]

    def test_a_link_to_the_file_stays_a_link(self, station, keyed: Path) -> None:
        keyed.rename(keyed.with_name("real.key"))
        keyed.symlink_to("real.key")
        assert station("key", "rotate", "disk").code == 0
        assert keyed.is_symlink()
        assert len(read_identities(keyed)) == 2

    def test_a_store_without_a_key_is_told_how_to_get_one(self, station, fleet) -> None:
        done = station("key", "rotate", "disk")
        assert (done.code, "is not encrypted" in done.err, "key new" in done.err) == (16, True, True)
        assert station("key", "rotate", "nowhere").code == 2


class TestSheet:
    def test_into_a_pipe_only_when_it_is_meant(self, station, keyed: Path) -> None:
        refused = station("key", "sheet", "disk")
        assert (refused.code, refused.out) == (20, "")
        assert PREFIX not in refused.err
        assert station("key", "sheet", "disk", "--yes").code == 0

    @pytest.mark.parametrize(("answer", "shown"), [("y\n", True), ("n\n", False)])
    def test_on_a_terminal_it_asks_first(self, keyed: Path, answer: str, shown: bool) -> None:
        ours, theirs = pty.openpty()
        program = "from station.cli.main import main; main()"
        command = [sys.executable, "-c", program, "--fleet", keyed.with_name("fleet.toml"), "key", "sheet", "disk"]
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            os.write(ours, answer.encode())
            said = b""
            while True:
                try:
                    said += os.read(ours, 65536)
                except OSError:  # how a terminal says that the other side is gone
                    break
        os.close(ours)
        assert b"Show the secret key" in said
        assert (PREFIX.encode() in said, process.returncode) == (shown, 0 if shown else 130)

    def test_it_holds_every_key_the_place_and_the_commands(self, station, keyed: Path, fleet) -> None:
        station("key", "rotate", "disk")
        sheet = station("key", "sheet", "disk", "--yes").out
        for secret in SECRET.findall(keyed.read_text()):
            assert "\n    ".join(grouped(secret)) in sheet
            assert "".join(grouped(secret)).replace(" ", "") == secret
        for said in (
            str(fleet.stores["disk"].path),
            "age -d -i key.txt",
            "bookedbiz/main/database.db.age",
            "restore.py",
        ):
            assert said in sheet

    def test_the_page_is_for_its_owner_alone_and_needs_no_other_file(
        self, station, keyed: Path, tmp_path: Path
    ) -> None:
        done = station("key", "sheet", "disk", "--html", tmp_path / "sheet.html")
        page = (tmp_path / "sheet.html").read_text()
        assert done.code == 0
        assert stat.S_IMODE((tmp_path / "sheet.html").stat().st_mode) == 0o600
        assert not re.search(r"(src|href)=|url\(|@import", page)
        assert grouped(secret_of(keyed))[1] in page
        assert PREFIX not in done.out + done.err
        assert station("key", "sheet", "disk", "--html", tmp_path / "sheet.html").code == 20

    @pytest.mark.browser
    def test_the_page_with_two_keys_fits_on_one_sheet(self, station, keyed: Path, tmp_path: Path) -> None:
        station("key", "rotate", "disk")
        station("key", "sheet", "disk", "--html", tmp_path / "sheet.html")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={tmp_path}/chromium", f"--print-to-pdf={tmp_path}/sheet.pdf"]
        subprocess.run([*command, (tmp_path / "sheet.html").as_uri()], capture_output=True, check=True, timeout=60)
        assert len(re.findall(rb"/Type\s*/Page[^s]", (tmp_path / "sheet.pdf").read_bytes())) == 1

    def test_its_own_commands_bring_the_data_back(self, station, filled, keyed: Path, tmp_path: Path) -> None:
        station("key", "rotate", "disk")
        point = take_encrypted(filled, keyed)
        sheet = station("key", "sheet", "disk", "--yes").out
        place = tmp_path / "another machine"
        place.mkdir()
        keys = re.findall(r"AGE-SECRET-KEY-1\n((?:    [0-9A-Z ]+\n)+)", sheet)
        typed_in = "".join(f"{PREFIX}{''.join(groups.split())}\n" for groups in keys)
        (place / "key.txt").write_text(typed_in)
        assert len(keys) == 2
        steps = sheet[sheet.index("The files of the store:") :].splitlines()
        commands = "set -eu\n" + "\n".join(line for line in steps if line.startswith("    "))
        done = subprocess.run(["sh", "-c", commands], cwd=place, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout.splitlines()[:2]) == (0, ["ok", "ok"]), done.stderr
        assert point.key == read_identities(keyed)[0].key_id
        for file in ("restored.db", "newest.db"):
            with closing(sqlite3.connect(place / file)) as database:
                assert database.execute("select count(*) from spots").fetchone() == (3,)

    @pytest.mark.parametrize(
        ("table", "said"),
        [
            ('kind = "dropbox"\npath = "/station"\ncredentials = "c.env"\n', "rclone copy dropbox:/station store"),
            (
                'kind = "s3"\nbucket = "ctv"\npath = "pi"\ncredentials = "c.env"\nendpoint = "https://b2.example"\n',
                "aws s3 cp --recursive s3://ctv/pi store --endpoint-url https://b2.example",
            ),
            (
                'kind = "sftp"\npath = "/srv/b"\nserver = "pi2"\nuser = "backup"\nport = 2222\n'
                'private_key = "id"\nknown_hosts = "kh"\n',
                "scp -r -P 2222 backup@pi2:/srv/b store",
            ),
        ],
    )
    def test_every_kind_of_store_says_how_its_files_are_fetched(self, station, keyed: Path, table, said) -> None:
        manifest = keyed.with_name("fleet.toml")
        manifest.write_text(manifest.read_text().replace('kind = "directory"\npath = "store"\n', table))
        assert said in station("key", "sheet", "disk", "--yes").out


class TestCheck:
    def test_the_newest_objects_open_with_the_key_file(self, station, filled) -> None:
        done = station("key", "check", "disk", "--json")
        assert done.code == 0
        found = {each["object"].rpartition("/")[2]: bool(each["key"]) for each in done.json["objects"]}
        assert found["database.db.age"] and found["kept.db.age"]
        assert (
            "2 of 4 objects of disk open with the key file, 2 are not encrypted" in station("key", "check", "disk").out
        )

    def test_a_wrong_key_file_is_told_for_each_object(self, station, filled, keyed: Path) -> None:
        needed = read_identities(keyed)[0].key_id
        keyed.unlink()
        station("key", "new", keyed)
        done = station("key", "check", "disk")
        assert done.code == 16
        assert done.out.count(needed) == 2
        assert "2 of 4 objects do not open" in done.err

    def test_a_damaged_beginning_is_told(self, station, filled) -> None:
        file = filled.store.path / "bookedbiz/main/database.db.age"
        bad = bytearray(file.read_bytes())
        bad[400] ^= 1
        file.write_bytes(bad)
        done = station("key", "check", "disk")
        assert (done.code, "does not decrypt" in done.out) == (16, True)

    def test_what_is_typed_from_the_sheet_is_checked(self, station, filled, keyed: Path, monkeypatch) -> None:
        secret = secret_of(keyed)
        keyed.unlink()  # the sheet is for the day when the file is gone
        for text in ("\n".join(grouped(secret)), secret.lower(), f"  {secret}\n"):
            done = typed(station, monkeypatch, text)
            assert (done.code, "2 of 2 objects of disk open with the typed key" in done.out) == (0, True)

    def test_a_typing_mistake_is_told_without_showing_it(self, station, filled, keyed: Path, monkeypatch) -> None:
        secret = secret_of(keyed)
        wrong = secret[:30] + ("Q" if secret[30] != "Q" else "P") + secret[31:]
        done = typed(station, monkeypatch, wrong)
        assert (done.code, "what was typed is no key: it is mistyped" in done.err) == (16, True)
        assert wrong not in done.err + done.out

    def test_a_whole_key_of_another_store_is_told(self, station, filled, tmp_path: Path, monkeypatch) -> None:
        station("key", "new", tmp_path / "other.key")
        done = typed(station, monkeypatch, secret_of(tmp_path / "other.key"))
        assert (done.code, "nothing among the newest objects" in done.err) == (16, True)

    def test_encrypted_points_are_tried_too(self, station, filled, keyed: Path) -> None:
        point = take_encrypted(filled, keyed)
        assert point.key == read_identities(keyed)[0].key_id
        objects = station("key", "check", "disk", "--json").json["objects"]
        assert {"object": point.object_key, "key": point.key, "problem": None} in objects


def test_listings_say_which_copies_are_encrypted_and_a_download_needs_no_option(station, filled, keyed: Path) -> None:
    manifest = keyed.with_name("fleet.toml")
    with_key = manifest.read_text()
    manifest.write_text(with_key.replace('key = "disk.key"\n', ""))
    assert station("db", "backup", "plain").code == 0
    listed = station("db", "list-backups").out
    key = read_identities(keyed)[0].key_id
    assert re.search(rf"kept\.db\.age .*{key[:12]}…", listed) and re.search(r"plain\.db .*nothing, plain", listed)
    told = station("db", "info").out
    assert "made by pi-ctv, encrypted" in told and "2, 1 encrypted" in told
    refused = station("db", "download", "--to", manifest.with_name("back.db"))
    assert (refused.code, key in refused.err, "[stores.disk] names no key file" in refused.err) == (16, True, True)
    manifest.write_text(with_key)
    assert station("db", "download", "--to", manifest.with_name("back.db")).code == 0
    for name in ("kept", "plain"):
        assert station("db", "download", "--backup", name).code == 0
        assert manifest.with_name(f"bookedbiz-main-{name}.db").read_bytes()[:15] == b"SQLite format 3"


def take_encrypted(yard, key_file: Path):
    equip(yard.store, Cipher(key_file, "disk"))
    state = yard.fleet.hosts["pi-ctv"].paths.state("bookedbiz")
    with PointTaker(yard.database, DatabaseId("bookedbiz", "main"), yard.store, state, "pi-ctv") as taker:
        return taker.take(1, utc_now(), still_ours=lambda: None, full=True)


def typed(station, monkeypatch, text: str):
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        return station("key", "check", "disk", "--typed")
