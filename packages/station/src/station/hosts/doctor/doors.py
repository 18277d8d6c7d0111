"""The ports: each is held by its own unit, the app answers as it should, and no stranger can be reached."""

import time
from collections.abc import Iterator, Sequence

from station.hosts import health
from station.hosts.doctor.check import Said, failed, ok, unknown, warning
from station.hosts.doctor.here import Here
from station.hosts.listening.allowed import Claim, Judged, Standing, claims, judge
from station.hosts.listening.listeners import Reach
from station.hosts.rendering.place import Place


def ports(here: Here) -> Iterator[Said]:
    """Every port of the manifest is held by its own unit, at the address that the manifest says, and by nobody else.

    By hand: ss -lptn 'sport = :8000'

    Remedy: station audit names the holder; systemctl stop UNIT, and then systemctl restart UNIT of the app
    """
    judged = judge(here.listening.listeners, here.fleet, here.host)
    for claim in claims(here.fleet, here.host):
        yield _held(here, claim, [each for each in judged if each.listener.port == claim.port])


def strangers(here: Here) -> Iterator[Said]:
    """Nobody whom the manifest does not know can be reached from other machines.

    By hand: ss -lntup

    Remedy: station audit, and then systemctl disable --now UNIT
    """
    judged = judge(here.listening.listeners, here.fleet, here.host)
    odd = [each.listener for each in judged if each.standing is Standing.STRANGER]
    for one in odd:
        if one.reach is not Reach.LOOPBACK:
            remedy = f"systemctl disable --now {one.unit}" if one.unit.endswith(".service") else "station audit"
            yield warning(one.place, f"{one} can be reached from elsewhere; the manifest does not know it", remedy)
    near = sum(one.reach is Reach.LOOPBACK for one in odd)
    if near == len(odd):
        yield ok("", f"none can be reached from elsewhere ({near} listen for this machine alone)")


def answers(here: Here) -> Iterator[Said]:
    """The app answers on its port with the status that its manifest calls healthy.

    By hand: curl -s -o /dev/null -w "%{http_code}" http://127.0.0.1:8000/

    Remedy: journalctl -u UNIT -n 50
    """
    for place in here.places:
        gate, role = place.app.gate, here.role(place)
        if gate.port is None or gate.health is None:
            yield unknown(place.app.name, "it has no port to ask")
        elif role == "primary":
            yield _answer(place)
        else:
            yield ok(place.app.name, f"is not asked: this host is {role or 'not known to be primary'}")


def datasette(here: Here) -> Iterator[Said]:
    """Datasette, which asks nobody for a password, listens for this machine alone.

    By hand: ss -lptn 'sport = :8001'

    Remedy: bind = "127.0.0.1" in [apps.APP.datasette], station apply HOST
    """
    for place in here.places:
        its = place.app.datasette
        if its is None or its.host != here.host.name:
            continue
        open_to = [
            each for each in here.listening.listeners if each.port == its.port and each.reach is not Reach.LOOPBACK
        ]
        remedy = f'bind = "127.0.0.1" in [apps.{place.app.name}.datasette], then station apply {here.host.name}'
        if open_to:
            yield failed(place.app.name, f"{open_to[0].place} can be reached without a password", remedy)
        else:
            yield ok(place.app.name, f"port {its.port} is for this machine alone")


def _held(here: Here, claim: Claim, there: Sequence[Judged]) -> Said:
    about = str(claim.port)
    bad = [each for each in there if each.standing is Standing.CONFLICT]
    if bad:
        remedy = f"systemctl stop {bad[0].listener.unit}" if bad[0].listener.unit else "station audit"
        return failed(about, f"held by {bad[0].listener}: {bad[0].why}", remedy)
    if there:
        return ok(about, f"{there[0].listener.place} is held by {there[0].listener}")
    if not _shall_listen(here, claim):
        return ok(about, f"free, for {claim.about}")
    return failed(about, f"nobody listens, though {claim.about} should", f"systemctl status {claim.unit}")


def _shall_listen(here: Here, claim: Claim) -> bool:
    """Whether its unit runs: then somebody has to be there."""
    if claim.manager:
        return False
    place = next((one for one in here.every_place if claim.unit in _units(one)), None)
    if place is not None:
        return here.role(place) == "primary"
    state = here.units.get(claim.unit)
    return state is not None and state.is_running


def _units(place: Place) -> list[str]:
    return [f"{place.unit(each)}.service" for each in place.app.processes]


def _answer(place: Place) -> Said:
    gate = place.app.gate
    assert gate.port is not None and gate.health is not None
    began_s = time.monotonic()
    why = health.answer(gate.port, gate.health, place.app.bind)
    took_s = time.monotonic() - began_s
    if why:
        unit = f"{place.gate}.service" if place.host.address else ""
        remedy = f"journalctl -u {unit} -n 50" if unit else f"see {place.host.paths.logs}"
        return failed(place.app.name, why, remedy)
    said = (
        f"GET {gate.health.path} on port {gate.port}: {gate.health.status}, as it should, after {took_s * 1000:.0f} ms"
    )
    return ok(place.app.name, said)
