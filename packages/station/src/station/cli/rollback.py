"""`station rollback APP`: make an earlier release serve again."""

import click

from station.cli.asking import app_argument, yes_option
from station.cli.console import json_option, show
from station.cli.here import this_host
from station.cli.session import Session, pass_session


@click.command()
@app_argument
@click.option("--to", "to", metavar="ID", default="", help="Which release.  [default: what ran before the current one]")
@click.option(
    "--with-databases",
    is_flag=True,
    help="Bring the databases back, too: what was written since is taken out of the app.",
)
@yes_option
@json_option
@pass_session
def rollback(
    session: Session, /, app_name: str | None, to: str, with_databases: bool, yes: bool, as_json: bool
) -> None:
    """Make an earlier release of an app serve again.

    It is the same switch as a deploy, with what is on the disk. Code alone goes back, and nothing is migrated: the
    databases stay as they are. With --with-databases they go back to the restore point that was taken before the
    release came that runs now. What was written since is then no longer in the app; it is kept on this host.
    """
    from station.cli.deploying import around, ended, outlast_the_line  # noqa: PLC0415 - help does without
    from station.hosts.deploying.deploy import roll_back  # noqa: PLC0415
    from station.hosts.deploying.preflight import the_place  # noqa: PLC0415

    app = session.app(app_name)
    host = this_host(session, None, "roll back", force=False)
    place = the_place(session.fleet, host, app)
    outlast_the_line()
    outcome = roll_back(place, to, around(session, app, host, yes=yes), with_databases=with_databases)
    show(outcome, ended, as_json)
