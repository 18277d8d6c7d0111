"""The host that is being looked at: what the manifest wants of it, and what several checks ask, asked once."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from station.clock import from_text
from station.fleet import Fleet, Host
from station.hosts import systemctl
from station.hosts.listening import listeners
from station.hosts.listening.listeners import Listening
from station.hosts.rendering import HostFiles, render
from station.hosts.rendering.files import SYSTEM_UNITS
from station.hosts.rendering.place import Place, apps_of

Shared = TypeVar("Shared")
HEARD_WITHIN_S = 10.0  # an agent writes its status every second


@dataclass
class Here:
    """A host, and those of its apps that are asked about. `is_root`: we may see everything."""

    fleet: Fleet
    host: Host
    places: Sequence[Place]
    now: datetime
    is_root: bool
    _known: dict[str, Any] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def wanted(self) -> HostFiles:
        """What the manifest makes of the machine."""
        return self._once("wanted", lambda: render(self.fleet, self.host))

    @property
    def every_place(self) -> Sequence[Place]:
        """All apps of the host, also those that are not asked about: what shall run hangs on all of them."""
        return apps_of(self.fleet, self.host)

    @property
    def units(self) -> Mapping[str, systemctl.UnitState]:
        """How every unit is that the manifest makes, enables or retires. StationError when systemd does not answer."""
        return self._once("units", lambda: systemctl.states(sorted(self.unit_names | set(self.wanted.retire))))

    @property
    def unit_names(self) -> set[str]:
        """The machine's units that the manifest makes; templates are left out, for they do not run themselves."""
        made = [path.removeprefix(f"{SYSTEM_UNITS}/") for path in self.wanted.files if path.startswith(SYSTEM_UNITS)]
        return {name for name in [*made, *self.wanted.enable] if "@." not in name and "/" not in name}

    @property
    def listening(self) -> Listening:
        """Who listens on this machine."""
        return self._once("listening", listeners.look)

    @property
    def status(self) -> Mapping[str, Any] | None:
        """What the host's agent wrote last, None when there is nothing to read."""
        return self._once("status", self._read_status)

    @property
    def heard_s(self) -> float | None:
        """How long ago the agent wrote that."""
        at = _time((self.status or {}).get("at"))
        return None if at is None else max(0.0, (self.now - at).total_seconds())

    def status_of(self, app: str) -> Mapping[str, Any]:
        """What the agent says of an app now; empty when it is silent."""
        heard_s = self.heard_s
        if self.status is None or heard_s is None or heard_s > HEARD_WITHIN_S:
            return {}
        said = self.status.get("apps", {}).get(app)
        return said if isinstance(said, dict) else {}

    def role(self, place: Place) -> str:
        """What the host is for the app: primary, standby, demoted, starting; "" when nobody can tell."""
        said = str(self.status_of(place.app.name).get("role", ""))
        return said or ("" if place.app.standby else "primary")

    def _read_status(self) -> Mapping[str, Any] | None:
        try:
            said = json.loads(self.host.paths.status_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) else None

    def _once(self, name: str, make: Callable[[], Shared]) -> Shared:
        with self._lock:  # checks run side by side
            if name not in self._known:
                self._known[name] = make()
            found: Shared = self._known[name]
            return found


def here(fleet: Fleet, host: Host, now: datetime, *, is_root: bool, app: str = "") -> Here:
    """The host, with all its apps, or with that one alone."""
    return Here(fleet, host, [place for place in apps_of(fleet, host) if app in ("", place.app.name)], now, is_root)


def moment(said: Mapping[str, Any], key: str) -> datetime | None:
    """A time in what the agent says; None when there is none, or it is no time."""
    return _time(said.get(key))


def _time(text: object) -> datetime | None:
    try:
        return from_text(text) if isinstance(text, str) else None
    except ValueError:
        return None
