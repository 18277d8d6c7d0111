"""The real Litestream against a real SSH server that goes away and comes back."""

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

SFTP = """
[stores.nas]
kind = "sftp"
server = "127.0.0.1"
port = {port}
user = "{user}"
path = "{folder}/nas"
private_key = "client"
known_hosts = "known_hosts"
"""


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "nas").mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        for name in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {(folder / 'host.pub').read_text()}")
        (folder / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nPidFile none\nUsePAM no\nStrictModes no\n"
            f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/client.pub\nPermitRootLogin prohibit-password\n"
            "Subsystem sftp internal-sftp\n"
        )
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self.begin()

    def begin(self) -> None:
        with (self.folder / "sshd.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/sshd", "-D", "-e", "-f", self.folder / "sshd_config"], stderr=log
            )
        for _ in range(500):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "sshd.log").read_text())

    def end(self) -> None:
        """As when the machine is switched off: the open connections go too."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.end()


@pytest.mark.slow
def test_a_replica_that_hangs_since_the_server_was_away_gets_on_again(run, server: Server, tmp_path: Path) -> None:
    nas = SFTP.format(port=server.port, user=getpass.getuser(), folder=tmp_path)
    running = run(
        ('store = "disk"\nprogram', 'store = "nas"\nprogram'),
        ("[apps.counter]", nas + "[apps.counter]"),
        ("late_after_s = 30", "late_after_s = 2"),
    )
    running.sql("insert into t values (1)")
    running.wait_until_shipped()
    server.end()
    running.sql("insert into t values (2)")
    time.sleep(0.5)
    server.begin()
    running.sql("insert into t values (3)")
    running.wait_until_shipped()
    running.wait(lambda: running.status()["error"] is None, "peace")
    assert running.stop() == 0
