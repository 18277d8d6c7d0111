"""What is looked at before anything of a deploy is done: the machine, and whether it was prepared for the app."""

import grp
import os
import pwd
import shutil
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from station.clock import to_text
from station.errors import Refused, StationError
from station.fleet import App, Fleet, Host
from station.hosts.deploying.release import Release, current, releases
from station.hosts.deploying.words import size
from station.hosts.rendering.place import Place

ROOM_BYTES = 512 * 1024 * 1024  # of a first release, of which nothing is known yet
SPARE_BYTES = 128 * 1024 * 1024  # stays free for the app itself
CLOCK_SLACK = timedelta(minutes=5)


def the_place(fleet: Fleet, host: Host, app: App) -> Place:
    """The app on this machine. Refused when it is not deployed there, StationError when `apply` did not run yet."""
    place = Place(fleet, host, app)
    if not host.address:
        raise Refused(
            f"{app.name} is not deployed to {host.name}: it is a folder, not a machine",
            "`station up` runs the apps of folder hosts from where their manifests are",
        )
    if host.name not in app.hosts:
        raise Refused(f"{app.name} does not run on {host.name}", f"It runs on {', '.join(app.hosts)}")
    if app.files.code is not None or app.files.venv is not None:
        units = " ".join(place.unit(name) for name in app.processes)
        raise Refused(
            f"{app.name} is not deployed: its code lies in {place.code}, where people change it in place",
            f"`git pull` there, as {app.account}, then `sudo systemctl restart {units}`\n"
            "Without files.code and files.venv it gets releases, and a way back",
        )
    if os.geteuid() != 0:
        raise StationError(f"Only root may deploy {app.name}, or look at its releases", "`sudo station …`")
    _must_be_prepared(place)
    return place


def check_machine(place: Place, now: datetime) -> None:
    """Refused, in words, when the clock is wrong or the disk has no room for another release."""
    known = releases(place.host, place.app.name)
    latest = max((release.made_at for release in known), default=now)
    if now < latest - CLOCK_SLACK:
        raise Refused(
            f"The clock of {place.host.name} is wrong: it is {to_text(now)}, and a release was made {to_text(latest)}",
            "`timedatectl` says whether it follows the network's time",
        )
    needed = _needed_bytes(place) + SPARE_BYTES
    for folder in (place.host.paths.code(place.app.name), place.host.paths.venv(place.app.name)):
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise Refused(
                f"There is no room for another release: {folder} has {size(free)} free, and it takes {size(needed)}",
                f"`station releases {place.app.name}` shows what the old ones take; deploy.keep says how many stay",
            )


def manifest_differences(place: Place, release: Release, folder: str) -> list[str]:
    """The keys in which the app.toml of the release and the one that this machine follows differ; none without one."""
    theirs, ours = _table(release.code / folder / "app.toml"), _table(_applied(place))
    if theirs is None or ours is None or theirs.get("name") != ours.get("name"):
        return []
    return sorted(_differing(theirs, ours))


def _must_be_prepared(place: Place) -> None:
    app, paths = place.app, place.host.paths
    missing = []
    try:
        pwd.getpwnam(app.account)
        grp.getgrnam(app.account)
    except KeyError:
        missing.append(f"the user {app.account}")
    folders = (paths.code(app.name) / "releases", paths.venv(app.name), paths.state(app.name), place.data)
    missing += [str(path) for path in folders if not path.is_dir()]
    if not paths.environment(app.name).is_file():
        missing.append(str(paths.environment(app.name)))
    if missing:
        raise StationError(
            f"{place.host.name} is not prepared for {app.name}: {', '.join(missing)} is missing",
            f"`station apply {place.host.name}` prepares it",
        )


def _needed_bytes(place: Place) -> int:
    """What the release that runs takes, twice its code; its packages are shared."""
    release = current(place.host, place.app.name)
    if release is None:
        return ROOM_BYTES
    return 2 * sum(path.lstat().st_size for path in release.code.rglob("*") if not path.is_dir())


def _applied(place: Place) -> Path:
    fleet = _table(place.fleet.path) or {}
    apps = fleet.get("apps")
    its = apps.get(place.app.name) if isinstance(apps, dict) else None
    named = its.get("manifest") if isinstance(its, dict) else None
    return place.fleet.path.parent / str(named or "app.toml")


def _table(path: Path) -> dict[str, object] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _differing(theirs: Mapping[str, object], ours: Mapping[str, object], above: str = "") -> set[str]:
    found = set()
    for key in theirs.keys() | ours.keys():
        mine, its = ours.get(key), theirs.get(key)
        if isinstance(mine, dict) and isinstance(its, dict):
            found |= _differing(its, mine, f"{above}{key}.")
        elif mine != its:
            found.add(f"{above}{key}")
    return found
