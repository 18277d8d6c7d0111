"""`station status`: the verdict, and what every host does. Works when nothing runs, with what is left to see."""

import os
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, store_of
from station.cli.console import json_option, show
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import NotRunning, StationError

if TYPE_CHECKING:
    from station.watch.picture import Picture

STORE_WAIT_S = 5.0


@click.command()
@app_argument
@click.option("--readiness", "readiness_only", is_flag=True, help="Only the verdict; the exit code tells it.")
@json_option
@pass_session
@click.pass_context
def status(ctx: click.Context, session: Session, app_name: str | None, readiness_only: bool, as_json: bool) -> None:
    """Say whether you are safe, and what every host does.

    With --readiness the exit code is the verdict: 0 READY, 1 READY_WITH_LOSS or DEGRADED, 2 NOT_READY, 3 UNKNOWN.
    Without it: 0 when a host answers, 11 when none does (what was last known is shown all the same).
    """
    from station.cli import status_text  # noqa: PLC0415
    from station.watch.readiness import EXIT_CODES  # noqa: PLC0415
    from station.watch.summary import readiness_summary, summary  # noqa: PLC0415

    _require_sight(session)
    if readiness_only:
        name = session.app(app_name).name
        verdict = next(app.readiness for app in _picture(session, name).apps if app.name == name)
        show(verdict, status_text.readiness, as_json, readiness_summary)
        ctx.exit(EXIT_CODES[verdict.verdict])
    picture = _picture(session, session.app(app_name).name if app_name else None)
    show(picture, status_text.picture, as_json, summary)
    if not picture.anyone_answers:
        raise NotRunning(
            f"No host of {picture.fleet} answers; what is shown is the last known",
            next(iter(session.fleet.hosts.values())).paths.start_hint,
        )


def _require_sight(session: Session) -> None:
    """StationError on a machine for whoever may not read what its agent says: the answer would be that all is dead."""
    here, page = session.machine_here(), session.fleet.control
    if here is not None and not os.access(here.paths.run, os.X_OK):
        raise StationError(
            f"Cannot look at {here.name}: what its agent says is for root and the page alone",
            f"`sudo station status`, or the page: port {page.port} of {page.host}",
        )


def _picture(session: Session, only: str | None) -> "Picture":
    """The fleet as it is now, with one app or all of them."""
    from dataclasses import replace  # noqa: PLC0415

    from station.watch.picture import take_picture  # noqa: PLC0415
    from station.watch.storelog import StoreLog, look_within  # noqa: PLC0415

    fleet = session.fleet
    apps = {name: app for name, app in fleet.apps.items() if only in (None, name)}
    stores = {
        name: look_within(StoreLog(store_of(session, app), name, tuple(app.databases)), STORE_WAIT_S)
        for name, app in apps.items()
    }
    return take_picture(replace(fleet, apps=apps), stores, utc_now().astimezone())
