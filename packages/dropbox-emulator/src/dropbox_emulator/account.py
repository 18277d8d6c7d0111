"""One account: its files, its upload sessions, its space; one call at a time."""

import threading
from pathlib import Path

from dropbox_emulator.contents import Contents
from dropbox_emulator.listing import Cursors
from dropbox_emulator.tree import Tree
from dropbox_emulator.uploads import Uploads

SPACE_BYTES = 2 * 1024**3


class Account:
    """What the routes work on. `space_bytes` may be changed at any time: less than is used is a full account."""

    def __init__(self, folder: Path, space_bytes: int = SPACE_BYTES) -> None:
        self.lock = threading.Lock()
        self.contents = Contents(folder)
        self.tree = Tree()
        self.uploads = Uploads(self.contents, space_bytes)
        self.cursors = Cursors()
        self.space_bytes = space_bytes
        self.jobs: dict[str, dict[str, object]] = {}
