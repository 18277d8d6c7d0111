"""What `station deploy` and `station rollback` hand over to the deploy: who asks, how to ask back, and the switch."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.asking import ask, store_of
from station.cli.console import say
from station.cli.session import Session
from station.clock import to_text, utc_now
from station.cluster.lease import Lease
from station.cluster.peer import Peer
from station.cluster.roles import read_epoch
from station.errors import StationError
from station.hosts.deploying.outcome import Around, Outcome
from station.hosts.deploying.performer import performer

if TYPE_CHECKING:
    from station.fleet import App, Host
    from station.hosts.deploying.release import Release
    from station.hosts.rendering.place import Place


def around(session: Session, app: "App", host: "Host", *, yes: bool) -> Around:
    """The deploy's surroundings on this machine."""
    primary = _Primary(session, app, host)
    return Around(
        who=performer(os.environ, os.getppid()),
        environment=os.environ,
        now=utc_now,
        tell=tell,
        confirm=lambda question: ask(question, yes=yes),
        is_primary=primary,
        switch=_switching(app, host, primary),
        recover=lambda place: _recover(session, place),
        restore=_restoring(session, app),
    )


def tell(text: str) -> None:
    """A line about what goes on. That nobody listens any more stops no deploy."""
    with suppress(OSError):
        say(text)


def outlast_the_line() -> None:
    """A deploy goes on when the connection it was started over ends."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


class _Primary:
    """Whether this host is the app's primary, asked once: the lease says so, else what the host remembers."""

    def __init__(self, session: Session, app: "App", host: "Host") -> None:
        self._session, self._app, self._host = session, app, host
        self._known: bool | None = None

    def __call__(self) -> bool:
        if self._known is None:
            self._known = self._asked()
        return self._known

    def _asked(self) -> bool:
        app, host = self._app, self._host
        try:
            holding = Lease(store_of(self._session, app), app.name).current()
        except StationError as why:
            tell(f"  warning: the lease of {app.name} was not seen ({why.message}); this host goes by its memory")
            return read_epoch(host.paths.state(app.name)) is not None
        return app.primary == host.name if holding is None else holding.holder == host.name


def _switching(
    app: "App", host: "Host", primary: _Primary
) -> "Callable[[Place, Release, Mapping[str, Path] | None], datetime | None]":
    from station.hosts.switching.switch import switch, switch_back  # noqa: PLC0415 - help does without

    taken: list[datetime] = []

    def point() -> str:
        name = _point(app, host)
        taken.append(utc_now())
        return name

    def step(text: str) -> None:
        tell(f"  {'switch':<14} {text}")

    def run(place: "Place", release: "Release", back: "Mapping[str, Path] | None") -> datetime | None:
        if back is not None and primary():
            done = switch_back(place, release, back, take_point=point, now=utc_now, tell=step)
        else:
            done = switch(place, release, take_point=point, now=utc_now, tell=step, is_primary=primary())
        if done.old and done.silent_s:
            waited = "requests waited" if app.gate.socket else "requests were refused"
            step(f"healthy; {waited} for {done.silent_s:.1f} s")
        return taken[-1] if taken else None

    return run


def _point(app: "App", host: "Host") -> str:
    """Have the agent take a restore point: its name. StationError when it could not."""
    answer = Peer(host.name, host.paths).call("point", app=app.name, timeout_s=60.0)
    taken = [point["name"] for said in answer["databases"].values() if (point := said.get("point"))]
    return ", ".join(taken) or "nothing was written since the last one"


def _restoring(session: Session, app: "App") -> "Callable[[datetime, Path], Mapping[str, Path]]":
    """Every database as it was at a moment, from the app's first store."""
    from station.points.catalog import list_points, point_at  # noqa: PLC0415
    from station.points.placing import owner_named  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.restore import restore  # noqa: PLC0415

    def run(moment: datetime, folder: "Path") -> "Mapping[str, Path]":
        store, files = store_of(session, app), {}
        for name in app.databases:
            point = point_at(list_points(store, DatabaseId(app.name, name)), moment)
            files[name] = folder / f"{name}.db"
            restore(store, point, files[name], owner=owner_named(app.account))
            tell(f"  {'restore':<14} {name} as it was at {to_text(point.taken_at)}")
        return files

    return run


def _recover(session: Session, place: "Place") -> str:
    from station.hosts.switching.recovering import recover  # noqa: PLC0415

    return recover(session.fleet, place.host, place.app.name, now=utc_now, tell=tell)


def ended(outcome: Outcome) -> str:
    """The last line: what serves now, with figures."""
    what = f"{outcome.release} of {outcome.app}"
    if outcome.result == "unchanged":
        return f"{outcome.host} runs {what} already: nothing to do"
    if outcome.result == "planned":
        return f"{outcome.host} would get {what} in place of {outcome.before or 'nothing'}; nothing was changed"
    was = f", after {outcome.before}" if outcome.before else ""
    if not outcome.serves:
        return f"{what} is ready on {outcome.host}{was}: a standby, nothing of it runs here ({outcome.took_s:.1f} s)"
    return f"{outcome.host} serves {what}{was} ({outcome.took_s:.1f} s)"


def say_others(outcome: Outcome) -> None:
    """What is left to do on the other hosts of the app: after a failover they would serve what they have."""
    if outcome.result != "done" or not outcome.serves:
        return
    for other in outcome.others:
        ref = f" --ref {outcome.commit[:12]}" if outcome.commit else ""
        tell(f"{other} still has what it had: station --host {other} deploy {outcome.app}{ref}")
