"""Read a fleet's manifests into checked values, or name every mistake of all of them at once."""

import tomllib
from itertools import chain
from os.path import normpath
from pathlib import Path

from station.errors import ManifestError
from station.fleet.building import build_fleet
from station.fleet.crosschecks import Read, check_fleet
from station.fleet.mistakes import Mistake, mistakes_of
from station.fleet.model import Fleet
from station.fleet.raw import tables, text
from station.fleet.written import FleetFile
from station.fleet.written_app import AppFile

HINT = "Every key is explained in docs/manifest.md"


class _Unreadable(Exception):
    """A file that gives no table at all. `is_there` when it could be opened and its text is wrong."""

    def __init__(self, wrong: str, right: str = "", *, is_there: bool = False) -> None:
        super().__init__(wrong)
        self.wrong, self.right, self.is_there = wrong, right, is_there


def load_fleet(path: Path) -> Fleet:
    """The fleet that `path` and the app manifests it names declare; paths in a file start at that file's folder.

    ManifestError with all mistakes of all these files, one a line: file, key, what is wrong, what would be right.
    """
    try:
        fleet = _read(path, str(path))
    except _Unreadable as why:
        raise ManifestError(
            f"The manifest {path} {why.wrong}", why.right or "Name the fleet's manifest with --fleet PATH"
        ) from why
    apps, unreadable = _read_apps(fleet)
    mistakes = [
        *mistakes_of(FleetFile, fleet.raw, fleet.file),
        *unreadable,
        *chain.from_iterable(mistakes_of(AppFile, app.raw, app.file) for app in apps.values()),
        *check_fleet(fleet, apps),
    ]
    if mistakes:
        raise ManifestError(_listed(path, mistakes), HINT)
    written = {name: AppFile.model_validate(app.raw) for name, app in apps.items()}
    return build_fleet(path.absolute(), FleetFile.model_validate(fleet.raw), written)


def _read_apps(fleet: Read) -> tuple[dict[str, Read], list[Mistake]]:
    """The manifest of each app that has one, and what is wrong with the others."""
    apps: dict[str, Read] = {}
    mistakes: list[Mistake] = []
    for name, app in tables(fleet.raw, "apps").items():
        manifest = text(app, "manifest")
        if not manifest or "\0" in manifest:
            continue
        path = fleet.path.parent / manifest
        shown = normpath(path)
        try:
            apps[name] = _read(path, shown)
        except _Unreadable as why:
            if why.is_there:
                mistakes.append(Mistake(shown, (), why.wrong, why.right[:1].lower() + why.right[1:]))
            else:
                key = ("apps", name, "manifest")
                mistakes.append(Mistake(fleet.file, key, f"{shown} {why.wrong}", "must be the path of an app.toml"))
    return apps, mistakes


def _read(path: Path, shown: str) -> Read:
    try:
        return Read(shown, path, tomllib.loads(path.read_bytes().decode("utf-8")))
    except OSError as why:
        raise _Unreadable(f"cannot be read: {why.strerror}") from why
    except UnicodeDecodeError as why:
        raise _Unreadable("is no text in UTF-8", "Save it as UTF-8", is_there=True) from why
    except tomllib.TOMLDecodeError as why:
        raise _Unreadable(f"is no TOML: {why}", "Mend that line; other mistakes show then", is_there=True) from why


def _listed(path: Path, mistakes: list[Mistake]) -> str:
    # two apps may name one file
    lines = sorted({mistake.line: mistake for mistake in mistakes}.values(), key=lambda one: _order(path, one))
    count = f"{len(lines)} mistakes" if len(lines) > 1 else "a mistake"
    return "\n".join([f"The manifest {path} has {count}:", *(f"  {mistake.line}" for mistake in lines)])


def _order(path: Path, mistake: Mistake) -> tuple[bool, str, list[str]]:
    """The fleet's own file first, then by file and key."""
    return (
        mistake.file != str(path),
        mistake.file,
        [f"{part:06d}" if isinstance(part, int) else part for part in mistake.key],
    )
