"""Whether a listener is what the manifest allows on this host. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from station.fleet import Fleet, Host
from station.hosts.listening.listeners import Listener, Reach
from station.hosts.rendering.place import Place, apps_of

SYSTEMS_OWN: Mapping[str, str] = {
    "ssh": "ssh, sshd: the way in",
    "sshd": "ssh, sshd: the way in",
    "tailscaled": "tailscaled: the private network",
    "avahi-daemon": "avahi-daemon: the host's name in the local network (mDNS)",
    "systemd-resolved": "systemd-resolved: names",
    "systemd-networkd": "systemd-networkd: an address by DHCP",
    "dhcpcd": "dhcpcd: an address by DHCP",
    "networking": "networking, ifup@…: an address by DHCP (dhclient)",
    "ifup": "networking, ifup@…: an address by DHCP (dhclient)",
    "NetworkManager": "NetworkManager: an address by DHCP",
    "systemd-timesyncd": "systemd-timesyncd, chrony, ntpsec: the time",
    "chrony": "systemd-timesyncd, chrony, ntpsec: the time",
    "ntpsec": "systemd-timesyncd, chrony, ntpsec: the time",
}
"""Units, without their ending, that belong to a system as it is installed: by what each is."""


class Standing(StrEnum):
    """`CONFLICT`: a port of the manifest is somebody else's. `STRANGER`: nothing allows it. `UNSEEN`: a port of the
    manifest, and we may not see whose process it is."""

    CONFLICT = "conflict"
    STRANGER = "stranger"
    UNSEEN = "unseen"
    OURS = "ours"
    SYSTEM = "system"


@dataclass(frozen=True)
class Claim:
    """A TCP port that the manifest gives to a unit of this host.

    `account`: the user it runs as, "" for one that systemd makes up. `manager`: the user whose own systemd runs it.
    """

    port: int
    unit: str
    about: str
    bind: str
    account: str
    manager: str = ""

    def is_held_by(self, one: Listener) -> bool:
        """Whether this is the one: the unit itself, the one that takes its place in a deploy, or its socket."""
        name = self.unit.removesuffix(".service")
        if one.socket_unit:
            return one.socket_unit == f"{name}.socket"
        return one.manager == self.manager and one.unit in (self.unit, f"{name}-overlap.service")


@dataclass(frozen=True)
class Judged:
    """A listener and what is to be said of it. `ends`: it is one of the units that this host retires.

    `claim`: what the manifest gives its port to, if it does.
    """

    listener: Listener
    standing: Standing
    why: str
    ends: bool = False
    claim: Claim | None = None


def claims(fleet: Fleet, host: Host) -> list[Claim]:
    """Every port that something of the fleet has on the machine, whether it runs there now or after a failover."""
    found = []
    if fleet.control.host == host.name:
        page = "the page of Control Station"
        found.append(Claim(fleet.control.port, "station-page.service", page, fleet.control.bind, "station"))
    for place in apps_of(fleet, host):
        found += _of_app(place)
    return found


def judge(found: Iterable[Listener], fleet: Fleet, host: Host) -> list[Judged]:
    """Each listener with its standing: conflicts first, then strangers, then ours, then the system's own."""
    by_port: dict[int, Claim] = {claim.port: claim for claim in claims(fleet, host)}
    order = list(Standing)
    judged = [_judged(one, by_port, host.retire) for one in found]
    return sorted(judged, key=lambda each: (order.index(each.standing), each.listener.port))


def conflicts(found: Iterable[Listener], fleet: Fleet, host: Host) -> list[Judged]:
    """The ports of the manifest that somebody else holds; for an apply: `ends` says that it stops the holder itself."""
    return [each for each in judge(found, fleet, host) if each.standing is Standing.CONFLICT]


def _of_app(place: Place) -> list[Claim]:
    app = place.app
    found = [
        Claim(process.port, f"{place.unit(process.name)}.service", f"{app.name}/{process.name}", app.bind, app.account)
        for process in app.processes.values()
        if process.port is not None
    ]
    if app.datasette is not None and app.datasette.host == place.host.name:
        its = app.datasette
        found.append(Claim(its.port, f"{app.name}-datasette.service", f"Datasette of {app.name}", its.bind, ""))
    if app.dev is not None and app.primary == place.host.name:
        user = app.dev.user
        about = f"the instance of {user} of {app.name}"
        found.append(Claim(app.dev.port, f"{app.dev.service}.service", about, app.bind, user, manager=user))
    return found


def _judged(one: Listener, by_port: Mapping[int, Claim], retired: Iterable[str]) -> Judged:
    claim = by_port.get(one.port) if one.protocol == "tcp" else None
    ends = one.unit in retired
    if claim is not None:
        return _of_claim(one, claim, ends=ends)
    unit = one.socket_unit or one.unit
    known = SYSTEMS_OWN.get(unit.rpartition(".")[0].partition("@")[0]) if not one.manager else None
    if known is not None:
        return Judged(one, Standing.SYSTEM, known)
    if one.pid is None:
        return Judged(one, Standing.UNSEEN, "whose it is, only root can see")
    return Judged(one, Standing.STRANGER, "nothing in the manifest allows it", ends)


def _of_claim(one: Listener, claim: Claim, *, ends: bool) -> Judged:
    if claim.is_held_by(one):
        wider = claim.bind not in ("0.0.0.0", "::") and one.reach is Reach.EVERYBODY
        if wider:
            why = f"{claim.about} shall listen on {claim.bind} alone, and everybody can reach it"
            return Judged(one, Standing.CONFLICT, why, claim=claim)
        return Judged(one, Standing.OURS, claim.about, claim=claim)
    if one.pid is None and (one.owner in (claim.account, "root") or not claim.account):
        return Judged(one, Standing.UNSEEN, f"{claim.about}, as far as can be seen", claim=claim)
    retired = ", which is to be retired" if ends else ""
    why = f"{claim.port} is the port of {claim.about} ({claim.unit}){retired}"
    return Judged(one, Standing.CONFLICT, why, ends, claim)
