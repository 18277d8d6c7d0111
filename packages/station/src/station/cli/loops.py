"""`station points APP --host HOST` and `station mirror APP --host HOST`: the loops that an agent keeps running."""

import click

from station.cli.asking import complete_app, complete_host, store_of
from station.cli.console import say
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.cluster.mirror_loop import mirror_loop
from station.cluster.points_loop import points_loop
from station.cluster.polite import give_way
from station.errors import LeaseLost

_app = click.argument("app_name", metavar="APP", shell_complete=complete_app)
_host = click.option("--host", "host_name", required=True, metavar="HOST", shell_complete=complete_host, help="Where.")


@click.command(help="Take restore points of an app, again and again.")
@_app
@_host
@pass_session
def points(session: Session, app_name: str, host_name: str) -> None:
    app, host = session.app(app_name), session.host(host_name)
    give_way(app.points, say)
    try:
        points_loop(app, host, [session.fleet.stores[name] for name in app.stores], utc_now)
    except LeaseLost as why:  # no failure: another host is primary now, and the agent knows it within a second
        say(why.message)


@click.command(help="Keep the standby's copy of an app fresh.")
@_app
@_host
@pass_session
def mirror(session: Session, app_name: str, host_name: str) -> None:
    app, host = session.app(app_name), session.host(host_name)
    give_way(app.points, say)
    look_every_s = session.fleet.stores[app.stores[0]].look_every_s
    mirror_loop(app, host, store_of(session, app), utc_now, look_every_s)
