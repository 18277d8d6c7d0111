"""An SSH server on this machine, a line to it that can be cut, and stores behind it."""

import getpass
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from station.stores.sftp.entrance import Place
from station.stores.sftp.store import SftpStore

SSHD = Path("/usr/sbin/sshd")


class Sshd:
    """Debian's SSH server as an ordinary child, for one user and one key, with host keys of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = getpass.getuser()
        self.client_key = folder / "client_key"
        self.known_hosts = folder / "known_hosts"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        for kind in ("ed25519", "rsa"):
            make_key(folder / f"host_{kind}", kind)
        make_key(self.client_key, "ed25519")
        self.know(self.port, folder / "host_ed25519.pub")
        config = folder / "sshd_config"
        config.write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nPidFile none\nUsePAM no\nStrictModes no\n"
            f"HostKey {folder}/host_ed25519\nHostKey {folder}/host_rsa\nAuthorizedKeysFile {self.client_key}.pub\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
            "MaxStartups 100\nSubsystem sftp internal-sftp\n"
        )
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self._log = (folder / "sshd.log").open("wb")
        self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=self._log)
        self._wait()

    def know(self, port: int, public_key: Path, host: str = "127.0.0.1") -> None:
        """Let the machine under that port be recognised by that key."""
        name = f"[{host}]:{port}"
        self.known_hosts.write_text(f"{name} {' '.join(public_key.read_text().split()[:2])}\n")

    def place(self, path: Path, *, port: int | None = None) -> Place:
        return Place("127.0.0.1", port or self.port, self.user, self.client_key, self.known_hosts, str(path))

    def end(self) -> None:
        for child in psutil.Process(self._process.pid).children(recursive=True):
            child.kill()
        self._process.terminate()
        self._process.wait(10)
        self._log.close()

    def _wait(self) -> None:
        deadline_s = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < deadline_s, (self.folder / "sshd.log").read_text()
                assert self._process.poll() is None, (self.folder / "sshd.log").read_text()
                time.sleep(0.02)
            else:
                return


def make_key(file: Path, kind: str, passphrase: str = "") -> None:
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(file)]
    subprocess.run([*command, *(["-b", "2048"] if kind == "rsa" else [])], check=True)


class Wire:
    """A TCP line to a server that can be cut, or lose the server's answers."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.sent_bytes = 0  # from the client to the server
        self.cut_every_bytes: int | None = None
        self.dead_after_bytes: int | None = None  # of `sent_bytes`: nothing gets through any more
        self.connections = 0
        self._since_cut = 0
        self._deaf = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def lose_answers(self) -> None:
        """From now on nothing comes back any more; the next cut ends that."""
        self._deaf = True

    def cut(self) -> None:
        self._since_cut, self._deaf = 0, False
        pairs, self._pairs = self._pairs, []  # whoever comes back meanwhile is not cut
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)

    def _is_dead(self) -> bool:
        return self.dead_after_bytes is not None and self.sent_bytes > self.dead_after_bytes

    def _accept(self) -> None:
        while True:
            try:
                near = self._listener.accept()[0]
            except OSError:
                return
            if self._is_dead():
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            self.connections += 1
            self._pairs.append((near, far))
            for one, other, up in ((near, far, True), (far, near, False)):
                self._threads.append(threading.Thread(target=self._pass_on, args=(one, other, up)))
                self._threads[-1].start()

    def _pass_on(self, one: socket.socket, other: socket.socket, up: bool) -> None:
        with one:
            while piece := _received(one):
                if up:
                    self.sent_bytes += len(piece)
                    self._since_cut += len(piece)
                    if self._is_dead() or (self.cut_every_bytes is not None and self._since_cut > self.cut_every_bytes):
                        self.cut()
                        break
                elif self._deaf:
                    continue
                with suppress(OSError):
                    other.sendall(piece)
            with suppress(OSError):
                other.shutdown(socket.SHUT_RDWR)


def _received(one: socket.socket) -> bytes:
    try:
        return one.recv(65536)
    except OSError:
        return b""


@pytest.fixture
def new_key() -> Callable[..., Path]:
    """Makes a key pair and gives the private one."""

    def make(file: Path, passphrase: str = "") -> Path:
        make_key(file, "ed25519", passphrase)
        return file

    return make


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if not SSHD.exists():
        pytest.skip("there is no sshd: apt install openssh-server")
    running = Sshd(tmp_path_factory.mktemp("sshd"))
    yield running
    running.end()


@pytest.fixture
def wire(sshd: Sshd) -> Iterator[Wire]:
    """A line to the SSH server that is known under the line's port too."""
    line = Wire(sshd.port)
    yield line
    line.end()


@pytest.fixture
def sftp_store(sshd: Sshd, tmp_path: Path) -> Iterator[Callable[..., SftpStore]]:
    """Opens a store as a new process would; `port` of a line to it, `known` what is known of machines."""
    with ExitStack() as opened:

        def make(
            *, port: int | None = None, folder: Path | None = None, set_up: bool = True, **options: Any
        ) -> SftpStore:
            known = tmp_path / f"known-{port}"
            key = " ".join((sshd.folder / "host_ed25519.pub").read_text().split()[:2])
            known.write_text(f"[127.0.0.1]:{port or sshd.port} {key}\n")
            place = replace(sshd.place(folder or tmp_path / "far", port=port), known_hosts=known)
            store = SftpStore("far", place, **options)
            opened.callback(store.close)
            if set_up:
                store.initialise()
            return store

        yield make
