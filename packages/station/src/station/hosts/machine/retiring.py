"""Units of former days: stopped, moved away and masked, so that nothing starts them again.

`systemctl mask` alone fails for a unit whose file is in /etc/systemd/system, and such a unit still starts.
"""

import shutil
from datetime import datetime
from pathlib import Path

from station.durable import move_link, sync_folder
from station.errors import StationError
from station.hosts import systemctl
from station.hosts.rendering.files import SYSTEM_UNITS

RETIRED = Path("/var/lib/station/retired")
_MASK = Path("/dev/null")


def retire(unit: str, now: datetime, *, folder: Path = Path(SYSTEM_UNITS), kept: Path = RETIRED) -> list[str]:
    """Nothing can start the unit any more; what failed on the way, for what is masked may still run."""
    troubles = []
    for verb in ("stop", "disable"):
        try:
            systemctl.act(verb, [unit])
        except StationError as why:
            if not _is_nothing(why):
                troubles.append(why.message)
    place = folder / unit
    if place.exists() or place.is_symlink():
        _move(place, kept, now)
    for links in (*folder.glob("*.wants"), *folder.glob("*.requires")):
        (links / unit).unlink(missing_ok=True)
    move_link(place, _MASK)
    return troubles


def _move(place: Path, kept: Path, now: datetime) -> None:
    """The file, or the link, to where nobody starts it; what was there under its name stays beside it."""
    if place.is_symlink() and place.readlink() == _MASK:
        return
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = kept / place.name
    if target.exists() or target.is_symlink():
        target = kept / f"{place.name}.{now:%Y%m%dT%H%M%SZ}"
    shutil.move(place, target)
    sync_folder(kept)


def _is_nothing(why: StationError) -> bool:
    """There is no such unit, it is not enabled in any way, or it is masked already."""
    return any(said in why.message for said in ("not loaded", "does not exist", "masked", "not be found"))
