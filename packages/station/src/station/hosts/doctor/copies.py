"""What the agent says of restore points, lease, mirror, divergence and jobs: whether the copies are new enough."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from station.hosts.doctor.check import Said, failed, ok, unknown, warning
from station.hosts.doctor.here import HEARD_WITHIN_S, Here, moment
from station.hosts.rendering.place import Place

LOOKED_WITHIN_S = 600.0  # the loops look every few seconds, whether there is something new or not
PROVED_WITHIN_S = 3600.0  # the mirror proves its copy every quarter of an hour


def agent(here: Here) -> Iterator[Said]:
    """The agent of the host is alive: it tells how it is, every second.

    Remedy: systemctl restart station-agent
    """
    heard_s = here.heard_s
    remedy = "systemctl restart station-agent" if here.host.address else "station up"
    if heard_s is None and not here.is_root and here.host.address:
        yield unknown("", f"{here.host.paths.status_file} is for root and the page alone")
    elif heard_s is None:
        yield failed("", f"it has said nothing: {here.host.paths.status_file} is not there or cannot be read", remedy)
    elif heard_s > HEARD_WITHIN_S:
        yield failed("", f"it was last heard {heard_s:.0f} s ago", remedy)
    else:
        roles = ", ".join(f"{here.role(place) or 'unknown'} of {place.app.name}" for place in here.places)
        yield ok("", f"heard {heard_s:.0f} s ago; {roles or 'no app'}")


def restore_points(here: Here) -> Iterator[Said]:
    """On the primary somebody looks for what was written, again and again, and a restore point holds it.

    Remedy: station db point APP, and journalctl -u APP-points -n 50
    """
    for place, said in _of_role(here, "primary"):
        for name, one in _databases(said):
            yield _point(here, place, name, one)


def mirror(here: Here) -> Iterator[Said]:
    """On a standby the mirror has looked for new points lately, and has proved that its copy is what a point says.

    Remedy: journalctl -u APP-mirror -n 50
    """
    for place, said in _of_role(here, "standby"):
        for name, one in _databases(said):
            yield _copy(here, place, name, one)


def lease(here: Here) -> Iterator[Said]:
    """The lease can be seen, and who acts as primary holds it.

    Remedy: station db test APP
    """
    for place in here.places:
        said = here.status_of(place.app.name)
        app, held = place.app.name, said.get("lease")
        if not said:
            yield unknown(app, "the agent says nothing of it")
        elif said.get("lease_error"):
            yield failed(app, str(said["lease_error"]), f"station db test {app} --store {place.app.stores[0]}")
        elif not isinstance(held, dict):
            yield unknown(app, "nobody has been primary yet")
        elif said.get("role") == "primary" and held.get("holder") != here.host.name:
            yield failed(app, f"this host serves, and {held.get('holder')} holds the lease", "station status")
        else:
            yield ok(app, f"{held.get('holder')} holds epoch {held.get('epoch')}; this host is {said.get('role')}")


def divergence(here: Here) -> Iterator[Said]:
    """Nothing waits here that an old primary had written and nobody else has.

    Remedy: somebody has to look at the file
    """
    for place in here.places:
        said = here.status_of(place.app.name)
        if not said:
            continue
        waiting = said.get("divergence") or []
        for one in waiting:
            told = (
                f"{one.get('pages')} pages of {one.get('database')} that only this host had wait in {one.get('file')}"
            )
            yield warning(place.app.name, told, f"ls -l {here.host.paths.state(place.app.name) / 'divergence'}")
        if not waiting:
            yield ok(place.app.name, "nothing waits to be looked at")


def jobs(here: Here) -> Iterator[Said]:
    """The portable copy and the rehearsed restore did what they should when they were due last.

    By hand: tail /var/log/ctv-db-sync/sync.log

    Remedy: station db upload APP, or station db drill APP
    """
    for place, said in _of_role(here, "primary"):
        verbs = {"copy": "upload", "drill": "drill"}
        for name, job in (said.get("jobs") or {}).items():
            about = f"{place.app.name} {name}"
            next_at = moment(job, "next_at")
            if job.get("error"):
                yield failed(about, str(job["error"]), f"station db {verbs.get(name, name)} {place.app.name}")
            else:
                done = moment(job, "at")
                ran = f"done {_text(done)}" if done else "not due yet"
                yield ok(about, f"{ran}; next {_text(next_at)}" if next_at else ran)


def _of_role(here: Here, role: str) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for place in here.places:
        said = here.status_of(place.app.name)
        if said and here.role(place) == role:
            yield place, said


def _databases(said: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from (said.get("databases") or {}).items()


def _point(here: Here, place: Place, name: str, one: Mapping[str, Any]) -> Said:
    about, look = f"{place.app.name} {name}", _log(here, place, "points")
    point, looked = one.get("point"), moment(one, "checked_at")
    if one.get("error"):
        return failed(about, str(one["error"]), look)
    if looked is None or (here.now - looked).total_seconds() > LOOKED_WITHIN_S:
        return failed(about, f"nobody has looked for changes {_since(here, looked)}", look)
    taken = moment(point, "taken_at") if isinstance(point, dict) else None
    if taken is None:
        return failed(about, "there is no restore point yet", f"station db point {place.app.name}")
    age = f"the last one is of {_text(taken)}, {(here.now - taken).total_seconds():.0f} s ago"
    return ok(about, f"{age}; looked at {(here.now - looked).total_seconds():.0f} s ago")


def _copy(here: Here, place: Place, name: str, one: Mapping[str, Any]) -> Said:
    about, look = f"{place.app.name} {name}", _log(here, place, "mirror")
    point, looked, proved = one.get("point"), moment(one, "checked_at"), moment(one, "proved_at")
    taken = moment(point, "taken_at") if isinstance(point, dict) else None
    if one.get("error"):
        return failed(about, str(one["error"]), look)
    if looked is None or (here.now - looked).total_seconds() > LOOKED_WITHIN_S:
        return failed(about, f"it has not looked for new points {_since(here, looked)}", look)
    if taken is None:
        return failed(about, "there is no copy yet", look)
    if proved is None or (here.now - proved).total_seconds() > PROVED_WITHIN_S:
        return warning(about, f"the copy was not proved {_since(here, proved)}", look)
    return ok(about, f"has everything up to {_text(taken)}; proved {(here.now - proved).total_seconds():.0f} s ago")


def _since(here: Here, at: datetime | None) -> str:
    return "yet" if at is None else f"for {(here.now - at).total_seconds():.0f} s"


def _log(here: Here, place: Place, loop: str) -> str:
    unit = f"{place.app.name}-{loop}"
    return f"journalctl -u {unit} -n 50" if here.host.address else f"see {here.host.paths.log(unit)}"


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
