"""Making a release and removing one, such that a cut leaves no half of it behind for long.

Beside the record `ID.json` of a release that is whole there is `ID.making` while it is made and `ID.going` while it is
removed: what bears such a mark is removed by the next run. What bears none, and has no record, somebody put there.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from station.durable import durable_write, sync_folder
from station.fleet import Host
from station.hosts.deploying.code import as_user, remove_below
from station.hosts.deploying.environment import own_bytes
from station.hosts.deploying.release import Release, named, records, releases
from station.hosts.rendering.place import Place
from station.hosts.switching.faults import reached

CACHE_BYTES = 1 << 29  # of packages that no release has any more; what is shared with a release costs nothing


def begin(host: Host, app: str, release_id: str) -> None:
    """From here on folders of that name are unfinished."""
    records(host, app).mkdir(parents=True, exist_ok=True)
    durable_write(records(host, app) / f"{release_id}.making", boot_id().encode())


def finish(place: Place, release_id: str) -> None:
    """Everything of it is on the disk, the cache that it shares files with, too; its record was written."""
    (records(place.host, place.app.name) / f"{release_id}.making").unlink(missing_ok=True)
    sync_folder(records(place.host, place.app.name))


def to_disk(place: Place) -> None:
    """Write what is in memory of the app's code and environments to the disk."""
    for path in (place.host.paths.code(place.app.name), place.host.paths.venv(place.app.name)):
        as_user(place, ["sync", "--file-system", str(path)], "The release was not written to the disk")


def sweep(host: Host, app: str) -> list[str]:
    """Remove what runs that were cut left: the names of the releases that never were."""
    found = sorted(path for path in _marks(host, app))
    now = boot_id()
    if any(path.suffix == ".making" and path.read_text(encoding="utf-8") != now for path in found):
        _drop_cache(host, app)  # after a power cut files that were just written may be empty
    for path in found:
        if (records(host, app) / f"{path.stem}.json").is_file() and path.suffix == ".making":
            path.unlink()  # it became whole, and the mark was to go next
        else:
            _remove(host, app, path.stem)
    return [path.stem for path in found]


def beyond(known: list[Release], keep: int, in_use: Iterable[str]) -> list[Release]:
    """Those that are more than `keep`, the oldest; none of those in use. Pure."""
    used = set(in_use)
    room = keep - sum(release.id in used for release in known)
    others = [release for release in known if release.id not in used]
    return others[max(room, 0) :]


def remove_old(host: Host, app: str, keep: int, before: str) -> list[str]:
    """Remove what is more than `keep` releases; what serves, and what served before, stays. The names of those gone."""
    in_use = {*linked(host, app), before}
    gone = [release.id for release in beyond(releases(host, app), keep, in_use)]
    for release_id in gone:
        record = records(host, app) / f"{release_id}.json"
        record.rename(record.with_suffix(".going"))
        sync_folder(record.parent)
        reached("removing")
        _remove(host, app, release_id)
    if own_bytes(host.paths.venv(app) / ".cache") > CACHE_BYTES:
        _drop_cache(host, app)
    return gone


def linked(host: Host, app: str) -> set[str]:
    """The names of releases that a link points to."""
    folders = (host.paths.code(app), host.paths.venv(app))
    return {name for folder in folders for link in ("current", "next") if (name := named(folder, link))}


def boot_id() -> str:
    """Another one after each start of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()


def _marks(host: Host, app: str) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (path for path in records(host, app).iterdir() if path.suffix in (".making", ".going"))


def _remove(host: Host, app: str, release_id: str) -> None:
    if release_id not in linked(host, app):
        remove_below(host.paths.code(app), "releases", release_id)
        remove_below(host.paths.venv(app).parent, app, release_id)
    for end in (".files", ".requirements.txt", ".making", ".going"):
        (records(host, app) / f"{release_id}{end}").unlink(missing_ok=True)


def _drop_cache(host: Host, app: str) -> None:
    with suppress(FileNotFoundError):
        remove_below(host.paths.venv(app).parent, app, ".cache")
