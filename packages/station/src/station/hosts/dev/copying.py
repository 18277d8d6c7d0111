"""A copy of production for a developer's own instance: root makes it where only root looks, and gives it away whole."""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from station.clock import to_text
from station.errors import StationError
from station.fleet import App, Host
from station.hosts.dev.asdeveloper import give, is_folder_of
from station.hosts.dev.instance import dev_of, stopped
from station.hosts.dev.places import database_file, origin_file
from station.points.point import Point
from station.sqlite.masking import Masked, mask

KEY_BYTES = 32


@dataclass(frozen=True)
class Brought:
    """Which point was brought, and from where: "mirror" or a store's name."""

    point: Point
    origin: str


Bring = Callable[[str, Path], Brought]
"""Writes a database of production to a new file."""


@dataclass(frozen=True)
class Copied:
    """A database that the developer has now. `masked`: kinds by column; empty for one with its real values.

    `left`: other columns, and in how many texts they still name what is masked.
    """

    database: str
    file: Path
    point: str
    taken_at: datetime
    origin: str
    bytes: int
    masked: Mapping[str, str]
    rows: int
    left: Mapping[str, int]


def copy_production(app: App, host: Host, names: list[str], bring: Bring, *, masked: bool) -> list[Copied]:
    """Bring copies of these databases into the developer's folder; his instance does not run while they are replaced.

    `masked`: those that have a mask. The key that values are made up with is drawn here and kept nowhere. StationError,
    and his databases are as they were; Refused when the mask does not fit.
    """
    dev = dev_of(app, host)
    if not is_folder_of(dev.folder, dev.user):
        raise StationError(
            f"{app.name} not copied: {dev.user} has no checkout in {dev.folder}", f"station dev setup {app.name}"
        )
    key = secrets.token_bytes(KEY_BYTES)
    with _work_folder(host.paths.state(app.name) / "dev") as work:
        made = [_make(app, name, work, bring, key if masked and app.databases[name].mask else None) for name in names]
        done = [
            Copied(
                name,
                database_file(app, dev, name),
                its.point.name,
                its.point.taken_at,
                its.origin,
                (work / f"{name}.db").stat().st_size,
                *((masking.columns, masking.rows, masking.left) if masking else ({}, 0, {})),
            )
            for name, (its, masking) in zip(names, made, strict=True)
        ]
        with stopped(dev):
            for each in done:
                give(work / f"{each.database}.db", each.file, dev.user)
                note = work / "origin.json"
                note.write_text(json.dumps(_origin(each)))
                give(note, origin_file(app, dev, each.database), dev.user)
    return done


@contextmanager
def _work_folder(work: Path) -> Iterator[Path]:
    """A folder of root's alone, empty before and gone afterwards."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700, parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _make(app: App, name: str, work: Path, bring: Bring, key: bytes | None) -> tuple[Brought, Masked | None]:
    """The copy, as NAME.db of the work folder."""
    ready = work / f"{name}.db"
    if key is None:
        return bring(name, ready), None
    real = work / f"{name}.real"
    brought = bring(name, real)
    done = mask(real, ready, app.databases[name].mask, key)
    real.unlink()
    return brought, done


def _origin(copied: Copied) -> dict[str, object]:
    return {
        "point": copied.point,
        "taken_at": to_text(copied.taken_at),
        "origin": copied.origin,
        "masked": sorted(copied.masked),
    }
