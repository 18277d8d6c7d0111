"""`station remove APP`: take an app off this machine."""

import sys
from typing import TYPE_CHECKING

import click

from station.cli.asking import ask, complete_app, yes_option
from station.cli.console import json_option, say, show
from station.cli.here import this_host
from station.cli.plan_text import CHANGES, change_json, change_lines
from station.cli.session import Session, pass_session
from station.clock import utc_now

if TYPE_CHECKING:
    from station.hosts.machine.remove import Leaving, Removed


@click.command()
@click.argument("app_name", metavar="APP", shell_complete=complete_app)
@click.option("--purge-data", "purge", is_flag=True, help="Put away its data, code and secrets too.")
@yes_option
@json_option
@pass_session
def remove(session: Session, app_name: str, purge: bool, yes: bool, as_json: bool) -> int:
    """Take an app off this machine.

    Run it on the machine, as root. Its units end, and what rendering left for it goes: units, variables, lines about
    its user and folders. Its data, code, secrets and restore points stay. An app that the manifest has no more goes by
    its remembered files; one that it still has comes back with the next apply.

    With --purge-data its folders are moved to /var/lib/station/removed, where only root can look, its virtual
    environments are deleted, and so is the user that it ran as. Nothing in a store is ever touched.
    """
    from station.hosts.machine.here import require_root  # noqa: PLC0415 - help does without
    from station.hosts.machine.remove import look_for  # noqa: PLC0415
    from station.hosts.machine.remove import remove as take_off  # noqa: PLC0415

    host = this_host(session, None, "remove from", force=False)
    require_root("remove")
    leaving = look_for(session.fleet, host, app_name)
    if not yes:
        say(_planned(leaving, purge=purge))
        _ask(app_name, purge=purge)
    removed = take_off(session.fleet, host, app_name, purge=purge, now=utc_now(), tell=lambda text: say(f"  {text}"))
    show(removed, lambda it: _text(it, comes_back=leaving.comes_back), as_json, _summary)
    return CHANGES if removed.troubles else 0


def _ask(app: str, *, purge: bool) -> None:
    if not purge or not sys.stdin.isatty():
        ask("Go ahead?", yes=False)
        return
    said = click.prompt(f"Type the app's name to put its data away ({app})", err=True)
    if said != app:
        raise click.UsageError(f"{said!r} is not {app!r}; nothing was removed.")


def _planned(leaving: "Leaving", *, purge: bool) -> str:
    fate = "goes away with it" if purge else "stays"
    return "\n".join([*change_lines(leaving.looked.plan.changes), *(f"  {path} {fate}" for path in leaving.stays)])


def _summary(removed: "Removed") -> dict[str, object]:
    return {
        "host": removed.host,
        "app": removed.app,
        "done": change_json(removed.done),
        "left": list(removed.left),
        "moved": list(removed.moved),
        "troubles": list(removed.troubles),
    }


def _text(removed: "Removed", *, comes_back: bool) -> str:
    lines = change_lines(removed.done, diffs=False)
    lines += [f"moved: {line}" for line in removed.moved]
    lines += [f"left: {path}" for path in removed.left]
    lines += [f"note: {note}" for note in removed.notes]
    lines += [f"failed: {line}" for line in removed.troubles]
    if comes_back:
        lines.append(f"note: the manifest still gives {removed.app} to {removed.host}; the next apply brings it back")
    kept = "its data were put away" if removed.moved else "its data are where they were"
    return "\n".join([*lines, f"{removed.app} is off {removed.host}; {kept}"])
