"""Arguments that several commands share, and how the shell completes them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from station.cli.session import Session
from station.errors import StationError

if TYPE_CHECKING:
    from station.fleet import App, Host
    from station.stores.store import Store


def complete_app(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The apps of the fleet; nothing when there is no fleet to read."""
    try:
        apps = _session(ctx).fleet.apps
    except StationError:
        return []
    return [CompletionItem(name, help=app.title) for name, app in apps.items() if name.startswith(incomplete)]


def complete_host(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The hosts of the fleet; nothing when there is no fleet to read."""
    try:
        hosts = _session(ctx).fleet.hosts
    except StationError:
        return []
    return [CompletionItem(name) for name in hosts if name.startswith(incomplete)]


def _session(ctx: click.Context) -> Session:
    asked_for = ctx.find_root().params.get("fleet_path")
    return Session(asked_for if isinstance(asked_for, Path) else None, Path.cwd())


app_argument = click.argument("app_name", metavar="[APP]", required=False, shell_complete=complete_app)
database_option = click.option(
    "--database", "database_name", help="Which database, when the app has several.", metavar="NAME"
)


def one_database(app: "App", name: str | None) -> str:
    """The database of that name; without a name the app's only one. UsageError otherwise."""
    if name is None and len(app.databases) == 1:
        return next(iter(app.databases))
    if name is None or name not in app.databases:
        raise click.UsageError(f"Say which database with --database: {', '.join(sorted(app.databases))}.")
    return name


def store_of(session: Session, app: "App", host: "Host | None" = None) -> "Store":
    """The store that holds the app's points and its lease. Of a host: uploads that were cut go on there."""
    from station.stores.opening import open_store  # noqa: PLC0415

    return open_store(session.fleet.stores[app.stores[0]], host.paths.state(app.name) if host else None)
