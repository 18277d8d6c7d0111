"""Stores of every kind on this machine behind one face, and small disks: what backups must withstand is done here."""

import importlib.util
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dropbox_emulator.emulator import Emulator
from dropbox_emulator.faults import Fault
from station.stores.cipher import Cipher, equip
from station.stores.directory import DirectoryStore
from station.stores.keymaking import create_key_file
from station.stores.store import Store

TESTS = Path(__file__).parents[1]
PIECE_BYTES = 256 * 1024
REMOTE = ["dropbox", "s3", "sftp"]
EVER = 10_000


def _conftest_of(folder: str) -> ModuleType:
    """The fixtures of another folder of tests."""
    spec = importlib.util.spec_from_file_location(
        f"fixtures_of_{folder.replace('/', '_')}", TESTS / folder / "conftest.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_points, _stores, _sftp = _conftest_of("points"), _conftest_of("stores"), _conftest_of("stores/sftp")
_cluster = _conftest_of("cluster")
new_fleet, wait_for = _cluster.new_fleet, _cluster.wait_for
bench = _points.bench
emulator, entrance, waits = _stores.emulator, _stores.entrance, _stores.waits
dropbox_store = _stores.dropbox_store
moto_address, s3_line, s3_place, s3_store = _stores.moto_address, _stores.s3_line, _stores.s3_place, _stores.s3_store
sshd, wire, sftp_store = _sftp.sshd, _sftp.wire, _sftp.sftp_store


class Disk:
    """A small disk of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._balloon = path / ".balloon"

    def fill(self, leave_bytes: int = 0) -> None:
        """Take all the room but so much."""
        with suppress(OSError), self._balloon.open("ab", buffering=0) as balloon:
            while balloon.write(bytes(4096)):
                pass
        if leave_bytes:
            with self._balloon.open("r+b") as balloon:
                balloon.truncate(max(0, self._balloon.stat().st_size - leave_bytes))

    def make_room(self) -> None:
        self._balloon.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[Path, int], Disk]]:
    """Makes a disk of that size at a folder."""
    mounted: list[Path] = []

    def make(folder: Path, size_bytes: int) -> Disk:
        folder.mkdir(parents=True)
        size = f"size={size_bytes}"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=False).returncode:
            pytest.skip("a disk of its own can be mounted by root only")
        mounted.append(folder)
        return Disk(folder)

    yield make
    for folder in mounted:
        subprocess.run(["umount", "-l", folder], check=True)


class Remote:
    """One store behind a line. `sent` bytes left the station; `open` gives a store as a new process would."""

    kind = ""

    def __init__(self, bench: Any) -> None:
        self.bench = bench

    def open(self) -> Store:
        raise NotImplementedError

    def sent(self) -> int:
        raise NotImplementedError

    def cut_after(self, amount: int) -> None:
        """From that many bytes on the line is dead."""
        raise NotImplementedError

    def mend(self) -> None:
        raise NotImplementedError

    def fill(self, leave_bytes: int) -> None:
        """The service has room for so much and no more."""
        raise NotImplementedError

    def make_room(self) -> None:
        raise NotImplementedError


class OnDisk(Remote):
    kind = "directory"

    def __init__(self, bench: Any, disk: Disk) -> None:
        super().__init__(bench)
        self.disk = disk
        self._store = DirectoryStore("disk", disk.path)
        self._store.meter.on_sent = self._count
        self._sent = 0

    def _count(self, amount: int) -> None:
        self._sent += amount

    def open(self) -> Store:
        self._store.initialise()
        return self._store

    def sent(self) -> int:
        return self._sent

    def fill(self, leave_bytes: int) -> None:
        self.disk.fill(leave_bytes)

    def make_room(self) -> None:
        self.disk.make_room()


class OnDropbox(Remote):
    kind = "dropbox"

    def __init__(self, bench: Any, emulator: Emulator, make: Callable[..., Store]) -> None:
        super().__init__(bench)
        self.emulator, self._make = emulator, make

    def open(self) -> Store:
        return self._make(PIECE_BYTES, state=self.bench.state)

    def sent(self) -> int:
        return self.emulator.ledger.received_bytes()

    def plant(self, key: str, content: bytes) -> None:
        """Let the object be there, without the network."""
        account = self.emulator.account
        account.tree.put_file(f"/station/{key}", account.contents.keep(content))

    def calls(self) -> int:
        return len(self.emulator.ledger.lines())

    def cut_after(self, amount: int) -> None:
        self.emulator.faults.add(Fault("files/*upload*", cut_request_after=amount, times=EVER))

    def mend(self) -> None:
        self.emulator.faults.clear()

    def fill(self, leave_bytes: int) -> None:
        self.emulator.account.space_bytes = self.emulator.account.tree.used_bytes + leave_bytes

    def make_room(self) -> None:
        self.emulator.account.space_bytes = 1 << 40


class OnS3(Remote):
    kind = "s3"

    def __init__(self, bench: Any, line: Any, place: Any, make: Callable[..., Store]) -> None:
        super().__init__(bench)
        self.line, self._make, self._place = line, make, place
        self._once = [line.Fault("restore.sh", cut_request_after=0, times=12)]  # the object is there, the record not

    def open(self) -> Store:
        return self._make(self._place, state=self.bench.state)

    def sent(self) -> int:
        return int(self.line.sent())

    def plant(self, key: str, content: bytes) -> None:
        """Let the object be there, without the network."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(self._place.bucket, f"station/{key}", content)

    def calls(self) -> int:
        return len(self.line.calls)

    def cut_after(self, amount: int) -> None:
        parts = round(amount / self._place.part_bytes)
        self.line.faults.append(self.line.Fault("partNumber=", cut_request_after=0, skip=parts, times=EVER))
        self.line.faults += self._once
        self._once = []

    def mend(self) -> None:
        self._once = [fault for fault in self.line.faults if fault.match == "restore.sh" and fault.times == 12]
        self.line.faults.clear()

    def fill(self, leave_bytes: int) -> None:
        parts = leave_bytes // self._place.part_bytes
        self.line.faults.append(self.line.Fault("^PUT", answer=(507, "InsufficientStorage"), skip=parts, times=EVER))

    def make_room(self) -> None:
        self.line.faults.clear()


class OnSftp(Remote):
    kind = "sftp"

    def __init__(self, bench: Any, wire: Any, make: Callable[..., Store], disk: Disk | None = None) -> None:
        super().__init__(bench)
        self.wire, self._make, self.disk = wire, make, disk

    def open(self) -> Store:
        folder = {"folder": self.disk.path / "far"} if self.disk else {}
        return self._make(port=self.wire.port, large_bytes=PIECE_BYTES, **folder)

    def sent(self) -> int:
        return int(self.wire.sent_bytes)

    def cut_after(self, amount: int) -> None:
        self.wire.dead_after_bytes = self.wire.sent_bytes + amount

    def mend(self) -> None:
        self.wire.dead_after_bytes = None
        self.wire.cut()

    def fill(self, leave_bytes: int) -> None:
        assert self.disk is not None
        self.disk.fill(leave_bytes)

    def make_room(self) -> None:
        assert self.disk is not None
        self.disk.make_room()


@pytest.fixture
def remote(request: pytest.FixtureRequest, bench: Any) -> Iterator[Callable[..., Remote]]:
    """Makes the store of that kind the bench's, encrypted or not; on a disk of `size_bytes` where it is on a disk."""

    def make(kind: str, *, encrypted: bool = False, size_bytes: int = 64 << 20) -> Remote:
        get = request.getfixturevalue
        on_disk = kind in ("directory", "sftp") and size_bytes < 64 << 20
        disk = get("disk")(bench.folder / "small", size_bytes) if on_disk else Disk(bench.folder / "small")
        made: Remote
        if kind == "directory":
            made = OnDisk(bench, disk)
        elif kind == "dropbox":
            made = OnDropbox(bench, get("emulator"), get("dropbox_store"))
        elif kind == "s3":
            made = OnS3(bench, get("s3_line"), get("s3_place"), get("s3_store"))
        else:
            made = OnSftp(bench, get("wire"), get("sftp_store"), disk if on_disk else None)
        opened = made.open
        if encrypted:
            key_file = bench.folder / "store.key"
            create_key_file(key_file, bench.now)

            def locked() -> Store:
                store = opened()
                equip(store, Cipher(key_file, store.name))
                return store

            made.open = locked  # type: ignore[method-assign]
        bench.store = made.open()
        return made

    return make
