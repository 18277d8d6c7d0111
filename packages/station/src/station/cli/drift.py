"""`station drift [HOST]`: what somebody changed by hand on this machine since the last apply."""

from typing import TYPE_CHECKING

import click

from station.cli.console import json_option, show
from station.cli.here import host_argument
from station.cli.plan_text import CHANGES
from station.cli.session import Session, pass_session
from station.errors import Refused

if TYPE_CHECKING:
    from station.hosts.machine.drift import Drifted


@click.command()
@host_argument
@json_option
@pass_session
def drift(session: Session, host_name: str | None, as_json: bool) -> int:
    """Show what somebody changed by hand since the last apply.

    Run it on the machine, as root. It looks at files, modes, owners, users, groups and units, and compares them with
    what the last apply left here; `station plan` compares with what the manifest says now. Secrets are never shown.

    The exit code is 0 when nothing was changed, and 3 when something was.
    """
    from station.fleet.here import name_here  # noqa: PLC0415
    from station.hosts.machine.drift import drift as look  # noqa: PLC0415 - help does without

    known = name_here()
    if host_name and host_name != known:
        raise Refused(f"Cannot look for drift of {host_name} here: this machine is {known or 'no host of a fleet yet'}")
    found = look()
    show(found, lambda it: _text(known, it), as_json, lambda it: {"host": known, "drift": _objects(it)})
    return CHANGES if found else 0


def _objects(found: "list[Drifted]") -> list[dict[str, object]]:
    return [{"kind": one.kind, "name": one.name, "what": list(one.what), "diff": one.diff} for one in found]


def _text(host: str, found: "list[Drifted]") -> str:
    if not found:
        return f"{host} is as the last apply left it"
    lines = []
    for one in found:
        lines.append(f"{one.kind} {one.name}: {', '.join(one.what)}")
        lines += [f"    {line}".rstrip() for line in one.diff.splitlines()]
    count = f"{len(found)} things are" if len(found) > 1 else "one thing is"
    return "\n".join(
        [*lines, f"{host}: {count} not as the last apply left it; `station plan` shows what apply would mend"]
    )
