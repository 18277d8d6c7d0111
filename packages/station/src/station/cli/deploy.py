"""`station deploy APP`: bring a new release of an app to this machine and make it serve, or leave all as it was."""

from pathlib import Path
from typing import Any

import click

from station.cli.asking import app_argument, yes_option
from station.cli.console import json_option, show
from station.cli.here import this_host
from station.cli.session import Session, pass_session


@click.command()
@app_argument
@click.option("--ref", metavar="REF", default="", help="A commit, branch or tag.  [default: the source's branch]")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, exists=True),
    help="Take code and packages from a bundle, without a network.",
)
@click.option("--package", metavar="NAME==VERSION", default="", help="A published package in place of the source's.")
@click.option("--fresh", is_flag=True, help="Make the release anew, beside the one that is there.")
@click.option("--dry-run", is_flag=True, help="Fetch, and say what would be done; change nothing.")
@yes_option
@json_option
@pass_session
def deploy(session: Session, /, app_name: str | None, yes: bool, as_json: bool, **asked: Any) -> None:
    """Bring a new release of an app to this machine and make it serve.

    Run it on the machine, as root; from elsewhere `station --host NAME deploy`. Code, environment and an import check
    come first, and change nothing that runs. Then the switch: when the new release is not healthy, code and databases
    are put back, and the reason is told with the app's last log lines.

    On a standby the release is made ready, and nothing is started.
    """
    from station.cli.deploying import around, ended, outlast_the_line, say_others  # noqa: PLC0415 - help does without
    from station.hosts.deploying import deploy as deploying  # noqa: PLC0415
    from station.hosts.deploying.outcome import Asked  # noqa: PLC0415
    from station.hosts.deploying.preflight import the_place  # noqa: PLC0415

    wanted = Asked(**asked)  # each option has the type that it was declared with
    if sum(map(bool, (wanted.ref, wanted.bundle, wanted.package))) > 1:
        raise click.UsageError("--ref, --bundle and --package each say what to deploy; name one.")
    app = session.app(app_name)
    host = this_host(session, None, "deploy", force=False)
    place = the_place(session.fleet, host, app)
    outlast_the_line()
    outcome = deploying.deploy(place, wanted, around(session, app, host, yes=yes))
    say_others(outcome)
    show(outcome, ended, as_json)
