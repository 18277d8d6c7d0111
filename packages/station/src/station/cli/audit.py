"""`station audit`: who listens on every port of this machine, and whether the manifest allows it."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_host
from station.cli.console import json_option, show
from station.cli.session import Session, pass_session
from station.clock import to_text, utc_now
from station.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.fleet import Host
    from station.hosts.listening.allowed import Judged

NOT_ALL_ALLOWED = 3


@click.command()
@click.argument("host_name", metavar="[HOST]", required=False, shell_complete=complete_host)
@json_option
@pass_session
@click.pass_context
def audit(ctx: click.Context, session: Session, host_name: str | None, as_json: bool) -> None:
    """Show who listens on every port of this machine, and whether the manifest allows it.

    Run it on that machine, as root; anybody else is told what could not be seen. First come conflicts (somebody holds a
    port that the manifest gives to another), then strangers, then ours, then what belongs to the system.

    The exit code is 0 when everything is allowed, and 3 when something is not.
    """
    from station.hosts.listening import allowed, listeners  # noqa: PLC0415

    host = session.here(host_name)
    if not host.address:
        raise Refused(
            f"{host.name} has no ports of its own: it is the folder {host.folder}, not a machine",
            "`station up` names whoever holds a port that it needs",
        )
    found = listeners.look()
    judged = allowed.judge(found.listeners, session.fleet, host)
    show(judged, lambda many: _text(host, many, found.unseen), as_json, lambda many: _summary(host, many, found.unseen))
    bad = (allowed.Standing.CONFLICT, allowed.Standing.STRANGER)
    ctx.exit(NOT_ALL_ALLOWED if any(each.standing in bad for each in judged) else 0)


def _summary(host: "Host", judged: "Sequence[Judged]", unseen: int) -> dict[str, object]:
    def said(each: "Judged") -> dict[str, object]:
        one = each.listener
        return {
            **{"standing": each.standing.value, "why": each.why, "retired": each.ends},
            **{"protocol": one.protocol, "address": one.address, "port": one.port, "reach": one.reach.value},
            **{"user": one.owner, "pid": one.pid, "program": one.program, "unit": one.unit, "unit_of": one.manager},
            **{"socket_unit": one.socket_unit, "since": to_text(one.since) if one.since else None},
        }

    return {"host": host.name, "unseen": unseen, "listeners": [said(each) for each in judged]}


def _text(host: "Host", judged: "Sequence[Judged]", unseen: int) -> str:
    now = utc_now()
    rows = [_row(each, now) for each in judged]
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
    lines = [f"{line}  {row[4]}" for line, row in zip(lines, rows, strict=True)]
    if unseen:
        lines.append(f"{unseen} processes of other users were not looked into: run it as root to see all")
    odd = [each for each in judged if each.standing.value in ("conflict", "stranger")]
    conflicts = sum(each.standing.value == "conflict" for each in odd)
    told = f"{conflicts} in conflict with the manifest, {len(odd) - conflicts} strangers" if odd else "all are allowed"
    return "\n".join([*lines, f"{host.name} listens on {len(judged)} ports: {told}"])


def _row(each: "Judged", now: datetime) -> tuple[str, str, str, str, str]:
    from station.watch.wording import length  # noqa: PLC0415

    one = each.listener
    since = f"for {length((now - one.since).total_seconds())}" if one.since else ""
    return each.standing.value, one.place, str(one), since, each.why
