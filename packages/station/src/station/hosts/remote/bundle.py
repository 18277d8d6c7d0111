"""A bundle as values: a folder, or a .tar of it, with all that a host needs to be installed without a network."""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from station.errors import StationError
from station.hosts.remote.target import Target

VERSION = 1
ABOUT = "bundle.json"
SUMS = "SHA256SUMS"  # of everything but itself and bundle.json


@dataclass(frozen=True)
class About:
    """What `bundle.json` says. `id` names the whole content, `station` the platform in it, `manifest` its tree.

    `python` and `platform` are the machine's; `fleet` is the fleet's file below `manifest/`. `online`: only our own
    wheels are in it, and the host fetches the others.
    """

    version: int
    id: str
    made_at: str
    python: str
    platform: str
    station: str
    manifest: str
    fleet: str
    online: bool
    apps: tuple[str, ...]

    @property
    def target(self) -> Target:
        return Target(self.platform, self.python)

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


@dataclass(frozen=True)
class Bundle:
    """A bundle that lies in a folder. `sums` are the SHA-256 of its files, by name."""

    folder: Path
    about: About
    sums: dict[str, str]

    @property
    def names(self) -> list[str]:
        """All its files; `bundle.json` comes last, so that what has it is whole."""
        return [*self.sums, SUMS, ABOUT]

    @property
    def total_bytes(self) -> int:
        return sum((self.folder / name).stat().st_size for name in self.names)


@contextmanager
def opened(place: Path) -> Iterator[Bundle]:
    """The bundle in the folder or the .tar, unpacked while the block runs. StationError when it is none or damaged."""
    if place.is_dir():
        yield read(place)
        return
    with TemporaryDirectory(prefix="station-bundle-") as folder:
        try:
            with tarfile.open(place) as file:
                file.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as why:
            raise StationError(f"{place} is no bundle: {why}", "Make one with `station bundle`") from why
        yield read(Path(folder))


def read(folder: Path) -> Bundle:
    """The bundle in the folder, every file compared with its sum. StationError when one is not what it was."""
    try:
        told = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        about = About(**{**told, "apps": tuple(told["apps"])})
        lines = [line.split("  ", 1) for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()]
        sums = {name: digest for digest, name in lines}
    except (OSError, ValueError, TypeError, KeyError) as why:
        raise StationError(f"{folder} is no bundle: {why}", "Make one with `station bundle`") from why
    if about.version != VERSION:
        raise StationError(f"{folder} is a bundle of version {about.version}, and this Control Station knows {VERSION}")
    for name, digest in sums.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise StationError(f"The bundle is damaged: {name} is not what it was", "Copy it again, or make a new one")
    return Bundle(folder, about, sums)


def pack(folder: Path, target: Path) -> None:
    """Write the bundle of the folder as a .tar: the same content gives the same bytes."""
    names = read(folder).names
    fresh = target.with_name(f".{target.name}.partial")
    with tarfile.open(fresh, "w", format=tarfile.PAX_FORMAT) as file:
        for name in names:
            add(file, folder, name)
    fresh.replace(target)


def add(file: tarfile.TarFile, folder: Path, name: str) -> None:
    """Put a file of the folder into the archive, as root's, without its time."""
    path = folder / name
    entry = tarfile.TarInfo(name)
    entry.size = path.stat().st_size
    entry.mode = 0o755 if name == "install" else 0o644
    with path.open("rb") as content:
        file.addfile(entry, content)
