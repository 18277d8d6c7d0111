"""The releases of an app on a host: which there are, which one its links name, and how the links are moved.

A release is a folder with the code, a virtual environment, and a record that root wrote when both were whole. What has
no record is the rest of a run that was cut, and no release.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from station.clock import from_text, to_text
from station.durable import durable_write, move_link, sync_folder
from station.errors import StationError
from station.fleet import Host

CURRENT = "current"
RELEASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,99}")


@dataclass(frozen=True)
class Release:
    """A release that is whole: code, environment, and where both came from. `commit` is "" for a package."""

    id: str
    app: str
    code: Path
    venv: Path
    commit: str
    source: str
    made_at: datetime
    made_by: str


def code_of(host: Host, app: str, release_id: str) -> Path:
    return host.paths.code(app) / "releases" / release_id


def venv_of(host: Host, app: str, release_id: str) -> Path:
    return host.paths.venv(app) / release_id


def records(host: Host, app: str) -> Path:
    """The folder with what the platform knows of the app's releases; root's alone."""
    return host.paths.state(app) / "releases"


def releases(host: Host, app: str) -> list[Release]:
    """The whole ones, the newest first. Without root's rights there are none to see."""
    found = [release for path in _record_files(host, app) if (release := read(host, app, path.stem)) is not None]
    return sorted(found, key=lambda release: (release.made_at, release.id), reverse=True)


def read(host: Host, app: str, release_id: str) -> Release | None:
    """The release of that name; None when it is not there, or not whole."""
    told = told_of(host, app, release_id)
    code, venv = code_of(host, app, release_id), venv_of(host, app, release_id)
    if not code.is_dir() or not venv.is_dir():
        return None
    try:
        commit, source, made_by = (str(told[key]) for key in ("commit", "source", "made_by"))
        return Release(release_id, app, code, venv, commit, source, from_text(str(told["made_at"])), made_by)
    except (KeyError, ValueError):
        return None


def write(host: Host, release: Release, **more: object) -> None:
    """Make it a release: its record, durable. `more` is kept with it, for `told_of`."""
    folder = records(host, release.app)
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "id": release.id,
        "app": release.app,
        "commit": release.commit,
        "source": release.source,
        "made_at": to_text(release.made_at),
        "made_by": release.made_by,
    }
    durable_write(folder / f"{release.id}.json", json.dumps(told | more, indent=1).encode() + b"\n")


def told_of(host: Host, app: str, release_id: str) -> dict[str, object]:
    """Everything that was written down with the release; empty when there is no record."""
    try:
        told = json.loads((records(host, app) / f"{release_id}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def forget(host: Host, app: str, release_id: str) -> None:
    """Take its record away, durably: from then on its folders are rests, and may go."""
    (records(host, app) / f"{release_id}.json").unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        sync_folder(records(host, app))


def current(host: Host, app: str) -> Release | None:
    """The release that both links name, None when nothing was deployed yet.

    A release that has no record (put there by hand) is told with what its folder says. StationError when the links
    name two, and no journal is there that says why.
    """
    code, venv = named(host.paths.code(app)), named(host.paths.venv(app))
    if not code and not venv:
        return None
    if code != venv:
        raise StationError(
            f"{app} has no one current release: its code is {code or 'missing'}, its environment {venv or 'missing'}",
            f"`ln -sfn {code or 'ID'} {host.paths.venv(app) / CURRENT}` makes them one",
        )
    return read(host, app, code) or _by_hand(host, app, code)


def named(folder: Path, link: str = CURRENT) -> str:
    """The name of the release that a link in the app's folder of code or of environments points to, "" if none."""
    try:
        name = (folder / link).readlink().name
    except OSError:  # there is none, or it is no link
        return ""
    return name if RELEASE_ID.fullmatch(name) else ""


def point_to(host: Host, app: str, release: Release, link: str = CURRENT) -> None:
    """Point both links to the release, each at once and durably; between the two a journal must tell of it."""
    move_link(host.paths.code(app) / link, Path("releases", release.id))
    move_link(host.paths.venv(app) / link, Path(release.id))


def _record_files(host: Host, app: str) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        for path in sorted(records(host, app).iterdir()):
            if path.suffix == ".json" and RELEASE_ID.fullmatch(path.stem):
                yield path


def _by_hand(host: Host, app: str, release_id: str) -> Release | None:
    code, venv = code_of(host, app, release_id), venv_of(host, app, release_id)
    if not code.is_dir() or not venv.is_dir():
        return None
    made_at = datetime.fromtimestamp(code.stat().st_mtime, UTC)
    return Release(release_id, app, code, venv, "", "put there by hand", made_at, "")
