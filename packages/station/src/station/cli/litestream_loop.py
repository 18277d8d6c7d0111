"""`station litestream APP --host HOST`: Litestream beside a primary; an agent keeps it running."""

import os

import click

from station.cli.asking import complete_app, complete_host
from station.cli.console import say
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import LeaseLost


@click.command(help="Run Litestream for an app, and watch how far its replica is.")
@click.argument("app_name", metavar="APP", shell_complete=complete_app)
@click.option("--host", "host_name", required=True, metavar="HOST", shell_complete=complete_host, help="Where.")
@pass_session
def litestream(session: Session, app_name: str, host_name: str) -> None:
    from station.cluster.litestream_loop import litestream_loop  # noqa: PLC0415
    from station.hosts.foreground import tethered  # noqa: PLC0415

    app, host = session.app(app_name), session.host(host_name)
    if app.litestream is None:
        raise click.UsageError(f"{app.name} has no table [apps.{app.name}.litestream].")
    try:
        litestream_loop(session.fleet, app, host, dict(os.environ), tethered, utc_now)
    except LeaseLost as why:  # no failure: another host is primary now, and the agent knows it within a second
        say(why.message)
