"""What a deploy is asked, what it asks of others, and how it ended: values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from station.clock import Clock
from station.hosts.deploying.release import Release
from station.hosts.rendering.place import Place

Switch = Callable[[Place, Release, Mapping[str, Path] | None], datetime | None]
Restore = Callable[[datetime, Path], Mapping[str, Path]]


@dataclass(frozen=True)
class Asked:
    """What is to be deployed: a `ref` ("" for the source's branch), a `package`, or what a `bundle` has."""

    ref: str = ""
    bundle: Path | None = None
    package: str = ""
    fresh: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Around:
    """Who deploys, and what a deploy asks of others.

    `confirm` raises when the answer is no. `switch` makes a release serve, or leaves everything as it was and raises;
    where the app is not primary it moves the links alone. It gets databases to put in the place of ours, None for a
    release that goes forward, and says from when the restore point is that was taken before. `recover` ends a switch
    that was cut: what it did, in words. `restore` writes every database as it was at a moment into a folder.
    """

    who: str
    environment: Mapping[str, str]
    now: Clock
    tell: Callable[[str], None]
    confirm: Callable[[str], None]
    is_primary: Callable[[], bool]
    switch: Switch
    recover: Callable[[Place], str]
    restore: Restore


@dataclass(frozen=True)
class Outcome:
    """How it ended. `result`: done, unchanged (it is current already) or planned (nothing was done, on request).

    `serves`: whether it runs here, and does not only lie ready on a standby. `others`: the other hosts of the app.
    """

    kind: str
    app: str
    host: str
    result: str
    release: str
    commit: str
    before: str
    serves: bool
    took_s: float
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
