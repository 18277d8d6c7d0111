"""Objects are encrypted to a key file, open with the program `age`, and are never short after damage."""

import hashlib
import io
import os
import random
import subprocess
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.errors import DamagedObject, StoreError
from station.fleet import StoreSpec
from station.points.encryption import must_restart
from station.stores.cipher import Cipher, cipher_of, decrypted
from station.stores.directory import DirectoryStore
from station.stores.keyfile import identities_of
from station.stores.opening import open_store
from station.stores.pump import BLOCK_BYTES, BLOCKS_AHEAD

AGE_CHUNK = 65536
SIZES = (0, 1, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3_000_000)


def keygen(file: Path) -> str:
    """A key file made by Debian's `age-keygen`, and its public key."""
    told = subprocess.run(["age-keygen", "-o", file], capture_output=True, text=True, check=True)
    return told.stderr.split()[-1]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    keygen(tmp_path / "cloud.key")
    return tmp_path / "cloud.key"


@pytest.fixture
def cipher(key_file: Path) -> Cipher:
    return Cipher(key_file, "cloud")


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """No thread and no open file outlives a test, however it went."""
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    yield
    assert [thread for thread in threading.enumerate() if thread.name == "pump"] == []
    assert len(os.listdir("/proc/self/fd")) == files  # noqa: PTH208


def encrypted(cipher: Cipher, folder: Path, clear: bytes) -> bytes:
    (folder / "clear").write_bytes(clear)
    cipher.encrypt(folder / "clear", folder / "sealed.age")
    return (folder / "sealed.age").read_bytes()


def clear_of(cipher: Cipher, sealed: bytes) -> bytes:
    with cipher.decrypting(io.BytesIO(sealed), cipher.key_id) as clear:
        return clear.read()


@pytest.mark.parametrize("size", SIZES)
def test_what_is_encrypted_here_opens_with_age(cipher: Cipher, key_file: Path, tmp_path: Path, size: int) -> None:
    clear = random.Random(size).randbytes(size)
    encrypted(cipher, tmp_path, clear)
    command = ["age", "-d", "-i", key_file, tmp_path / "sealed.age"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == clear


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("armor", [[], ["-a"]])
def test_what_age_encrypted_opens_here(cipher: Cipher, size: int, armor: list[str]) -> None:
    clear = random.Random(size).randbytes(size)
    command = ["age", *armor, "-r", cipher.key_id]
    sealed = subprocess.run(command, input=clear, capture_output=True, check=True).stdout
    assert clear_of(cipher, sealed) == clear


def test_what_is_stored_does_not_show_what_it_holds(cipher: Cipher, tmp_path: Path) -> None:
    assert b"Kunde Huber" not in encrypted(cipher, tmp_path, b"Kunde Huber" * 1000)
    assert encrypted(cipher, tmp_path, b"x") != encrypted(cipher, tmp_path, b"x")


def test_the_first_key_of_the_file_encrypts_and_all_of_them_open(
    key_file: Path, cipher: Cipher, tmp_path: Path
) -> None:
    old, by_old = cipher.key_id, encrypted(cipher, tmp_path, b"old")
    new = keygen(tmp_path / "new.key")
    key_file.write_bytes((tmp_path / "new.key").read_bytes() + key_file.read_bytes())
    (tmp_path / "clear").write_bytes(b"new")
    assert cipher.encrypt(tmp_path / "clear", tmp_path / "sealed.age") == cipher.key_id == new
    assert cipher.key_ids == (new, old)
    for key_id, sealed, clear in ((old, by_old, b"old"), (new, (tmp_path / "sealed.age").read_bytes(), b"new")):
        with cipher.decrypting(io.BytesIO(sealed), key_id) as stream:
            assert stream.read() == clear
    command = ["age", "-d", "-i", tmp_path / "new.key", tmp_path / "sealed.age"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"new"


def test_a_key_that_the_file_does_not_have_is_named(cipher: Cipher, key_file: Path, tmp_path: Path) -> None:
    sealed, needed = encrypted(cipher, tmp_path, b"x"), cipher.key_id
    key_file.unlink()
    keygen(key_file)
    with pytest.raises(StoreError, match=rf"{needed}.*{key_file}.*\[stores\.cloud\]") as told:
        cipher.decrypting(io.BytesIO(sealed), needed, "main/base").__enter__()
    assert told.value.message.startswith("main/base cannot be read")


def test_an_object_of_a_store_without_a_key_names_the_key_and_its_place(tmp_path: Path) -> None:
    plain = DirectoryStore("disk", tmp_path)
    with pytest.raises(StoreError, match=r"needs the key age1abc, and \[stores\.disk\] names no key file") as told:
        decrypted(plain, io.BytesIO(b"x"), "age1abc").__enter__()
    assert "key = PATH" in told.value.hint


def test_a_plain_object_is_read_as_it_is_and_needs_no_key_file(tmp_path: Path) -> None:
    store = open_store(StoreSpec("disk", "directory", tmp_path, key_file=tmp_path / "missing.key"))
    with decrypted(store, stream := io.BytesIO(b"plain"), "") as clear:
        assert clear is stream


def test_a_store_of_the_manifest_gets_the_cipher_of_its_key_file(
    cipher: Cipher, key_file: Path, tmp_path: Path
) -> None:
    keyed = cipher_of(open_store(StoreSpec("disk", "directory", tmp_path, key_file=key_file)))
    assert keyed is not None
    assert keyed.key_id == cipher.key_id
    assert cipher_of(open_store(StoreSpec("disk", "directory", tmp_path))) is None


class TestDamage:
    @pytest.fixture
    def sealed(self, cipher: Cipher, tmp_path: Path) -> bytes:
        return encrypted(cipher, tmp_path, random.Random(7).randbytes(5 * AGE_CHUNK))

    def test_a_cut_object_is_damaged_wherever_it_was_cut(self, cipher: Cipher, sealed: bytes) -> None:
        start = len(sealed) - 5 * (AGE_CHUNK + 16)
        after_a_chunk = [start + chunks * (AGE_CHUNK + 16) for chunks in range(5)]
        for end in (0, 1, 30, 199, start - 1, start + 1, *after_a_chunk, len(sealed) - 17, len(sealed) - 1):
            with pytest.raises(DamagedObject, match="does not decrypt"):
                clear_of(cipher, sealed[:end])

    @pytest.mark.parametrize("seed", range(30))
    def test_an_altered_object_is_damaged_wherever_it_was_altered(
        self, cipher: Cipher, sealed: bytes, seed: int
    ) -> None:
        chance = random.Random(seed)
        at = chance.randrange(200 if seed % 2 else len(sealed))
        bad = bytearray(sealed)
        bad[at] ^= chance.randrange(1, 256)
        with pytest.raises(DamagedObject):
            clear_of(cipher, bytes(bad))

    def test_what_stands_after_the_end_is_damage(self, cipher: Cipher, sealed: bytes) -> None:
        with pytest.raises(DamagedObject):
            clear_of(cipher, sealed + b"x")

    def test_two_chunks_that_changed_places_are_damage(self, cipher: Cipher, sealed: bytes) -> None:
        start = len(sealed) - 5 * (AGE_CHUNK + 16)
        first, second = start + AGE_CHUNK + 16, start + 2 * (AGE_CHUNK + 16)
        swapped = sealed[:start] + sealed[first:second] + sealed[start:first] + sealed[second:]
        with pytest.raises(DamagedObject):
            clear_of(cipher, swapped)

    def test_the_end_is_told_only_when_it_is_the_true_one(self, cipher: Cipher, sealed: bytes) -> None:
        """Reading on after the damage says so again, and never that the end was reached."""
        with cipher.decrypting(io.BytesIO(sealed[:-1]), cipher.key_id) as clear:
            got = b""
            with pytest.raises(DamagedObject):
                while block := clear.read(1000):
                    got += block
            for _ in range(2):
                with pytest.raises(DamagedObject):
                    clear.read(1000)
        assert random.Random(7).randbytes(5 * AGE_CHUNK).startswith(got)

    def test_an_object_of_another_key_than_its_record_says_is_damaged(self, cipher: Cipher, tmp_path: Path) -> None:
        keygen(tmp_path / "other.key")
        sealed = encrypted(Cipher(tmp_path / "other.key", "cloud"), tmp_path, b"x")
        with pytest.raises(DamagedObject):
            clear_of(cipher, sealed)


class Endless(io.RawIOBase):
    """A sealed object that goes on and on; counts what was read of it."""

    def __init__(self, sealed: bytes, fails_after: int = 1 << 60) -> None:
        self.sealed, self.fails_after, self.given = io.BytesIO(sealed), fails_after, 0

    def read(self, amount: int = -1) -> bytes:
        if self.given >= self.fails_after:
            raise StoreError("the line is cut")
        block = self.sealed.read(amount)
        self.given += len(block)
        return block


class Trickle(io.RawIOBase):
    """A sealed object that comes a byte at a time, slowly."""

    def __init__(self, sealed: bytes) -> None:
        self.sealed, self.reads, self.began = io.BytesIO(sealed), 0, threading.Event()

    def read(self, amount: int = -1) -> bytes:
        self.reads += 1
        self.began.set()
        threading.Event().wait(0.05)
        return self.sealed.read(1)


class TestStreaming:
    @pytest.fixture
    def stream(self, cipher: Cipher, tmp_path: Path) -> Endless:
        return Endless(encrypted(cipher, tmp_path, bytes(40 * BLOCK_BYTES)))

    def test_only_a_few_blocks_are_held(self, cipher: Cipher, stream: Endless) -> None:
        with cipher.decrypting(stream, cipher.key_id) as clear:
            assert clear.read(10) == bytes(10)
            threading.Event().wait(0.3)
            assert stream.given <= (BLOCKS_AHEAD + 4) * BLOCK_BYTES

    def test_a_reader_that_goes_away_leaves_nothing_behind(self, cipher: Cipher, stream: Endless) -> None:
        with cipher.decrypting(stream, cipher.key_id) as clear:
            clear.read(10)
        given = stream.given
        threading.Event().wait(0.1)
        assert stream.given == given < 40 * BLOCK_BYTES
        with pytest.raises(ValueError, match="closed"):
            clear.read(10)

    def test_a_reader_that_never_reads_leaves_nothing_behind(self, cipher: Cipher, stream: Endless) -> None:
        with cipher.decrypting(stream, cipher.key_id):
            pass

    def test_a_slow_store_is_not_read_on_when_the_reader_is_gone(self, cipher: Cipher, tmp_path: Path) -> None:
        stream = Trickle(encrypted(cipher, tmp_path, bytes(BLOCK_BYTES)))
        with cipher.decrypting(stream, cipher.key_id):
            stream.began.wait()
        assert stream.reads <= 3

    def test_a_reader_that_fails_is_told_its_own_failure(self, cipher: Cipher, stream: Endless) -> None:
        with pytest.raises(KeyboardInterrupt), cipher.decrypting(stream, cipher.key_id) as clear:
            clear.read(10)
            raise KeyboardInterrupt

    def test_what_the_store_raises_reaches_the_reader(self, cipher: Cipher, stream: Endless) -> None:
        stream.fails_after = 10 * BLOCK_BYTES
        with pytest.raises(StoreError, match="the line is cut"), cipher.decrypting(stream, cipher.key_id) as clear:
            while clear.read(BLOCK_BYTES):
                pass

    def test_a_store_that_fails_at_once_is_no_damage(self, cipher: Cipher, stream: Endless) -> None:
        stream.fails_after = 0
        with pytest.raises(StoreError, match="the line is cut"), cipher.decrypting(stream, cipher.key_id) as clear:
            clear.read()

    def test_several_objects_are_read_at_once(self, cipher: Cipher, tmp_path: Path) -> None:
        clear = random.Random(1).randbytes(2_000_000)
        sealed, found = encrypted(cipher, tmp_path, clear), []
        readers = [threading.Thread(target=lambda: found.append(clear_of(cipher, sealed) == clear)) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert found == [True] * 4

    def test_a_full_disk_is_told_as_such(self, cipher: Cipher, tmp_path: Path) -> None:
        (tmp_path / "clear").write_bytes(bytes(1 << 20))
        with pytest.raises(OSError, match="No space left on device"):
            cipher.encrypt(tmp_path / "clear", Path("/dev/full"))


def bad_files() -> dict[str, tuple[str, str]]:
    """What a key file may hold by mistake, and what is said about it."""
    return {
        "empty": ("", "There is no key in"),
        "only comments": ("# created: 2026-11-21\n# public key: age1abc\n", "There is no key in"),
        "garbage": ("# fine\nhunter2-is-my-secret\n", "Line 2 of .* is no key"),
        "public": ("age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq\n", "a public key"),
        "mistyped": ("AGE-SECRET-KEY-1SECRET\n", "Line 1 of .* mistyped"),
        "post-quantum": ("AGE-SECRET-KEY-PQ-1SECRET\n", "a kind that is not known"),
        "plugin": ("AGE-PLUGIN-YUBIKEY-1SECRET\n", "a key of a plugin"),
        "ssh": ("-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n", "another program"),
        "armored": ("-----BEGIN AGE ENCRYPTED FILE-----\nSECRET\n", "nobody is there to type its passphrase"),
        "encrypted": ("age-encryption.org/v1\n-> scrypt SECRET\n", "nobody is there to type its passphrase"),
        "long": ("#" * 70_000, "is no key file"),
        "binary": ("\udcff\udcfe", "no text in UTF-8"),
    }


class TestKeyFiles:
    @pytest.mark.parametrize("kind", bad_files())
    def test_a_file_that_is_no_key_file_is_refused_without_showing_it(
        self, cipher: Cipher, key_file: Path, kind: str
    ) -> None:
        text, said = bad_files()[kind]
        key_file.write_bytes(text.encode(errors="surrogateescape"))
        with pytest.raises(StoreError, match=said) as told:
            _ = cipher.key_id
        shown = "".join(traceback.format_exception(told.value)) + told.value.hint
        assert not any(secret in shown for secret in ("SECRET\n", "1SECRET", "hunter2", "age1qyq", "\\xff"))

    def test_a_folder_in_place_of_the_file_is_looked_into_as_systemd_fills_it(self, key_file: Path) -> None:
        folder = key_file.parent
        key_file.chmod(0o440)
        assert Cipher(folder, "cloud").key_file == key_file
        assert Cipher(folder, "cloud").key_id
        key_file.chmod(0o444)
        with pytest.raises(StoreError, match="others can read them"):
            _ = Cipher(folder, "cloud").key_id

    def test_a_missing_file_is_told_with_the_store_that_names_it(self, cipher: Cipher, key_file: Path) -> None:
        key_file.unlink()
        with pytest.raises(StoreError, match=rf"{key_file} cannot be read: No such file.*\[stores\.cloud\]"):
            _ = cipher.key_id

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
    def test_a_file_that_others_can_read_is_refused(self, cipher: Cipher, key_file: Path, mode: int) -> None:
        key_file.chmod(mode)
        with pytest.raises(StoreError, match="others can read them") as told:
            _ = cipher.key_id
        assert f"chmod 0600 {key_file}" in told.value.hint

    def test_a_file_that_is_no_file_is_refused(self, cipher: Cipher, key_file: Path) -> None:
        key_file.unlink()
        os.mkfifo(key_file, 0o600)
        with pytest.raises(StoreError, match="is no key file"):
            _ = cipher.key_id

    def test_the_secret_does_not_print(self, cipher: Cipher, key_file: Path) -> None:
        secret = key_file.read_text().split()[-1]
        assert secret.startswith("AGE-SECRET-KEY-1")
        (one,) = identities_of(key_file.read_text(), "the file")
        assert cipher.key_id == one.key_id
        assert not any(secret in shown for shown in (repr(one), str(one), repr(cipher), repr(vars(cipher))))

    def test_the_file_is_read_again_when_it_changed_and_not_otherwise(self, cipher: Cipher, key_file: Path) -> None:
        before = cipher.identities()
        assert cipher.identities() is before
        other = key_file.with_name("other.key")
        public = keygen(other)
        other.replace(key_file)
        assert cipher.key_id == public != before[0].key_id

    def test_a_key_that_is_there_twice_counts_once(self, cipher: Cipher, key_file: Path) -> None:
        key_file.write_text(key_file.read_text() * 2)
        assert len(cipher.key_ids) == 1


def test_a_chain_ends_when_its_key_does(cipher: Cipher, tmp_path: Path) -> None:
    from dataclasses import replace
    from datetime import UTC, datetime

    from station.points.point import Point

    point = Point(
        "a", "d", "c", 0, 1, "h", datetime(2026, 11, 21, tzinfo=UTC), 4096, 1, 1, "", 1, hashlib.sha256().hexdigest()
    )
    keyed = replace(point, key=cipher.key_id)
    other = replace(point, key="age1other")
    assert [must_restart(each, cipher) for each in (point, keyed, other)] == [True, False, True]
    assert [must_restart(each, None) for each in (point, keyed)] == [False, True]
