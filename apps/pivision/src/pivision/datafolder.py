"""Where the appliance keeps its files, below one folder. Paths in the database are relative to it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pivision.errors import PiVisionError


@dataclass(frozen=True)
class DataFolder:
    """`segments/` pictures as they come in · `events/` pictures of events · `state/` the detector's arrays · `run/`.

    `host`: the machine that it lies on. Databases are followed to another one, files are not.
    """

    root: Path
    host: str = ""

    @property
    def segments(self) -> Path:
        return self.root / "segments"

    @property
    def events(self) -> Path:
        return self.root / "events"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def secrets(self) -> Path:
        """What opens other people's doors: addresses with tokens, passwords. Not in the database, which is copied."""
        return self.root / "secrets"

    @property
    def worker_bell(self) -> Path:
        """A datagram socket of the worker's: whoever stores a picture rings it, so that nobody has to poll fast."""
        return self.root / "run" / "worker.sock"

    @property
    def server_address(self) -> Path:
        """Where the server listens, as `127.0.0.1:8080`: written as it begins, for whoever shares this folder."""
        return self.root / "run" / "server.address"

    def make(self) -> None:
        """Make the folders that are missing. The root itself must be there: a mount that is away is no empty folder."""
        if not self.root.is_dir():
            raise PiVisionError(f"No data folder: there is no {self.root}", "Make it, or set DATA_PATH")
        self.secrets.mkdir(mode=0o700, exist_ok=True)
        for each in (self.segments, self.events, self.state, self.worker_bell.parent):
            each.mkdir(mode=0o750, exist_ok=True)

    def top_of(self, relative: str) -> Path:
        """The folder of ours that the path begins with: `events`, `segments`, …; it is never removed."""
        return self.root / Path(relative).parts[0]

    def file(self, relative: str) -> Path:
        """The file that the database names. PiVisionError when the name leads out of the folder."""
        return _inside(self.root, relative)


@lru_cache(maxsize=64)  # a segment is asked for some hundred times, and a path with no link in it stays where it is
def _inside(root: Path, relative: str) -> Path:
    path = (root / relative).resolve()
    if not path.is_relative_to(root.resolve()):
        raise PiVisionError(f"{relative!r} lies outside of the data folder")
    return path
