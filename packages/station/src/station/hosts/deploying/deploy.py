"""A deploy from beginning to end: lock, look, fetch, make, check, switch, write down, make room. And the way back.

Everything until the switch leaves what runs alone; a run that is killed there is as if it had not been. The switch has
a journal of its own (`station.hosts.switching`), with which the next run, or the next start of the machine, ends it.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from station.clock import to_text
from station.errors import Refused, StationError
from station.fleet import Source
from station.fleet.diary import note_event
from station.hosts.deploying import history, origin, sweeping
from station.hosts.deploying.code import edited
from station.hosts.deploying.environment import Builder, Wheels, passed_on
from station.hosts.deploying.git import Mirror
from station.hosts.deploying.hooks import run_hook
from station.hosts.deploying.making import Making
from station.hosts.deploying.origin import Fetched
from station.hosts.deploying.outcome import Around, Asked, Outcome
from station.hosts.deploying.performer import deploying
from station.hosts.deploying.preflight import check_machine, manifest_differences
from station.hosts.deploying.release import Release, current, read, releases
from station.hosts.deploying.sandbox import end_left
from station.hosts.deploying.words import line, step
from station.hosts.rendering.place import Place
from station.hosts.switching import journal
from station.hosts.switching.faults import reached


def deploy(place: Place, asked: Asked, around: Around) -> Outcome:
    """Bring what was asked for to this machine and make it serve. StationError with the reason; the old one serves."""
    run = _Run(place, around, "deploy")
    source = None if asked.bundle else origin.the_source(place, asked.package)
    with run.ready() as before, run.fetched(asked, source) as fetched:
        making = run.making(fetched.wheels)
        release = None if asked.fresh else making.found(fetched)
        if release is not None and before is not None and release.id == before.id:
            return run.outcome("unchanged", release, before)
        run.say_what_for(fetched, before)
        if asked.dry_run:
            return run.outcome("planned", release or fetched, before)
        around.confirm(f"Deploy {fetched.id} to {place.host.name}?")
        if release is None:
            release = making.make(fetched)
        else:
            making.check(release)
        return run.bring(release, before, run.differences(release, fetched.settings.folder))


def roll_back(place: Place, to: str, around: Around, *, with_databases: bool = False) -> Outcome:
    """Make the release serve that ran before, or the one named.

    Code alone goes back, unless the databases are asked for, too: what was written since the release that runs now came
    is then no longer in them. It is kept beside.
    """
    run = _Run(place, around, "rollback")
    with run.ready() as before:
        release = _earlier(place, to, before)
        if before is not None and release.id == before.id:
            return run.outcome("unchanged", release, before)
        moment = _moment(place, release, before, is_primary=around.is_primary()) if with_databases else None
        change = edited(place.host, release)
        warnings = [f"the code of {release.id} was edited: {change.words}"] if change else []
        for warning in warnings:
            around.tell(f"  warning: {warning}")
        around.confirm(_question(before, release, moment))
        run.making(Wheels()).check(release)
        with origin.scratch(place) as folder:
            databases = around.restore(moment, folder) if moment else {}
            return run.bring(release, before, warnings, databases)


class _Run:
    """One deploy or rollback, from its beginning."""

    def __init__(self, place: Place, around: Around, kind: str) -> None:
        self._place, self._around, self._kind = place, around, kind
        self._began_s = time.monotonic()
        self._at = around.now()
        self._switching = False

    @contextmanager
    def ready(self) -> Iterator[Release | None]:
        """The lock is held, what was cut is ended and swept, the machine is fit: the release that is current."""
        host, app, around = self._place.host, self._place.app.name, self._around
        if journal.is_cut(host, app):
            around.tell(line("recover", around.recover(self._place)))
        with deploying(host, app, self._kind, around.who, self._at):
            if journal.read(host, app) is not None:
                raise StationError(f"The last deploy of {app} was cut and is not ended", f"`station recover {app}`")
            end_left(self._place)
            origin.drop_left(_bundles(self._place))
            if left := sweeping.sweep(host, app):
                around.tell(line("sweep", f"a run that was cut left parts of {', '.join(left)}: removed"))
            check_machine(self._place, self._at)
            before = current(host, app)
            try:
                yield before
            except StationError as why:
                if not self._switching:
                    why.message += f"\nNothing was changed: {before.id} is current as before" if before else ""
                raise

    @contextmanager
    def fetched(self, asked: Asked, source: Source | None) -> Iterator[Fetched]:
        """What a release is to be made of, for as long as the block runs; without a source from the bundle."""
        with ExitStack() as held, origin.scratch(self._place) as folder:
            with step("fetch", self._around.tell) as said:
                if source is None:
                    assert asked.bundle is not None
                    bundle = held.enter_context(origin.opened(asked.bundle, _bundles(self._place)))
                    found = origin.from_bundle(self._place, bundle)
                elif source.package:
                    found = origin.from_package(source, self._builder(Wheels()))
                else:
                    found = origin.from_git(source, self._mirror(source), asked.ref, folder)
                said.append(found.about)
            reached("fetched")
            yield found

    def making(self, wheels: Wheels) -> Making:
        return Making(self._place, self._builder(wheels), self._around.who, self._at, self._around.tell)

    def say_what_for(self, fetched: Fetched, before: Release | None) -> None:
        """From which release to which, and how many commits lie between."""
        count = None
        if before is not None and before.commit and fetched.commit and self._place.app.source:
            with suppress(StationError, OSError):
                count = self._mirror(self._place.app.source).since(before.commit, fetched.commit)
        between = f", {count} commit{'s' if count > 1 else ''}" if count else ""
        was = before.id if before else "nothing"
        change = f"{was} -> {fetched.id}{between}"
        self._around.tell(line("plan", f"{self._place.app.name} on {self._place.host.name}: {change}"))

    def differences(self, release: Release, folder: str) -> list[str]:
        """A warning when the release's own app.toml is not the one that this machine follows."""
        keys = manifest_differences(self._place, release, folder)
        if not keys:
            return []
        warning = (
            f"app.toml of the release differs from the one that {self._place.host.name} follows ({', '.join(keys)}): "
            "the latter counts until it is brought here and `station apply` was run"
        )
        self._around.tell(f"  warning: {warning}")
        return [warning]

    def bring(
        self, release: Release, before: Release | None, warnings: list[str], back: Mapping[str, Path] | None = None
    ) -> Outcome:
        """Hooks, switch, history, room: from a release that is ready to one that serves. `back`: see `Around`."""
        place, around = self._place, self._around
        entry = history.Entry(
            *(place.app.name, self._kind, self._at, around.who),
            *(before.id if before else "", release.id, release.commit),
        )
        told = {"from": entry.before, "performer": around.who, "result": ""}
        serves = around.is_primary()
        if serves and run_hook(place, "before", release, told):
            around.tell(line("hook before", "done"))
        history.write_down(place.host, entry)
        self._switching = True
        try:
            point_at = around.switch(place, release, back)
        except BaseException as why:  # Ctrl-C too is an end that the history knows of
            self._failed(entry, why)
            self._hook("failed", before or release, told | {"result": "failed"})
            raise
        reached("switched")
        self._done(replace(entry, point_at=point_at))
        if serves:
            self._hook("after", release, told | {"result": "done"})
        removed = sweeping.remove_old(place.host, place.app.name, place.app.deploy.keep, entry.before)
        ended = self.outcome("done", release, before)
        return replace(ended, serves=serves, removed=tuple(removed), warnings=tuple(warnings))

    def outcome(self, result: str, what: Release | Fetched, before: Release | None) -> Outcome:
        app, host = self._place.app, self._place.host
        return Outcome(
            *(self._kind, app.name, host.name, result, what.id, what.commit, before.id if before else ""),
            serves=self._around.is_primary(),
            took_s=round(time.monotonic() - self._began_s, 3),
            others=tuple(name for name in app.hosts if name != host.name),
        )

    def _failed(self, entry: history.Entry, why: BaseException) -> None:
        reason = why.message if isinstance(why, StationError) else f"it was ended ({type(why).__name__})"
        ended = history.ended(entry, history.FAILED, time.monotonic() - self._began_s, reason)
        history.write_down(self._place.host, ended)
        text = f"{self._kind} of {entry.to} by {entry.who} failed: {reason.splitlines()[0]}"
        self._note(entry, "deploy-failed", text)

    def _done(self, entry: history.Entry) -> None:
        history.write_down(self._place.host, history.ended(entry, history.DONE, time.monotonic() - self._began_s))
        event = "deployed" if self._kind == "deploy" else "rolled-back"
        text = f"{entry.to} after {entry.before or 'nothing'}, by {entry.who}"
        self._note(entry, event, text)

    def _note(self, entry: history.Entry, event: str, text: str) -> None:
        host = self._place.host
        note_event(host.paths, entry.at, host.name, event, text, app=entry.app)

    def _hook(self, moment: str, release: Release, told: Mapping[str, str]) -> None:
        """A hook that comes after all is decided: that it failed is told, and changes nothing."""
        try:
            if run_hook(self._place, moment, release, told):
                self._around.tell(line(f"hook {moment}", "done"))
        except StationError as why:
            self._around.tell(f"  warning: {why.message}")

    def _builder(self, wheels: Wheels) -> Builder:
        return Builder(self._place, wheels, passed_on(self._around.environment))

    def _mirror(self, source: Source) -> Mirror:
        return Mirror(self._place.host, self._place.app.name, source.git, self._around.environment)


def _earlier(place: Place, to: str, before: Release | None) -> Release:
    """The release named, or what ran before the current one. StationError, naming those there are."""
    host, app = place.host, place.app.name
    known = releases(host, app)
    if to:
        named = read(host, app, to)
        if named is None:
            there = ", ".join(release.id for release in known) or "none"
            raise StationError(f"There is no release {to} of {app} on {host.name}; there is {there}")
        return named
    if before is None:
        raise StationError(f"There is nothing to go back from: no release of {app} runs on {host.name}")
    for name in history.ran_before(history.history(host, app), before.id):
        if earlier := read(host, app, name):
            return earlier
    raise StationError(
        f"There is nothing to go back to: no release ran before {before.id}, or none of those is kept",
        f"`station releases {app}` shows what is there; `station deploy {app} --ref SHA` makes any other",
    )


def _moment(place: Place, release: Release, before: Release | None, *, is_primary: bool) -> datetime:
    """When the databases were last as the earlier release left them. Refused when that is not known."""
    if not is_primary:
        raise Refused(
            f"The databases of {place.app.name} are not brought back here: {place.host.name} is not its primary",
            "Do it on the primary",
        )
    for entry in history.history(place.host, place.app.name):
        if before is not None and entry.to == before.id and entry.result == history.DONE:
            if entry.before == release.id and entry.point_at is not None:
                return entry.point_at
            break
    raise Refused(
        f"It is not known how the databases of {place.app.name} were when {release.id} ran last",
        "Without --with-databases the code goes back; `station db restore --at TIME` writes any moment into a file",
    )


def _question(before: Release | None, release: Release, moment: datetime | None) -> str:
    asked = f"Go back from {before.id if before else 'nothing'} to {release.id}"
    if moment is None:
        return f"{asked}? The databases stay as they are."
    return (
        f"{asked}, and bring the databases back to {to_text(moment)}? What was written since is taken out of the app. "
        "It is kept on this host, in replaced/, and nothing brings it in again by itself."
    )


def _bundles(place: Place) -> Path:
    """Where a bundle that is a tar file is unpacked for a deploy."""
    return place.host.paths.state(place.app.name).parent / "bundles"
