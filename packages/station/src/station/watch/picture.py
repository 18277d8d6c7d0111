"""The whole fleet at one moment, as the page and `station status` show it: readiness, hosts, problems, events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from station.fleet.addresses import address
from station.watch.checks import LEASE, PRIMARY_WORKS, START, Check, CheckVerdict
from station.watch.events import Event, recent_events
from station.watch.readiness import Readiness, judge, situation_of
from station.watch.statuses import (
    AppStatus,
    DatabaseStatus,
    DivergenceSeen,
    DrillSeen,
    HostStatus,
    JobSeen,
)
from station.watch.statusread import read_status
from station.watch.storelog import StoreNews
from station.watch.storestand import StoreStand, store_stands

if TYPE_CHECKING:
    from station.fleet import App, Fleet

EVENTS_SHOWN = 40
JOB_WORDS = {"copy": "nightly portable copy", "drill": "drill"}
JOB_VERBS = {"copy": "upload", "drill": "drill"}


@dataclass(frozen=True)
class Problem:
    """Something a person should know. `grave` when it stops a failover or somebody's work."""

    grave: bool
    text: str
    remedy: str


@dataclass(frozen=True)
class AppPicture:
    """One app: who serves it, how good the copy is, what is wrong."""

    name: str
    title: str
    readiness: Readiness
    serving: bool | None
    port: int | None
    address: str | None
    databases: Mapping[str, DatabaseStatus]
    copies: Mapping[str, DatabaseStatus]
    store: StoreNews
    problems: tuple[Problem, ...]
    divergence: tuple[DivergenceSeen, ...]
    drills: tuple[DrillSeen, ...] = ()
    stores: tuple[StoreStand, ...] = ()


@dataclass(frozen=True)
class Picture:
    fleet: str
    at: datetime
    apps: tuple[AppPicture, ...]
    hosts: Mapping[str, HostStatus]
    events: tuple[Event, ...]

    @property
    def anyone_answers(self) -> bool:
        return any(host.live for host in self.hosts.values())


def take_picture(fleet: "Fleet", stores: Mapping[str, StoreNews], now: datetime) -> Picture:
    """Read every host's status and events. `stores` holds the last look at each app's store: it may be slow or gone."""
    hosts = {name: read_status(name, host.paths, now) for name, host in fleet.hosts.items()}
    unread = StoreNews(None, None, None)
    diaries = {host.paths.events for host in fleet.hosts.values()}  # machines have theirs at the same place
    every_s = {name: spec.every_s for name, spec in fleet.stores.items() if spec.every_s is not None}
    looks = {app.name: fleet.stores[app.stores[0]].look_every_s for app in fleet.apps.values()}
    return Picture(
        fleet=fleet.name,
        at=now,
        apps=tuple(
            app_picture(app, hosts, stores.get(app.name, unread), now, every_s, looks[app.name])
            for app in fleet.apps.values()
        ),
        hosts=hosts,
        events=tuple(recent_events(diaries, EVENTS_SHOWN)),
    )


def app_picture(
    app: "App",
    hosts: Mapping[str, HostStatus],
    store: StoreNews,
    now: datetime,
    every_s: Mapping[str, float] | None = None,
    look_every_s: float = 1.0,
) -> AppPicture:
    """What there is to say of one app; `every_s` and `look_every_s` as for `situation_of`. Pure."""
    situation = situation_of(app, hosts, store, now, every_s, look_every_s)
    verdict = judge(situation)
    primary, standby = _app_on(hosts, verdict.primary, app.name), _app_on(hosts, verdict.target, app.name)
    units = primary.units if primary and primary.role == "primary" else ()
    gate = next((unit for unit in units if unit.name == app.gate.name), None)
    alive = verdict.primary is not None and verdict.primary in hosts and hosts[verdict.primary].live
    said = [host.apps[app.name] for host in hosts.values() if app.name in host.apps]
    divergence = tuple(kept for each in said for kept in each.divergence)
    return AppPicture(
        name=app.name,
        title=app.title,
        readiness=verdict,
        serving=gate.healthy if gate and alive else None,
        port=gate.port if gate else None,
        address=address(app.bind, gate.port) if gate and gate.port else None,
        databases=primary.databases if primary else {},
        copies=standby.databases if standby else {},
        store=store,
        problems=_problems(verdict, store, divergence, any(host.live for host in hosts.values()))
        + _undone(primary, app.name),
        divergence=divergence,
        drills=_last_drills(said),
        stores=store_stands(situation),
    )


def _app_on(hosts: Mapping[str, HostStatus], host: str | None, app: str) -> AppStatus | None:
    return hosts[host].apps.get(app) if host is not None and host in hosts else None


def _problems(
    verdict: Readiness, store: StoreNews, divergence: tuple[DivergenceSeen, ...], anyone_answers: bool
) -> tuple[Problem, ...]:
    failed = [check for check in verdict.checks if check.verdict is not CheckVerdict.OK]
    if store.error:  # told once: every loop on every host reports the same
        failed = [check for check in failed if check.name == LEASE or store.error[1:] not in check.evidence]
    found = [Problem(_is_grave(check), check.evidence, check.remedy) for check in failed]
    if not anyone_answers:  # everything else follows from it
        found = [Problem(True, "no host answers", START)]
    found += [_kept(each) for each in divergence]
    unreadable = store.view.unreadable if store.view else ()
    if unreadable:
        found.append(Problem(False, f"{len(unreadable)} records of the store cannot be read", "`station db verify`"))
    return tuple(sorted(found, key=lambda problem: not problem.grave))


def _undone(primary: AppStatus | None, app: str) -> tuple[Problem, ...]:
    """What is done beside the restore points, and did not work: jobs that were due, and Litestream."""
    if primary is None or primary.role != "primary":
        return ()
    failed = [job for job in primary.jobs if job.error and job.name in JOB_WORDS]
    jobs = [Problem(False, f"the {JOB_WORDS[job.name]} failed: {job.error}", _try(job, app)) for job in failed]
    replicas = {each.litestream.error for each in primary.databases.values() if each.litestream}  # one for them all
    late = [Problem(False, text, "See docs/litestream.md, and the log of its unit") for text in replicas if text]
    return (*jobs, *late)


def _try(job: JobSeen, app: str) -> str:
    return f"Try it: `station db {JOB_VERBS[job.name]} {app}`"


def _last_drills(said: list[AppStatus]) -> tuple[DrillSeen, ...]:
    """Of each database the newest rehearsal, on whichever host it was."""
    newest: dict[str, DrillSeen] = {}
    for drill in sorted((drill for app in said for drill in app.drills), key=lambda drill: drill.at):
        newest[drill.database] = drill
    return tuple(newest.values())


def _is_grave(check: Check) -> bool:
    return check.verdict is CheckVerdict.BLOCK or check.name == PRIMARY_WORKS


def _kept(kept: DivergenceSeen) -> Problem:
    text = f"{kept.host} kept {kept.pages} pages of {kept.database} that nobody else has"
    return Problem(False, text, f"See {kept.file}")
