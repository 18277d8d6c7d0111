"""The picture of the fleet as text for a terminal. Pure."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from station.watch.checks import CheckVerdict
from station.watch.picture import AppPicture, Picture
from station.watch.readiness import Readiness, Verdict
from station.watch.statuses import AppStatus, DatabaseStatus, DrillSeen, HostStatus, UnitStatus
from station.watch.storestand import StoreStand, store_trouble
from station.watch.wording import clock_time, length, size

_STYLES = {
    Verdict.READY: "bold green",
    Verdict.READY_WITH_LOSS: "bold yellow",
    Verdict.DEGRADED: "bold yellow",
    Verdict.NOT_READY: "bold red",
    Verdict.UNKNOWN: "bold magenta",
}
_CHECK_STYLES = {
    CheckVerdict.OK: "green",
    CheckVerdict.LOSS: "yellow",
    CheckVerdict.WARN: "yellow",
    CheckVerdict.BLOCK: "red",
    CheckVerdict.UNKNOWN: "magenta",
}


def picture(seen: Picture) -> RenderableType:
    """Every app, then the hosts."""
    parts: list[RenderableType] = []
    for app in seen.apps:
        parts += [_app(app, seen.at), ""]
    return Group(*parts, _hosts(seen))


def readiness(found: Readiness) -> RenderableType:
    """The verdict and the table of its checks."""
    table = _table("check", "verdict", "evidence", "what to do")
    for check in found.checks:
        table.add_row(
            check.name, Text(check.verdict.value, style=_CHECK_STYLES[check.verdict]), check.evidence, check.remedy
        )
    return Group(_verdict(found), "", table)


def _verdict(found: Readiness) -> Text:
    return Text.assemble((found.verdict.value, _STYLES[found.verdict]), "  ", found.sentence)


def _app(app: AppPicture, now: datetime) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(app, now):
        facts.add_row(Text(f"  {name}", style="dim"), value)
    problems = [
        Text.assemble(
            ("  ! ", "bold red" if problem.grave else "bold yellow"), problem.text, (_hint(problem.remedy), "dim")
        )
        for problem in app.problems
    ]
    return Group(Text(app.title, style="bold"), _verdict(app.readiness), "", facts, *problems)


def _hint(remedy: str) -> str:
    return f"  ({remedy})" if remedy else ""


def _facts(app: AppPicture, now: datetime) -> list[tuple[str, str]]:
    serving = {True: "healthy", False: "NOT healthy", None: "not known"}[app.serving]
    facts = [("app", f"{serving}, {app.address}" if app.address else serving)]
    view = app.store.view
    lease = app.readiness.lease
    if lease:
        since = f" since {clock_time(lease.taken_at, now)}" if lease.taken_at else ""
        facts.append(("lease", f"{lease.holder} holds epoch {lease.epoch}{since} ({lease.reason})"))
    elif app.store.error:
        facts.append(("lease", f"not readable: {app.store.error}"))
    for name, held in app.copies.items():
        if held.point:
            age = length((now - held.point.taken_at).total_seconds())
            facts.append(
                (f"copy of {name}", f"of {clock_time(held.point.taken_at, now)}, {age} ago, {size(held.bytes or 0)}")
            )
    if view and view.points:
        last = view.points[-1]
        stored = size(view.stored_bytes)
        text = f"{len(view.points)}, {stored} stored, the last of {clock_time(last.taken_at, now)} ({last.name})"
        facts.append(("points", text))
    facts += [(f"store {stand.store}", store_line(stand, now)) for stand in app.stores if len(app.stores) > 1]
    facts += [("litestream", replica_line(each)) for each in app.databases.values() if each.litestream]
    for drill in app.drills:
        facts.append(("last drill", _drill_line(drill, now) + ("" if len(app.drills) == 1 else f" ({drill.database})")))
    return facts


def store_line(stand: StoreStand, now: datetime) -> str:
    """How old the newest point of a store is, and what is wrong with it."""
    newest = "no point"
    if stand.taken_at:
        age = length((now - stand.taken_at).total_seconds())
        newest = f"newest point of {clock_time(stand.taken_at, now)}, {age} ago"
    if stand.awaited:
        return "waits for the first report"
    return newest if stand.well else f"{newest}; NOT well: {store_trouble(stand, now)}"


def replica_line(database: DatabaseStatus) -> str:
    """How far Litestream's replica is behind."""
    replica = database.litestream
    if replica is None or replica.lag_s is None:
        return f"{database.name}: not known how far it is"
    return f"{database.name}: " + (f"{length(replica.lag_s)} behind" if replica.lag_s else "has everything")


def _drill_line(drill: DrillSeen, now: datetime) -> str:
    ago = f"{length((now - drill.at).total_seconds())} ago on {drill.host}"
    return f"{length(drill.took_s)}, {ago}" if drill.passed else f"FAILED {ago}: {drill.fault}"


def _hosts(seen: Picture) -> RenderableType:
    table = _table("host", "heard", "role", "units", "cpu", "memory", "disk free")
    for name, host in seen.hosts.items():
        roles = [_role(app, "" if len(host.apps) == 1 else of) for of, app in host.apps.items()]
        units = [_unit(unit) for app in host.apps.values() for unit in app.wanted_units]
        style = "" if host.live else "dim"
        table.add_row(name, _heard(host), "\n".join(roles), "\n".join(units), *_machine(host), style=style)
    return table


def _heard(host: HostStatus) -> str:
    if host.age_s is None:
        return host.trouble or "never"
    return f"{length(host.age_s)} ago" + ("" if host.live else ", SILENT")


def _role(app: AppStatus, of: str) -> str:
    return f"{app.role}{f' of {of}' if of else ''}{f', {app.waits_for}' if app.waits_for else ''}"


def _unit(unit: UnitStatus) -> str:
    health = {True: ", healthy", False: ", NOT healthy", None: ""}[unit.healthy]
    port = f" :{unit.port}" if unit.port else ""
    restarts = f", {unit.restarts} restarts" if unit.restarts else ""
    return f"{unit.name}{port} {unit.state}{health}{restarts}"


def _machine(host: HostStatus) -> tuple[str, str, str]:
    def percent(value: float | None) -> str:
        return "" if value is None else f"{value:.0f} %"

    machine = host.machine
    free = "" if machine.disk_free_bytes is None else size(machine.disk_free_bytes)
    return percent(machine.cpu_percent), percent(machine.memory_percent), free


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
