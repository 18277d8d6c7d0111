"""Nobody takes another's port, and no two processes come to one unit. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from station.fleet.hostchecks import Manifest, machines
from station.fleet.mistakes import Key, Mistake, key_path
from station.fleet.raw import Raw, table, tables, text, texts, whole

OURS = "one of the platform's own"
OF_THE_PLATFORM = (
    *("copy", "datasette", "datasette-copy", "dev", "drill", "first-run", "litestream", "migrate", "mirror", "points"),
    *("primary", "recover"),
)
"""What the units of an app that are not its own are called: APP- and one of these."""


@dataclass(frozen=True)
class _Claim:
    """A port that something of the fleet listens on, and the hosts where it does. `origin`: where it is written."""

    key: Key
    port: int
    hosts: frozenset[str]
    origin: str = ""


def check_ports(fleet: Manifest, apps: Mapping[str, Manifest]) -> Iterator[Mistake]:
    """All folder hosts are one machine; primary and standby share the app's ports by design."""
    taken: list[_Claim] = []
    for claim in _claims(fleet.raw, apps):
        other = next((one for one in taken if one.port == claim.port and one.hosts & claim.hosts), None)
        if other is None:
            taken.append(claim)
            continue
        wrong = f"port {claim.port}{claim.origin} is taken by {key_path(other.key)}"
        right = f"choose another, like {claim.key[-1]} = {_free(claim.port, {one.port for one in taken})}"
        yield Mistake(fleet.file, claim.key, wrong, right)


def check_units(fleet: Manifest, apps: Mapping[str, Manifest]) -> Iterator[Mistake]:
    """A unit and its log are named APP-PROCESS, or as the fleet says."""
    units = {f"{name}-{own}": OURS for name in apps for own in OF_THE_PLATFORM}
    for name, app in apps.items():
        mine = tables(fleet.raw, "apps").get(name, {})
        its = [*tables(app.raw, "processes"), *table(mine, "processes"), *tables(app.raw, "jobs")]
        for process in dict.fromkeys(its):
            named = text(table(mine, "services"), process)
            unit = named or f"{name}-{process}"
            owner = OURS if named and named.startswith("station-") else units.get(unit)
            if owner is not None and (named or process not in OF_THE_PLATFORM):
                key: Key = ("apps", name, "services", process) if named else ("apps", name)
                wrong = f"its {process} would be the unit {unit}, as {owner} is"
                yield Mistake(fleet.file, key, wrong, "give one of the two another name")
            units.setdefault(unit, f"{name}'s {process}")
    yield from _check_retired(fleet, units)


def _check_retired(fleet: Manifest, units: Mapping[str, str]) -> Iterator[Mistake]:
    """What the fleet runs is not of former days."""
    for host, its in tables(fleet.raw, "hosts").items():
        for place, unit in enumerate(texts(its, "retire")):
            owner = OURS if unit.startswith("station-") else units.get(unit.removesuffix(".service"))
            if owner is not None:
                wrong = f'"{unit}" is the unit of {owner}'
                yield Mistake(fleet.file, ("hosts", host, "retire", place), wrong, "take it away")


def _claims(fleet: Raw, apps: Mapping[str, Manifest]) -> Iterator[_Claim]:
    everywhere = frozenset() if machines(fleet) else frozenset(["this machine"])
    control = table(fleet, "control")
    page = whole(control, "port")
    if page is not None:
        yield _Claim(("control", "port"), page, everywhere or frozenset([text(control, "host") or ""]))
    for name, app in tables(fleet, "apps").items():
        primary = text(app, "primary") or ""
        hosts = everywhere or frozenset([primary, *texts(app, "standby")])
        yield from _of_processes(name, app, apps.get(name), hosts)
        datasette, dev = table(app, "datasette"), table(app, "dev")
        if datasette or "datasette" in app:
            where = text(datasette, "host") or [*texts(app, "standby"), primary][0]
            port = whole(datasette, "port") if "port" in datasette else 8001
            if port is not None:
                yield _Claim(("apps", name, "datasette", "port"), port, everywhere or frozenset([where]))
        if dev:
            port = whole(dev, "port") if "port" in dev else 5100
            if port is not None:
                yield _Claim(("apps", name, "dev", "port"), port, everywhere or frozenset([primary]))


def _of_processes(name: str, app: Raw, own: Manifest | None, hosts: frozenset[str]) -> Iterator[_Claim]:
    chosen = table(app, "ports")
    for process, its in tables(own.raw, "processes").items() if own else ():
        port = whole(chosen, process) if process in chosen else whole(its, "port")
        if port is not None and own is not None:
            origin = "" if process in chosen else f" (from {own.file})"
            yield _Claim(("apps", name, "ports", process), port, hosts, origin)


def _free(port: int, taken: set[int]) -> int:
    """A port that nobody of the fleet has: ten further on, as people do, or from 8010."""
    near = range(port + 10, 65536) if port >= 1024 else range(0)
    return next(other for other in chain(near, range(8010, 65536)) if other not in taken)
