"""Dropbox on this machine, and a store in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from dropbox_emulator.emulator import Emulator
from station.stores.dropbox import DropboxStore
from station.stores.dropbox_calls import Entrance
from station.stores.patience import Patience

BLOCK_BYTES = 4 * 1024 * 1024
MakeStore = Callable[..., DropboxStore]


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator(tmp_path / "emulator") as running:
        yield running


@pytest.fixture
def entrance(emulator: Emulator, tmp_path: Path) -> Entrance:
    """The way into the emulator: credentials in a file, its proxy, its certificate authority."""
    tokens = emulator.tokens
    file = tmp_path / "dropbox.env"
    file.touch(mode=0o600)
    file.write_text(
        f"DROPBOX_APP_KEY={tokens.app_key}\nDROPBOX_APP_SECRET={tokens.app_secret}\n"
        f"DROPBOX_REFRESH_TOKEN={tokens.refresh_token}\n"
    )
    return Entrance(file, emulator.proxy, emulator.ca_file)


@pytest.fixture
def waits() -> list[float]:
    """How long the stores of `dropbox_store` would have waited; they do not."""
    return []


@pytest.fixture
def dropbox_store(entrance: Entrance, waits: list[float]) -> Iterator[MakeStore]:
    """Opens a store as a new process would, set up."""
    with ExitStack() as opened:

        def make(piece_bytes: int = BLOCK_BYTES, **options: object) -> DropboxStore:
            way_in = replace(entrance, piece_bytes=piece_bytes)
            options = {"patience": Patience(sleep=waits.append)} | options
            store = DropboxStore("dropbox", "/station", way_in, **options)  # type: ignore[arg-type]
            opened.callback(store.close)
            store.initialise()
            return store

        yield make
