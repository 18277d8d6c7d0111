"""How the platform's own units are shut in, which must reach the data of every app: root, with few rights. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from station.fleet import Fleet, Host, StoreSpec
from station.hosts.rendering import unitfile
from station.hosts.rendering.place import STATION_USER, apps_of
from station.hosts.rendering.presets import Settings, shut_in


@dataclass(frozen=True)
class Rights:
    """What of root's rights a part of the platform keeps, with the reason and the system calls that go with them."""

    why: str
    capabilities: str = ""
    calls: tuple[str, ...] = ("@system-service", "~@privileged @resources")


GIVES = Rights(
    "# Root, with three rights of root's: each app's data are its own user's, and what is restored is given to it.",
    "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER",
    ("@system-service", "~@privileged @resources", "@chown"),
)
READS = Rights(
    "# Root, with one right of root's: whoever a store's folder or the restored data belong to, it can use them.",
    "CAP_DAC_OVERRIDE",
)
TELLS = Rights("# Root, without a single right of root's: it asks systemd and reads the journal.")


def as_root(writes: str, at_home: Iterable[Path] = (), rights: Rights = GIVES, **other: tuple[str, ...]) -> list[str]:
    """A part of the platform that must reach the data of every app. `at_home`: those that lie in homes."""
    settings: Settings = {
        "CapabilityBoundingSet": (rights.capabilities,),
        "PrivateUsers": ("no",),
        "ProcSubset": ("all",),
        "SystemCallFilter": rights.calls,
        "UMask": ("0077",),
    }
    homes = [f"BindPaths=-{unitfile.text(str(path))}" for path in at_home]
    settings |= {"ProtectHome": ("tmpfs" if homes else "yes",)} | other
    return [rights.why, *shut_in({}, **settings), f"ReadWritePaths={writes}", *homes]


def for_data(fleet: Fleet, host: Host, rights: Rights = GIVES, also: Iterable[str] = ()) -> list[str]:
    """As root, where all data of the apps are, and the stores that are folders of this machine, and `also`."""
    at_home = sorted(path for path in host.data.values() if path.is_relative_to("/home"))
    elsewhere = {path for path in host.data.values() if path not in at_home}
    elsewhere |= set(store_folders(fleet, host))
    elsewhere |= {place.app.log.parent for place in apps_of(fleet, host) if place.app.log is not None}
    known = ["/var/lib", "/var/log/station", "/run/station"]
    more = [f"-{path}" for path in sorted(elsewhere) if not any(map(path.is_relative_to, known))]
    return [
        "# The page reads status and stores as a member of the group.",
        f"Group={STATION_USER}",
        *as_root(unitfile.paths([*known, *also, *more]), at_home, rights, UMask=("0027",)),
    ]


def store_folders(fleet: Fleet, host: Host) -> list[Path]:
    """Where the stores are that are folders of this machine."""
    used = [fleet.stores[name] for name in stores_of(fleet, host)]
    return [spec.path for spec in used if spec.kind == "directory"]


def key_folders(fleet: Fleet, host: Host) -> set[Path]:
    """Folders of ours in /etc/station that keys of stores lie in. The page has to pass through them: its own copy of
    a key is put over the key's place, and a host key beside it is no secret. The keys themselves are root's alone.
    """
    used = [fleet.stores[name] for name in stores_of(fleet, host)]
    files = {path for spec in used for path in (*keys_of(spec).values(), spec.known_hosts) if path is not None}
    ours = Path("/etc/station")
    return {path.parent for path in files if ours in path.parents[1:] and path.parent != ours / "credentials"}


def stores_of(fleet: Fleet, host: Host) -> list[str]:
    """The stores that something on the host talks to."""
    apps = [place.app for place in apps_of(fleet, host)]
    wanted = {store for app in apps for store in app.stores}
    wanted |= {app.litestream.store for app in apps if app.litestream is not None}
    if fleet.control.host == host.name:
        wanted |= {app.stores[0] for app in fleet.apps.values()}
    return sorted(wanted)


def keys_of(store: StoreSpec) -> dict[str, Path]:
    """The files that open the store, by the name that each has as a credential."""
    told = {"credentials": store.credentials, "private-key": store.private_key, "key": store.key_file}
    return {f"{store.name}-{what}": path for what, path in told.items() if path is not None}
