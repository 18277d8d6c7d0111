"""`station job APP copy|drill`: one job that was due at a set time; an agent runs it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from station.cli.asking import complete_app, complete_host, store_of
from station.cli.console import say
from station.cli.copies import ended_by_sigterm, source_of
from station.cli.drilling import rehearse
from station.cli.session import Session, pass_session
from station.clock import from_text, utc_now
from station.errors import DamagedObject, LeaseLost, StationError
from station.watch.wording import size

if TYPE_CHECKING:
    from datetime import datetime

    from station.fleet import App, Host


@dataclass(frozen=True)
class Done:
    """What was done for one database and one store; `error` is why it was not."""

    text: str
    bytes: int = 0
    error: StationError | None = None


@click.command(help="Do one job of an app that was due at a set time.")
@click.argument("app_name", metavar="APP", shell_complete=complete_app)
@click.argument("name", metavar="JOB", type=click.Choice(["copy", "drill"]))
@click.option("--host", "host_name", required=True, metavar="HOST", shell_complete=complete_host, help="Where.")
@click.option("--due", "due_text", required=True, metavar="TIME", help="When it was due; done after that is done.")
@pass_session
def job(session: Session, app_name: str, name: Literal["copy", "drill"], host_name: str, due_text: str) -> None:
    from station.cluster.jobs import report  # noqa: PLC0415
    from station.cluster.polite import give_way  # noqa: PLC0415
    from station.points.holding import locked  # noqa: PLC0415

    app, host, due = session.app(app_name), session.host(host_name), from_text(due_text)
    state = host.paths.state(app.name)
    give_way(app.points, say)
    do = _copies if name == "copy" else _drills
    try:
        with (
            ended_by_sigterm(),
            locked(state / f"job-{name}.lock", f"The job {name} of {app.name}", host.name),
        ):
            told = list(do(session, app, host, due))
        _raise_failures(app, name, told)
    except StationError as why:
        report(state, name, why.message, to_do=why.hint)
        raise
    text = "; ".join(each.text for each in told)
    report(state, name, text, stored_bytes=sum(each.bytes for each in told))
    say(text)


def _copies(session: Session, app: "App", host: "Host", due: "datetime") -> Iterator[Done]:
    """The portable copy of every database to every store that the job is for, one after another."""
    wanted = (app.copy.stores if app.copy else ()) or app.stores
    for database in app.databases:
        for store in wanted:
            where = f"{app.name}/{database}" + (f" to {store}" if len(wanted) > 1 else "")
            try:
                yield _copy(session, app, (database, store), (host, due), where)
            except LeaseLost:
                raise
            except StationError as why:
                yield Done(f"{where}: {why.message}", error=why)


def _copy(session: Session, app: "App", target: tuple[str, str], moment: "tuple[Host, datetime]", where: str) -> Done:
    from station.cluster.lease import Lease  # noqa: PLC0415
    from station.cluster.live import require_holder, standing  # noqa: PLC0415
    from station.points.copying import copier  # noqa: PLC0415
    from station.points.portable import known_copy  # noqa: PLC0415

    (database, name), (host, due) = target, moment
    source = source_of(session, app, database)
    require_holder(app, source, host)
    store = session.store(name, host.paths.state(app.name))
    there = known_copy(store, source.identity)
    if there is not None and there.taken_at >= due:
        return Done(f"{where} was copied already")
    lease = Lease(store_of(session, app, host), app.name)
    with copier(source, store, lambda: lease.require(source.epoch), utc_now) as made:
        there = known_copy(store, source.identity)
        known = standing(app, source, host, there.digest, utc_now) if there else None
        stored = made.upload(known)
    if stored.sent == "nothing":
        return Done(f"{where} has not changed since the last copy")
    return Done(f"{where} copied: {size(stored.copy.bytes)}", stored.copy.bytes)


def _drills(session: Session, app: "App", host: "Host", due: "datetime") -> Iterator[Done]:
    for database in app.databases:
        try:
            yield _drill(session, app, database, (host, due))
        except LeaseLost:
            raise
        except StationError as why:
            yield Done(f"{app.name}/{database}: {why.message}", error=why)


def _drill(session: Session, app: "App", database: str, moment: "tuple[Host, datetime]") -> Done:
    from station.cluster.live import require_holder  # noqa: PLC0415
    from station.points.drill import last_passed_at  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415

    host, due = moment
    require_holder(app, source_of(session, app, database), host)
    last = last_passed_at(store_of(session, app), DatabaseId(app.name, database))
    if last is not None and last >= due:
        return Done(f"the drill of {app.name}/{database} was done already")
    found = rehearse(session, app, database)
    if not found.passed:
        raise DamagedObject(f"the point {found.point} restores, and SQLite finds fault with it: {found.fault}")
    return Done(f"drill of {app.name}/{database} passed: {size(found.bytes)} back in {found.took_s:.1f} s", found.bytes)


def _raise_failures(app: "App", name: str, told: Iterable[Done]) -> None:
    """StationError with all that failed, and what was done beside it; a single thing that failed alone is raised."""
    all_told = list(told)
    failed = [each for each in all_told if each.error is not None]
    if not failed:
        return
    first = failed[0].error
    if first is not None and len(all_told) == 1:
        raise first
    done = [each.text for each in all_told if each.error is None]
    beside = f" (done: {'; '.join(done)})" if done else ""
    hint = "; ".join(dict.fromkeys(each.error.hint for each in failed if each.error and each.error.hint))
    raise StationError(
        f"The job {name} of {app.name} failed for {len(failed)} of {len(all_told)}: "
        f"{'; '.join(each.text for each in failed)}{beside}",
        hint,
    )
