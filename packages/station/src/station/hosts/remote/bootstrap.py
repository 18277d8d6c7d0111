"""A blank Debian becomes a host, or a host gets a newer platform. Each step can be killed and done again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from station.errors import Refused, StationError
from station.fleet import Fleet, load_fleet
from station.hosts.remote.bundle import Bundle
from station.hosts.remote.facts import Facts, ask, check, check_room
from station.hosts.remote.sending import BUNDLES, Sent, missing, send
from station.hosts.remote.ssh import Ssh

Tell = Callable[[str], None]
STATION = "/usr/local/bin/station"
CURRENT = f"{BUNDLES}/current"


@dataclass(frozen=True)
class Installed:
    """What became of it. `former` is the platform that was there before, "" for none; `changed`: anything is new."""

    station: str
    former: str
    sent_bytes: int
    changed: bool


def look(ssh: Ssh, now: datetime) -> Facts:
    """What the machine is. Refused, with every reason, when it cannot become the host of that name."""
    facts = ask(ssh, now)
    check(facts, ssh.place.name, now)
    return facts


def install(ssh: Ssh, facts: Facts, bundle: Bundle, tell: Tell, on_sent: Sent) -> Installed:
    """Bring the bundle to the machine and put the platform and the manifest in place.

    Refused when the bundle is for another kind of machine, or the disk is too small; StationError when a step fails,
    and then what ran before still runs.
    """
    name = ssh.place.name
    if bundle.about.target != facts.target:
        raise Refused(
            f"The bundle is for {bundle.about.target.title}, and {name} is {facts.target.title}",
            f"station bundle --for {facts.target.arch} --python {facts.target.python}",
        )
    fleet_in(bundle, name)
    to_send = missing(ssh, facts, bundle)
    there = facts.station == bundle.about.station and facts.bundle == bundle.about.id
    if not there:
        check_room(facts, name, to_send.total_bytes)
    if to_send.names:
        tell(f"sending {len(to_send.names)} of {len(bundle.names)} files to {name}")
        send(ssh, facts, to_send, on_sent)
    tell(f"installing Control Station {bundle.about.station} on {name}")
    before = _state(ssh)
    ssh.run(*facts.sudo, "sh", f"{BUNDLES}/{bundle.about.id}/install", name)
    return Installed(bundle.about.station, facts.station, to_send.total_bytes, changed=_state(ssh) != before)


def fleet_in(bundle: Bundle, host: str) -> Fleet:
    """The fleet that the bundle declares. StationError when that machine is none of its hosts."""
    fleet = load_fleet(bundle.folder / "manifest" / bundle.about.fleet)
    if host not in fleet.hosts or not fleet.hosts[host].address:
        machines = sorted(name for name, one in fleet.hosts.items() if one.address)
        raise StationError(
            f"{host} is no machine of the fleet {fleet.name}: there is {', '.join(machines) or 'none'}",
            "Declare it: [hosts.NAME] with an address",
        )
    return fleet


def _state(ssh: Ssh) -> str:
    """What the links name."""
    links = ("/opt/venvs/station/current", CURRENT, "/etc/station/manifest", STATION)
    return ssh.run("sh", "-c", 'for link; do readlink "$link" || echo; done; cat /etc/station/host || :', "sh", *links)
