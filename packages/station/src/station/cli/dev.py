"""`station dev`: a developer's own instance of an app, with a database of its own."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, ask, yes_option
from station.cli.console import json_option, say, show
from station.cli.here import this_host
from station.cli.newest import fresh_mirror
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import NoSuchPoint, Refused

if TYPE_CHECKING:
    from station.fleet import App, Dev, Host
    from station.hosts.dev.copying import Bring, Brought, Copied
    from station.points.point import Point


@dataclass(frozen=True)
class DevStatus:
    """How the instance is. `database`: its file; `origin`: what that is a copy of, null when it is none or unknown."""

    app: str
    user: str
    unit: str
    active: str
    since: str
    port: int
    folder: Path
    database: Path
    bytes: int
    origin: dict[str, object] | None


@click.group()
def dev() -> None:
    """A developer's own instance of an app, with a database of its own.

    Run it on the machine, as that developer or as root.
    """


def _instance(session: Session, app_name: str | None, verb: str) -> "tuple[App, Host, Dev]":
    from station.hosts.dev.instance import dev_of, require_developer  # noqa: PLC0415

    app = session.app(app_name)
    host = this_host(session, None, verb, force=False)
    its = dev_of(app, host)
    require_developer(its, verb)
    return app, host, its


@dev.command()
@app_argument
@pass_session
def setup(session: Session, app_name: str | None) -> None:
    """Say what is to be done once, as commands to run."""
    from station.hosts.dev.checkout import steps  # noqa: PLC0415

    app, _, its = _instance(session, app_name, "setup")
    for step in steps(app, its):
        click.echo(f"# {step.what}{': there' if step.is_done else ''}\n{'# ' if step.is_done else ''}{step.command}")


@dev.command()
@app_argument
@pass_session
def start(session: Session, app_name: str | None) -> None:
    """Start the instance. It starts with the machine too, without a login."""
    from station.hosts.dev.instance import order  # noqa: PLC0415

    app, _, its = _instance(session, app_name, "start")
    order(its, "reset-failed")
    order(its, "start")
    click.echo(f"{its.service} runs; it listens on http://{app.bind}:{its.port} as soon as the app does")


@dev.command()
@app_argument
@pass_session
def stop(session: Session, app_name: str | None) -> None:
    """Stop the instance, until it is started or the machine is."""
    from station.hosts.dev.instance import order  # noqa: PLC0415

    _, _, its = _instance(session, app_name, "stop")
    order(its, "stop")
    click.echo(f"{its.service} does not run")


@dev.command()
@app_argument
@json_option
@pass_session
def status(session: Session, app_name: str | None, as_json: bool) -> None:
    """Show whether the instance runs, and what its database is a copy of."""
    from station.hosts.dev.instance import origin_of, state  # noqa: PLC0415
    from station.hosts.dev.places import database_file  # noqa: PLC0415

    app, _, its = _instance(session, app_name, "status")
    unit, first = state(its), next(iter(app.databases))
    file = database_file(app, its, first)
    size_bytes = file.stat().st_size if file.exists() else 0
    origin = origin_of(app, its, first)
    told = DevStatus(
        app.name, its.user, its.service, unit.active, unit.since, its.port, its.folder, file, size_bytes, origin
    )
    show(told, _status_text, as_json)


def _status_text(told: DevStatus) -> str:
    from station.watch.wording import size  # noqa: PLC0415

    lines = [f"{told.unit} is {told.active}, port {told.port}", f"checkout {told.folder}"]
    if not told.bytes:
        return "\n".join([*lines, f"no database yet: station dev copy {told.app}"])
    masked = told.origin.get("masked") if told.origin else None
    kind = f"{len(masked)} columns made up" if isinstance(masked, list) and masked else "with its real values"
    copied = f"a copy of {told.origin['taken_at']}, {kind}" if told.origin else "no copy of production"
    return "\n".join([*lines, f"database {told.database}, {size(told.bytes)}: {copied}"])


@dev.command()
@app_argument
@click.option("--lines", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes.")
@pass_session
def logs(session: Session, app_name: str | None, lines: int, follow: bool) -> None:
    """Show what the instance printed."""
    _, _, its = _instance(session, app_name, "logs")
    words = ["journalctl", "--no-pager", f"--identifier={its.service}", f"--lines={lines}"]
    ended = subprocess.run([*words, *(["--follow"] if follow else [])], check=False)
    if ended.returncode != 0:
        raise Refused(f"The log of {its.service} cannot be read by this user", "Try it with sudo")


@dev.command()
@app_argument
@yes_option
@pass_session
def reset(session: Session, app_name: str | None, yes: bool) -> None:
    """Throw the instance's database away: it starts with none."""
    from station.hosts.dev.asdeveloper import take_away  # noqa: PLC0415
    from station.hosts.dev.instance import stopped  # noqa: PLC0415
    from station.hosts.dev.places import database_file, origin_file  # noqa: PLC0415

    app, _, its = _instance(session, app_name, "reset")
    files = [database_file(app, its, name) for name in app.databases]
    ask(f"Throw {', '.join(map(str, files))} away?", yes=yes)
    with stopped(its):
        take_away([*files, *(origin_file(app, its, name) for name in app.databases)], its.user)
    click.echo(f"{its.service} has no database any more")


@dev.command()
@app_argument
@click.option("--database", "database_name", metavar="NAME", help="Only this one of the app's databases.")
@click.option("--masked", "kind", flag_value="masked", help="With made-up values where app.toml says so (the default).")
@click.option("--as-it-is", "kind", flag_value="real", help="With all real values.")
@click.option("--at", "at_text", metavar="TIME", help="As of then: '10m ago', '09:12', ISO.  [default: the newest]")
@yes_option
@json_option
@pass_session
def copy(  # noqa: PLR0913, PLR0917 - one parameter per option
    session: Session,
    app_name: str | None,
    database_name: str | None,
    kind: str | None,
    at_text: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring a copy of production into the instance's database.

    Columns of [databases.NAME.mask] in app.toml get made-up values, the same for the same value; nobody can find the
    real ones again. Production is not asked: the copy comes from this host's mirror, or from the newest restore point.

    Only root can read production. A developer who runs this is asked by sudo, and for a masked copy needs no password.
    """
    from station.cli.moments import moment  # noqa: PLC0415
    from station.hosts.dev.copying import copy_production  # noqa: PLC0415

    app, host, its = _instance(session, app_name, "copy")
    if os.geteuid() != 0:
        _through_sudo(app, plain=not (database_name or at_text or as_json) and kind != "real")
    names = [database_name] if database_name else list(app.databases)
    if database_name and database_name not in app.databases:
        raise click.UsageError(f"{app.name} has no database {database_name!r}; there is {', '.join(app.databases)}.")
    masked = _is_masked(app, names, kind, yes=yes)
    bring = _bringing(session, app, host, moment(at_text, utc_now().astimezone()) if at_text else None)
    began_s = time.monotonic()
    done = copy_production(app, host, names, bring, masked=masked)
    took_s = time.monotonic() - began_s
    show(done, lambda them: "\n".join(_copied_text(each, its.user, took_s) for each in them), as_json)


def _through_sudo(app: "App", *, plain: bool) -> None:
    """Go on as root. The plain command is exactly what the rule in /etc/sudoers.d allows."""
    from station.hosts.dev.places import copy_command  # noqa: PLC0415

    sudo = shutil.which("sudo")
    if sudo is None:
        raise Refused("Only root can copy production, and there is no sudo", "Sign in as root")
    allowed = copy_command(app.name)
    words = allowed if plain else (*allowed[:4], *sys.argv[sys.argv.index("copy") :])
    say(f"as root: {' '.join(words)}")
    sys.stderr.flush()
    os.execv(sudo, ["sudo", *words])


def _is_masked(app: "App", names: list[str], kind: str | None, *, yes: bool) -> bool:
    """Whether values are made up where there is a mask. Refused, or asked, where all would be real."""
    bare = [name for name in names if not app.databases[name].mask]
    if kind == "masked" and bare:
        raise Refused(
            f"Not copied: {app.name} names no column to mask in [databases.{bare[0]}.mask] of its app.toml",
            "Name them (docs/developing.md), or say --as-it-is",
        )
    if kind == "real" or bare:
        real = names if kind == "real" else bare
        ask(f"Copy {app.name}/{', '.join(real)} with all its real values, for a developer to read?", yes=yes)
    return kind != "real"


def _bringing(session: Session, app: "App", host: "Host", at: datetime | None) -> "Bring":
    """From this host's mirror, or from the app's first store."""
    from station.hosts.dev.copying import Brought  # noqa: PLC0415
    from station.points.catalog import list_points, point_at  # noqa: PLC0415
    from station.points.mirrorcopy import copy_mirror  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.restore import restore  # noqa: PLC0415

    state = host.paths.state(app.name)

    def bring(name: str, target: Path) -> "Brought":
        mirrored = fresh_mirror(state, name, utc_now()) if at is None else None
        if mirrored is not None:
            _require_room(target, mirrored)
            point = copy_mirror(state / "mirror", name, target)
            if point is not None:
                return Brought(point, "mirror")
        store = session.store(app.stores[0], state)
        points = list_points(store, DatabaseId(app.name, name))
        if not points:
            raise NoSuchPoint(f"{app.name}/{name} not copied: there is no restore point yet", "station status")
        chosen = point_at(points, at) if at else points[-1]
        _require_room(target, chosen)
        say(f"restoring {chosen.name} from {store.name}")
        restore(store, chosen, target)
        return Brought(chosen, store.name)

    return bring


def _require_room(target: Path, point: "Point") -> None:
    """The real copy, the masked one, and the developer's."""
    from station.points.room import require_room  # noqa: PLC0415

    require_room(target.parent, 3 * point.page_count * point.page_size, f"A developer's copy of {point.name}")


def _copied_text(done: "Copied", user: str, took_s: float) -> str:
    from station.watch.wording import size  # noqa: PLC0415

    made = f"{len(done.masked)} columns of {done.rows:,} rows made up" if done.masked else "with its real values"
    left = [
        f"{column} still names what is masked, in {count:,} texts: mask it too, if that is not for developers"
        for column, count in done.left.items()
    ]
    line = (
        f"{done.file} is {user}'s: {size(done.bytes)} of {done.point} from {done.origin}, {made}; took {took_s:.1f} s"
    )
    return "\n".join([*left, line])
