"""A store that takes the connection and never answers holds up neither the other store nor the end of the loop."""

import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from station.fleet import StoreSpec


class Silent:
    """A server that accepts, reads, and never says a word."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.held: list[socket.socket] = []
        self._thread = Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self.held.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for each in self.held:
            each.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    made = Silent()
    yield made
    made.close()


def behind(spec: StoreSpec, silent: Silent, folder: Path) -> StoreSpec:
    """The same store, at an address where nobody answers."""
    if spec.kind == "dropbox":
        return replace(spec, proxy=f"http://127.0.0.1:{silent.port}")
    if spec.kind == "s3":
        return replace(spec, endpoint=f"http://127.0.0.1:{silent.port}")
    known = folder / "known_of_the_silent"
    assert spec.known_hosts is not None
    known.write_text(spec.known_hosts.read_text().replace(str(spec.port), str(silent.port)))
    return replace(spec, port=silent.port, known_hosts=known)


@pytest.mark.parametrize("kind", ["dropbox", "s3", "sftp"])
def test_a_second_store_that_hangs_holds_up_neither_the_first_nor_the_end(
    station: Any, silent: Silent, until: Callable[..., Any], tmp_path: Path, kind: str
) -> None:
    station.set_up("directory", kind)
    station.specs[1] = behind(station.specs[1], silent, tmp_path)
    station.start()
    for _ in range(3):
        station.write()
        until(lambda: station.is_in(station.stores[0]), 60, "a point in the first store")
    until(lambda: silent.held, 60, "somebody who waits for the second")
    until(lambda: station.report()["stores"]["store1"]["sending_since"], 60, "that it is told")
    began_s = time.monotonic()
    assert station.end(signal.SIGTERM) == 0
    assert time.monotonic() - began_s < 40


@pytest.mark.parametrize("kind", ["dropbox", "s3", "sftp"])
def test_a_first_store_that_hangs_with_the_lease_in_it_holds_up_neither_the_second_nor_the_end(
    station: Any, silent: Silent, until: Callable[..., Any], tmp_path: Path, kind: str
) -> None:
    station.set_up(kind, "directory")
    station.specs[0] = behind(station.specs[0], silent, tmp_path)
    station.start()
    until(lambda: station.is_in(station.stores[1]), 60, "a point in the second store")
    assert silent.held and station.points(station.stores[0]) == []
    began_s = time.monotonic()
    assert station.end(signal.SIGTERM) == 0
    assert time.monotonic() - began_s < 40
