"""Where the live database of an app is: on the host that the lease names."""

from collections.abc import Mapping

from station.clock import Clock
from station.cluster.lease import Lease
from station.cluster.peer import Peer
from station.cluster.roles import read_epoch
from station.errors import LeaseLost, NotRunning, StationError
from station.fleet import App, Host
from station.points.copying import Source, Standing
from station.points.point import DatabaseId


def live_source(app: App, database: str, hosts: Mapping[str, Host], lease: Lease) -> Source:
    """The live database. NotRunning when nobody is primary, or the primary has not its database in place."""
    holding = lease.current()
    if holding is None:
        raise NotRunning(f"Nobody has been primary of {app.name} yet", hosts[app.primary].paths.start_hint)
    host = hosts.get(holding.holder)
    if host is None:
        raise NotRunning(f"{holding.holder} is primary of {app.name}, and the manifest does not know it")
    state = host.paths.state(app.name)
    if read_epoch(state) != holding.epoch:
        raise NotRunning(
            f"{host.name} is primary of {app.name} (epoch {holding.epoch}), and its database is not in place here",
            f"Run this on {host.name}, or wait until the switch is over: `station status`",
        )
    file = host.paths.database(app.name, app.databases[database])
    return Source(DatabaseId(app.name, database), file, state, host.name, holding.epoch)


def require_holder(app: App, source: Source, host: Host) -> None:
    """LeaseLost when the live database is not this host's."""
    if source.host != host.name:
        raise LeaseLost(f"{source.host} is primary of {app.name}, not {host.name}", "Nothing to do here")


def standing(app: App, source: Source, host: Host, digest: str, now: Clock) -> Standing | None:
    """That the database holds what has this digest, as restore points taken now say. None when it does not.

    None too when no agent answers. Asked twice: the first answer may be of a point that was begun before.
    """
    asked_at = now()
    for _ in range(2):
        try:
            said = Peer(host.name, host.paths).call("point", app=app.name)["databases"][source.identity.database]
            if said["error"] is not None or said["point"]["digest"] != digest:
                return None
        except (StationError, KeyError, TypeError):
            return None
    return Standing(digest, asked_at)
