"""`station job APP copy|drill`: one job that was due at a set time; an agent runs it."""

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import click

from station.cli.asking import complete_app, complete_host, store_of
from station.cli.console import say
from station.cli.copies import ended_by_sigterm, source_of, upload_copy
from station.cli.drilling import rehearse
from station.cli.session import Session, pass_session
from station.clock import from_text
from station.errors import DamagedObject, StationError
from station.watch.wording import size

if TYPE_CHECKING:
    from datetime import datetime

    from station.fleet import App

NICENESS = 10


@click.command(help="Do one job of an app that was due at a set time.")
@click.argument("app_name", metavar="APP", shell_complete=complete_app)
@click.argument("name", metavar="JOB", type=click.Choice(["copy", "drill"]))
@click.option("--host", "host_name", required=True, metavar="HOST", shell_complete=complete_host, help="Where.")
@click.option("--due", "due_text", required=True, metavar="TIME", help="When it was due; done after that is done.")
@pass_session
def job(session: Session, app_name: str, name: Literal["copy", "drill"], host_name: str, due_text: str) -> None:
    from station.cluster.jobs import report  # noqa: PLC0415
    from station.cluster.live import require_holder  # noqa: PLC0415

    app, host, due = session.app(app_name), session.host(host_name), from_text(due_text)
    state = host.paths.state(app.name)
    _be_polite()
    told: list[str] = []
    do = _copy if name == "copy" else _drill
    try:
        with ended_by_sigterm():
            for database in app.databases:
                require_holder(app, source_of(session, app, database), host)
                told.append(do(session, app, database, due))
    except StationError as why:
        report(state, name, why.message)
        raise
    report(state, name, "; ".join(told))
    say("; ".join(told))


def _copy(session: Session, app: "App", database: str, due: "datetime") -> str:
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.portable import known_copy  # noqa: PLC0415

    there = known_copy(store_of(session, app), DatabaseId(app.name, database))
    if there is not None and there.taken_at >= due:
        return f"{app.name}/{database} was copied already"
    stored = upload_copy(session, app, database)
    how = "has not changed since the last copy" if stored.sent == "nothing" else f"copied: {size(stored.bytes)}"
    return f"{app.name}/{database} {how}, took {stored.took_s:.1f} s"


def _drill(session: Session, app: "App", database: str, due: "datetime") -> str:
    from station.points.drill import last_passed_at  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415

    last = last_passed_at(store_of(session, app), DatabaseId(app.name, database))
    if last is not None and last >= due:
        return f"the drill of {app.name}/{database} was done already"
    found = rehearse(session, app, database)
    if not found.passed:
        raise DamagedObject(f"the point {found.point} restores, and SQLite finds fault with it: {found.fault}")
    return f"drill of {app.name}/{database} passed: {size(found.bytes)} back in {found.took_s:.1f} s"


def _be_polite() -> None:
    """Leave processor and disk to the app, which serves at the same time."""
    import psutil  # noqa: PLC0415

    with suppress(OSError, psutil.Error):
        os.nice(NICENESS)
        psutil.Process().ionice(psutil.IOPRIO_CLASS_BE, 7)
