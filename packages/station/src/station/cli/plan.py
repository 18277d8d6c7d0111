"""`station plan HOST`: what a machine should have, beside what it has; nothing is changed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_host
from station.cli.console import json_option, show
from station.cli.plan_text import CHANGES, change_json, change_lines, counted
from station.cli.session import Session, pass_session

if TYPE_CHECKING:
    from station.hosts.rendering.plan import Plan


@click.command()
@click.argument("host_name", metavar="[HOST]", required=False, shell_complete=complete_host)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("/"),
    help="The folder below which the machine's files are, for example a mounted SD card.",
)
@json_option
@pass_session
@click.pass_context
def plan(ctx: click.Context, session: Session, host_name: str | None, root: Path, as_json: bool) -> None:
    """Show what would change on a machine: files, users, folders, units. Changes nothing.

    Run it on that machine, as root; without HOST it is the host that the machine is. Everything that it should have
    follows from the manifest; what somebody changed by hand shows as a difference. Secrets are never shown, only a
    short hash of each.

    The exit code is 0 when there is nothing to do, and 3 when there is.
    """
    from station.hosts.machine.apply import look_at  # noqa: PLC0415 - help does without
    from station.hosts.machine.here import require_machine  # noqa: PLC0415

    host = session.here(host_name, root)
    require_machine(host, "plan")
    found = look_at(session.fleet, host, root).plan
    show(found, _text, as_json, _summary)
    ctx.exit(CHANGES if found.changes else 0)


def _summary(found: "Plan") -> dict[str, object]:
    return {"host": found.host, "changes": change_json(found.changes), "digest": found.digest}


def _text(found: "Plan") -> str:
    if not found.changes:
        return f"{found.host} has all that it should have; plan {found.digest[:12]}"
    last = f"{found.host} needs {counted(len(found.changes))}; nothing was changed; plan {found.digest[:12]}"
    return "\n".join([*change_lines(found.changes), last])
