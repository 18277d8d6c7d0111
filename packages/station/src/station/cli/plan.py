"""`station plan HOST`: what a machine should have, beside what it has; nothing is changed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_host
from station.cli.console import json_option, show
from station.cli.session import Session, pass_session
from station.errors import Refused

if TYPE_CHECKING:
    from station.hosts.rendering.plan import Change, Plan

CHANGES = 3  # as `diff` and others have an exit code for "there are differences"
_SIGNS = {"add": "+", "change": "~", "remove": "-", "enable": "+", "disable": "-", "retire": "-"}


@click.command()
@click.argument("host_name", metavar="HOST", shell_complete=complete_host)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("/"),
    help="The folder below which the machine's files are, for example a mounted SD card.",
)
@json_option
@pass_session
@click.pass_context
def plan(ctx: click.Context, session: Session, host_name: str, root: Path, as_json: bool) -> None:
    """Show what would change on a machine: files, users, folders, units. Changes nothing.

    Run it on that machine, as root. Everything that it should have follows from the manifest; what somebody changed by
    hand shows as a difference. Secrets are never shown, only a short hash of each.

    The exit code is 0 when there is nothing to do, and 3 when there is.
    """
    from station.hosts.rendering import render  # noqa: PLC0415
    from station.hosts.rendering.found import look  # noqa: PLC0415
    from station.hosts.rendering.plan import plan as compare  # noqa: PLC0415

    host = session.host(host_name)
    if not host.address:
        raise Refused(
            f"There is no plan for {host.name}: it is the folder {host.folder}, not a machine",
            "`station up` runs folder hosts; give the host an address to make it a machine",
        )
    wanted = render(session.fleet, host)
    found = compare(host.name, wanted, look(wanted, root))
    show(found, _text, as_json, _summary)
    ctx.exit(CHANGES if found.changes else 0)


def _summary(found: "Plan") -> dict[str, object]:
    changes = [
        {"kind": one.kind, "name": one.name, "action": one.action, "detail": list(one.detail), "diff": one.diff}
        for one in found.changes
    ]
    return {"host": found.host, "changes": changes, "digest": found.digest}


def _text(found: "Plan") -> str:
    if not found.changes:
        return f"{found.host} has all that it should have; plan {found.digest[:12]}"
    lines = [line for change in found.changes for line in _lines(change)]
    count = f"{len(found.changes)} changes" if len(found.changes) > 1 else "a change"
    return "\n".join([*lines, f"{found.host} needs {count}; nothing was changed; plan {found.digest[:12]}"])


def _lines(change: "Change") -> list[str]:
    told = f": {', '.join(change.detail)}" if change.detail else ""
    verb = f" {change.action}" if change.action in ("enable", "disable", "retire") else ""
    diff = [f"    {line}".rstrip() for line in change.diff.splitlines()]
    return [f"{_SIGNS[change.action]} {change.kind} {change.name}{verb}{told}", *diff]
