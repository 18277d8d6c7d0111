"""The questions behind the readiness verdict, each answered with evidence and what to do about it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from station.watch.situation import Situation, complete_up_to, copy_checked_s
from station.watch.statuses import DatabaseStatus, HostStatus
from station.watch.storestand import StoreStand, store_stands, store_trouble
from station.watch.wording import clock_time, length, size

STANDBY_MAX_AGE_S = 60.0
COPY_LOOK_MAX_AGE_S = 600.0
COPY_WARN_S = 26 * 3600.0
COPY_BLOCK_S = 36 * 3600.0
PROOF_WARN_S = 3600.0  # the mirror proves its copy every quarter of an hour
STORE_MAX_AGE_S = 30.0
SKEW_WARN_S = 2.0
SKEW_UNKNOWN_S = 10.0
SPARE_BYTES = 10**9
LITTLE_BYTES = 200 * 10**6  # an app that cannot write is about to stop

START = "Start it: `station up`, or on a machine `systemctl start station-agent`"
LEASE = "lease"
PRIMARY_WORKS = "primary works"


class CheckVerdict(StrEnum):
    """`LOSS`: a failover works and loses something. `BLOCK`: it does not work. `UNKNOWN` never counts as passed."""

    OK = "OK"
    LOSS = "LOSS"
    WARN = "WARN"
    BLOCK = "BLOCK"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Check:
    """One answer. `evidence` is a clause without a full stop; `remedy` is empty when nothing is to be done."""

    name: str
    verdict: CheckVerdict
    evidence: str
    remedy: str = ""
    at: datetime | None = None


def one_primary(situation: Situation) -> Check:
    """Nobody but the lease's holder acts as primary: no split brain."""
    name = "one primary"
    acting = [
        host
        for host, status in situation.statuses.items()
        if status.live and situation.app in status.apps and status.apps[situation.app].role == "primary"
    ]
    if len(acting) > 1:
        both = " and ".join(sorted(acting))
        return Check(name, CheckVerdict.BLOCK, f"{both} both act as primary", "Stop the one without the lease")
    if acting and situation.lease and acting[0] != situation.primary:
        holder = situation.primary or "nobody"
        return Check(
            name, CheckVerdict.BLOCK, f"{acting[0]} acts as primary, but {holder} holds the lease", "Wait a few seconds"
        )
    return Check(name, CheckVerdict.OK, f"{acting[0]} alone acts as primary" if acting else "nobody acts as primary")


def nothing_under_way(situation: Situation) -> Check:
    """No switch and no start is going on."""
    name = "nothing under way"
    for host in (situation.primary, situation.target):
        app = situation.on(host)
        if app and situation.host(host).live and app.role in ("demoted", "starting"):
            what = "has handed over and waits for the switch to end" if app.role == "demoted" else "is starting"
            return Check(name, CheckVerdict.BLOCK, f"{host} {what}", "Wait until it is done; `station status` shows it")
    return Check(name, CheckVerdict.OK, "no switch is going on")


def lease(situation: Situation) -> Check:
    """The lease was read within the last 30 s, and somebody holds it."""
    name, news = LEASE, situation.store
    if news.error is not None:
        return Check(
            name, CheckVerdict.BLOCK, news.error[:1].lower() + news.error[1:], "A switch needs the store: mend it"
        )
    if news.view is None or news.age_s is None or news.age_s > STORE_MAX_AGE_S:
        ago = f"for {length(news.age_s)}" if news.age_s is not None else "yet"
        return Check(name, CheckVerdict.UNKNOWN, f"the lease has not been read {ago}", "Is the store slow or hanging?")
    held = situation.lease
    if held is None:
        return Check(name, CheckVerdict.BLOCK, "nobody has been primary yet", START)
    return Check(name, CheckVerdict.OK, f"{held.holder} holds epoch {held.epoch}", at=held.taken_at)


def standby_answers(situation: Situation) -> Check:
    """The standby's agent was heard within 10 s; UNKNOWN up to 60 s, then it blocks."""
    name, status = "standby answers", situation.host(situation.target)
    if situation.target is None:
        return Check(name, CheckVerdict.BLOCK, "the app has no standby", "Name one in the manifest: `standby = [...]`")
    start = f"Start {situation.target}"
    if status.age_s is None:
        return Check(name, CheckVerdict.BLOCK, f"{situation.target} does not answer: {status.trouble}", start)
    heard = f"{situation.target} was last heard {length(status.age_s)} ago"
    if status.live:
        return Check(name, CheckVerdict.OK, heard, at=status.at)
    verdict = CheckVerdict.BLOCK if status.age_s > STANDBY_MAX_AGE_S else CheckVerdict.UNKNOWN
    return Check(name, verdict, heard, start, status.at)


def copy(situation: Situation) -> Check:
    """The standby has a copy of every database that is as good as new; care after 26 h, blocks after 36 h.

    UNKNOWN when the standby has not looked for new points for 10 min.
    """
    name, now = "copy", situation.now
    moment, looked_s = complete_up_to(situation), copy_checked_s(situation)
    if moment is None:
        verdict = CheckVerdict.BLOCK if situation.host(situation.target).live else CheckVerdict.UNKNOWN
        return Check(name, verdict, f"{situation.target or 'the standby'} has no copy yet", "Wait for the first point")
    if looked_s is None or looked_s > COPY_LOOK_MAX_AGE_S:
        ago = f"for {length(looked_s)}" if looked_s is not None else "since it started"
        evidence = f"{situation.target} has not looked for new points {ago}"
        return Check(name, CheckVerdict.UNKNOWN, evidence, f"Look at the mirror's log on {situation.target}", moment)
    age_s = situation.age_s(moment)
    evidence = f"{situation.target} has everything up to {clock_time(moment, now)}, {length(age_s)} ago"
    for limit_s, verdict in ((COPY_BLOCK_S, CheckVerdict.BLOCK), (COPY_WARN_S, CheckVerdict.WARN)):
        if age_s > limit_s:
            return Check(name, verdict, evidence, "Find out why no new points arrive: `station db info`", moment)
    verdict = CheckVerdict.LOSS if age_s > situation.fresh_s else CheckVerdict.OK
    return Check(name, verdict, evidence, at=moment)


def proof(situation: Situation) -> Check:
    """The copy on the standby's disk was read again within the hour and was what its point says."""
    name, proved = "proof", []
    for database in situation.databases:
        held = situation.copy(database)
        if held is None or held.point is None or held.proved_at is None:
            evidence = f"the copy of {database} has not been proved yet"
            return Check(name, CheckVerdict.UNKNOWN, evidence, "Wait: the mirror proves its copy after it catches up")
        proved.append(held.proved_at)
    if not proved:
        return Check(name, CheckVerdict.OK, "the app has no database")
    age_s = situation.age_s(min(proved))
    verdict = CheckVerdict.WARN if age_s > PROOF_WARN_S else CheckVerdict.OK
    evidence = f"the copy was proved {length(age_s)} ago"
    return Check(name, verdict, evidence, "Look at the mirror's log" if verdict != CheckVerdict.OK else "", min(proved))


def standby_works(situation: Situation) -> Check:
    """Nothing on the standby reports an error."""
    return _works("standby works", situation, situation.target)


def primary_works(situation: Situation) -> Check:
    """The primary is heard, and nothing on it reports an error."""
    name, status = PRIMARY_WORKS, situation.host(situation.primary)
    if situation.primary is None:
        return Check(name, CheckVerdict.WARN, "there is no primary")
    if status.age_s is None:
        return Check(name, CheckVerdict.LOSS, f"{situation.primary} does not answer: {status.trouble}")
    if not status.live:
        heard = f"{situation.primary} was last heard {length(status.age_s)} ago"
        return Check(name, CheckVerdict.LOSS, heard, "`station failover` makes the standby primary", status.at)
    return _works(name, situation, situation.primary)


def _works(name: str, situation: Situation, host: str | None) -> Check:
    app, at = situation.on(host), situation.host(host).at
    if app is None:
        return Check(name, CheckVerdict.UNKNOWN, f"{host or 'the standby'} says nothing of {situation.app}")
    if app.waits_for:
        return Check(name, CheckVerdict.WARN, f"{situation.app} on {host} {app.waits_for}", "`station deploy`", at)
    for unit in app.wanted_units:
        if unit.state == "failed" or (unit.state == "running" and unit.healthy is False):
            what = "is not healthy" if unit.state == "running" else "has failed"
            return Check(
                name,
                CheckVerdict.WARN,
                f"{unit.name} on {host} {what}",
                f"Look at its log on {host}: `journalctl -u {situation.app}-{unit.name}`, in a folder host var/log",
                at,
            )
    for database in app.databases.values():
        if database.error:
            return Check(name, CheckVerdict.WARN, f"{database.name} on {host}: {_clause(database.error)}", at=at)
    units = ", ".join(unit.name for unit in app.wanted_units) or "nothing"
    return Check(name, CheckVerdict.OK, f"{units} on {host}, without an error", at=at)


def _clause(message: str) -> str:
    """An error's message in the middle of a sentence."""
    return message[:1].lower() + message[1:]


def stores(situation: Situation) -> Check:
    """Every store has a recent copy: none reports an error or lacks a point for longer than 60 s, or three periods.

    It never blocks: a switch needs the first store alone.
    """
    name, others = "stores", [each for each in store_stands(situation) if not each.first]
    if not others or not situation.databases:
        return Check(name, CheckVerdict.OK, "there is no second store to look after")
    primary = situation.host(situation.primary)
    if not primary.live:
        silent = f"nobody brings {', '.join(each.store for each in others)} up to date"
        return Check(name, CheckVerdict.LOSS, f"{silent} while {situation.primary or 'the primary'} is silent")
    failing = [each for each in others if not each.well]
    if not failing:
        waiting = [each.store for each in others if each.awaited]
        ages = [f"{each.store} {_newest(each, situation)}" for each in others if not each.awaited]
        told = [f"newest points: {', '.join(ages)}"] if ages else []
        told += [f"{', '.join(waiting)}: waits for the first report of {situation.primary}"] if waiting else []
        return Check(name, CheckVerdict.OK, "; ".join(told), at=primary.at)
    evidence = "; ".join(store_trouble(each, situation.now) for each in failing)
    remedy = f"Try it: `station db test {situation.app} --store {failing[0].store}`"
    return Check(name, CheckVerdict.WARN, evidence, remedy, primary.at)


def _newest(stand: StoreStand, situation: Situation) -> str:
    return f"{length(situation.age_s(stand.taken_at))} ago" if stand.taken_at else "none"


def room(situation: Situation) -> Check:
    """The standby's disk has room for two more copies and 1 GB; blocks. The primary's has 200 MB left, else care."""
    name, status = "room", situation.host(situation.target)
    free = status.machine.disk_free_bytes
    if free is None or not status.live:
        return Check(name, CheckVerdict.UNKNOWN, f"nobody knows the free space of {situation.target or 'the standby'}")
    sizes = [source.bytes or 0 for host in situation.statuses.values() for source in _databases(host, situation.app)]
    wanted = 2 * max(sizes, default=0) + SPARE_BYTES
    evidence = f"{size(free)} free on {situation.target}, {size(wanted)} wanted"
    if free < wanted:
        return Check(name, CheckVerdict.BLOCK, evidence, f"Make room on {situation.target}", status.at)
    primary = situation.host(situation.primary)
    left = primary.machine.disk_free_bytes
    if primary.live and left is not None and left < LITTLE_BYTES:
        little = f"only {size(left)} free on {situation.primary}"
        return Check(name, CheckVerdict.WARN, little, f"Make room on {situation.primary}, or fail over", primary.at)
    return Check(name, CheckVerdict.OK, evidence, at=status.at)


def _databases(host: HostStatus, app: str) -> tuple[DatabaseStatus, ...]:
    return tuple(host.apps[app].databases.values()) if app in host.apps else ()


def clock(situation: Situation) -> Check:
    """Every host's clock agrees with ours within 2 s; beyond 10 s no age can be trusted: UNKNOWN."""
    name = "clock"
    skews = {h: abs(s.skew_s) for h, s in situation.statuses.items() if s.live and s.skew_s is not None}
    if not skews:
        return Check(name, CheckVerdict.UNKNOWN, "no host answers, so no clock can be compared")
    host, skew_s = max(skews.items(), key=lambda each: each[1])
    if skew_s <= SKEW_WARN_S:
        return Check(name, CheckVerdict.OK, f"the clocks agree within {length(skew_s)}")
    verdict = CheckVerdict.WARN if skew_s <= SKEW_UNKNOWN_S else CheckVerdict.UNKNOWN
    return Check(name, verdict, f"the clock of {host} is {length(skew_s)} off", f"Set the clock of {host}")


def release(situation: Situation) -> Check:
    """Both hosts run the same code: hosts that are folders share one installation."""
    return Check("release", CheckVerdict.OK, "all hosts run from the same installation")


CHECKS = (
    one_primary,
    nothing_under_way,
    lease,
    standby_answers,
    copy,
    proof,
    standby_works,
    primary_works,
    stores,
    room,
    clock,
    release,
)
"""Every check, in the order in which a person would want to hear of a failed one."""


def all_checks(situation: Situation) -> tuple[Check, ...]:
    """The answers to all of them, in that order."""
    return tuple(check(situation) for check in CHECKS)
