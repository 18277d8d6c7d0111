"""`station recover APP`: end a deploy that was cut by a kill or a power cut."""

import click

from station.cli.asking import app_argument
from station.cli.console import say
from station.cli.here import this_host
from station.cli.session import Session, pass_session
from station.clock import utc_now


@click.command()
@app_argument
@click.option("--host", "host_name", metavar="HOST", hidden=True, help="The host that this machine is.")
@pass_session
def recover(session: Session, /, app_name: str | None, host_name: str | None) -> None:
    """End a deploy that was cut, forward or back.

    Once the new release had proven itself it is made to serve; before that everything is put back, code and databases.
    The agent does this by itself when it finds one. Nothing of the app starts until it is done.
    """
    from station.hosts.switching.recovering import recover as end_it  # noqa: PLC0415 - help does without

    app = session.app(app_name)
    host = this_host(session, host_name, "recover", force=False)
    say(end_it(session.fleet, host, app.name, now=utc_now, tell=say))
