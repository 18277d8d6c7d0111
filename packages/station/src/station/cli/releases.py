"""`station releases APP`: the releases of an app on this machine."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument
from station.cli.console import json_option, show
from station.cli.here import this_host
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.watch.wording import length, size

if TYPE_CHECKING:
    from rich.console import RenderableType

    from station.fleet import Host
    from station.hosts.deploying.release import Release


@dataclass(frozen=True)
class Shown:
    """A release as it is listed. `bytes`: what its removal would free. `edited`: what of its code was changed since."""

    id: str
    current: bool
    commit: str
    source: str
    made_at: datetime
    made_by: str
    code: str
    venv: str
    bytes: int
    edited: tuple[str, ...]


@click.command()
@app_argument
@json_option
@pass_session
def releases(session: Session, app_name: str | None, as_json: bool) -> None:
    """List the releases of an app on this machine.

    The newest comes first; * marks what is current. The size is what a release has of its own: packages that several
    share count for none of them.
    """
    from station.hosts.deploying import release as known  # noqa: PLC0415 - help does without
    from station.hosts.deploying.preflight import the_place  # noqa: PLC0415

    app = session.app(app_name)
    host = this_host(session, None, "list the releases of", force=False)
    the_place(session.fleet, host, app)
    now = known.current(host, app.name)
    found = known.releases(host, app.name)
    if now is not None and all(each.id != now.id for each in found):
        found.insert(0, now)
    shown = [_shown(host, each, is_current=now is not None and each.id == now.id) for each in found]
    listed = {"app": app.name, "host": host.name, "releases": shown}
    show(listed, lambda _: _table(shown, app.name, host.name, utc_now()), as_json)


def _shown(host: "Host", release: "Release", *, is_current: bool) -> Shown:
    from station.hosts.deploying.code import edited  # noqa: PLC0415
    from station.hosts.deploying.environment import own_bytes  # noqa: PLC0415

    change = edited(host, release)
    return Shown(
        *(release.id, is_current, release.commit, release.source, release.made_at, release.made_by),
        *(str(release.code), str(release.venv), own_bytes(release.code) + own_bytes(release.venv)),
        edited=tuple(sorted((*change.changed, *change.missing, *change.added))) if change else (),
    )


def _table(shown: list[Shown], app: str, host: str, now: datetime) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415

    if not shown:
        return f"{host} has no release of {app} yet: station deploy {app}"
    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for column in ("", "release", "age", "size", "edited", "by", "from"):
        table.add_column(column, justify="right" if column in ("size", "edited") else "left")
    for each in shown:
        edited = f"{len(each.edited)} file{'s' * (len(each.edited) > 1)}" if each.edited else ""
        age = f"{length((now - each.made_at).total_seconds())}"
        table.add_row("*" if each.current else "", each.id, age, size(each.bytes), edited, each.made_by, each.source)
    return table
