"""What a host should have: a pure function from manifest to files, folders, accounts and units."""

import hashlib
from dataclasses import replace

from station.fleet import Fleet, Host
from station.hosts.rendering.accounts import TMPFILES, accounts, tmpfiles
from station.hosts.rendering.app_units import app_units
from station.hosts.rendering.datasette import datasette
from station.hosts.rendering.extras import CIFS, dev, logs, mounts, variables
from station.hosts.rendering.files import File, Folder, HostFiles, together
from station.hosts.rendering.place import apps_of
from station.hosts.rendering.station_units import station_units


def render(fleet: Fleet, host: Host) -> HostFiles:
    """Everything that the machine should have. ValueError for a folder host, which has nothing of the kind."""
    if not host.address:
        raise ValueError(f"{host.name} is a folder")
    parts = [accounts(fleet, host), station_units(fleet, host), mounts(fleet, host), logs(fleet, host)]
    for place in apps_of(fleet, host):
        parts += [app_units(place), variables(place), datasette(place), dev(place)]
    parts.append(HostFiles(retire=host.retire, folders={CIFS: Folder(0o700)} if host.mounts else {}))
    whole = together(parts)
    whole = together([whole, HostFiles(files={TMPFILES: File(tmpfiles(whole.folders))})])
    return replace(whole, manifest=_digest(fleet))


def _digest(fleet: Fleet) -> str:
    said = (fleet.name, fleet.time_zone, fleet.control, fleet.team, fleet.hosts, fleet.stores, fleet.apps)
    return hashlib.sha256(repr(said).encode()).hexdigest()
