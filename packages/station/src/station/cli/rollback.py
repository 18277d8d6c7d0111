"""`station rollback APP`: make an earlier release serve again."""

import click

from station.cli.asking import app_argument
from station.cli.console import json_option, show
from station.cli.here import this_host, yes_option
from station.cli.session import Session, pass_session


@click.command()
@app_argument
@click.option("--to", "to", metavar="ID", default="", help="Which release.  [default: what ran before the current one]")
@yes_option
@json_option
@pass_session
def rollback(session: Session, app_name: str | None, to: str, yes: bool, as_json: bool) -> None:
    """Make an earlier release serve again: the same switch as a deploy, with what is on the disk.

    Code alone goes back. The databases stay as they are: to bring them back to a moment would lose what was written
    after it, and `station db restore` does that into a file of its own, for a person to look at first.
    """
    from station.cli.deploying import around, ended, outlast_the_line  # noqa: PLC0415 - help does without
    from station.hosts.deploying.deploy import roll_back  # noqa: PLC0415
    from station.hosts.deploying.preflight import the_place  # noqa: PLC0415

    app = session.app(app_name)
    host = this_host(session, None, "roll back", force=False)
    place = the_place(session.fleet, host, app)
    outlast_the_line()
    show(roll_back(place, to, around(session, app, host, yes=yes)), ended, as_json)
