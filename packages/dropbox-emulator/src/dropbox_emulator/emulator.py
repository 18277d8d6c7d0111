"""The emulator: a server on this machine that a client reaches as its HTTPS proxy.

with Emulator(folder) as emulator:
    ...  # proxy: emulator.proxy, certificate authority: emulator.ca_file, credentials: emulator.tokens
"""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from dropbox_emulator.account import SPACE_BYTES, Account
from dropbox_emulator.authority import server_context
from dropbox_emulator.faults import Faults
from dropbox_emulator.ledger import Ledger
from dropbox_emulator.server import Server
from dropbox_emulator.tokens import Tokens


class Emulator:
    """One account in `folder`, served while the block is open. Faults and credentials can be changed meanwhile."""

    def __init__(self, folder: Path, *, port: int = 0, space_bytes: int = SPACE_BYTES) -> None:
        contents = folder / "contents"
        contents.mkdir(parents=True)
        self.ca_file = folder / "ca.pem"
        self.account = Account(contents, space_bytes)
        self.tokens = Tokens()
        self.faults = Faults()
        self.ledger = Ledger()
        self._server = Server(port, server_context(self.ca_file), self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def proxy(self) -> str:
        """What a client has as its HTTPS proxy."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop()
        self._thread.join()
