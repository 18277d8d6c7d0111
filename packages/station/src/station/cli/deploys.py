"""`station deploys [APP]`: what was deployed on this machine, when, by whom, and how it ended."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument
from station.cli.console import json_option, show
from station.cli.here import this_host
from station.cli.session import Session, pass_session
from station.watch.wording import length

if TYPE_CHECKING:
    from rich.console import RenderableType

    from station.hosts.deploying.history import Entry


@click.command()
@app_argument
@click.option("--limit", type=click.IntRange(1), metavar="N", default=20, show_default=True, help="How many.")
@json_option
@pass_session
def deploys(session: Session, app_name: str | None, limit: int, as_json: bool) -> None:
    """Show what was deployed on this machine, and how it ended.

    Who, when, from, to, how long, with what result, and why; the newest comes first. Without APP those of all apps of
    this host. `cut` is a run that was killed, or is under way.
    """
    from station.hosts.deploying.history import history  # noqa: PLC0415 - help does without

    host = this_host(session, None, "list the deploys of", force=False)
    names = (
        [session.app(app_name).name]
        if app_name
        else [a.name for a in session.fleet.apps.values() if host.name in a.hosts]
    )
    entries = [entry for name in names for entry in history(host, name)]
    entries = sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]
    listed = {"host": host.name, "deploys": entries}
    show(listed, lambda _: _table(entries, host.name), as_json)


def _table(entries: "list[Entry]", host: str) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415

    if not entries:
        return f"Nothing was deployed on {host} yet"
    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for column in ("when", "app", "what", "from", "to", "took", "result", "by", "reason"):
        table.add_column(column, justify="right" if column == "took" else "left")
    for entry in entries:
        table.add_row(
            *(_when(entry.at), entry.app, entry.kind, entry.before or "nothing", entry.to),
            *("" if entry.took_s is None else length(entry.took_s), entry.result, entry.who),
            entry.reason.splitlines()[0][:100] if entry.reason else "",
        )
    return table


def _when(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
