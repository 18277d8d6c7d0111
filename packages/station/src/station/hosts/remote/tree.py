"""The manifests of a fleet as one tree of files, as it lies on a host below /etc/station. Reads, and never a secret."""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from station.errors import ManifestError
from station.fleet import load_fleet
from station.fleet.raw import tables, text

WHERE = PurePosixPath("/etc/station")  # `manifest` there is a link to `manifests/ID`


@dataclass(frozen=True)
class ManifestTree:
    """The manifests by their path in the tree; `fleet` is that of the fleet's own. Nothing else is in it."""

    files: Mapping[str, bytes]
    fleet: str

    @property
    def listing(self) -> str:
        """What `sha256sum` prints of the files, in the order of `sort` in the C locale, with the fleet's file named."""
        lines = [f"{hashlib.sha256(self.files[name]).hexdigest()}  {name}\n" for name in sorted(self.files)]
        return "".join([*lines, f"fleet {self.fleet}\n"])

    @property
    def id(self) -> str:
        """A short name for what all files say together."""
        return hashlib.sha256(self.listing.encode()).hexdigest()[:12]

    def write(self, folder: Path) -> None:
        """Write the files below the folder."""
        for name, content in self.files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def manifest_tree(fleet_path: Path) -> ManifestTree:
    """The fleet's manifest and those it names, checked first. ManifestError when wrong, or not to be taken along.

    The tree begins at the folder that all of them share, so that what one says of another's place stays true.
    """
    load_fleet(fleet_path)
    fleet = Path(os.path.normpath(fleet_path.absolute()))
    paths = [fleet]
    for name, app in tables(tomllib.loads(fleet.read_text(encoding="utf-8")), "apps").items():
        written = text(app, "manifest") or ""
        if Path(written).is_absolute():
            raise ManifestError(
                f"The manifest of {name} cannot be taken to a host: {written} begins with /, and is not there",
                f"Write it as a path that starts at {fleet.parent}",
            )
        paths.append(Path(os.path.normpath(fleet.parent / written)))
    base = Path(os.path.commonpath([path.parent for path in paths]))
    files = {path.relative_to(base).as_posix(): path.read_bytes() for path in paths}
    _check_names(files)
    return ManifestTree(files, fleet.relative_to(base).as_posix())


def _check_names(files: Mapping[str, bytes]) -> None:
    for name in files:
        if any(character in name for character in '\n\r\\"'):
            raise ManifestError(f"{name!r} cannot be taken to a host: what its name holds", "Give it a plainer name")
