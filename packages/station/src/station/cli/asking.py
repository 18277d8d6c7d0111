"""Arguments that several commands share, how the shell completes them, and asking whether to go ahead."""

import sys
from collections.abc import Iterable
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


def complete_store(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The stores of the app that stands on the line, or all of the fleet; nothing when there is no fleet to read."""
    try:
        fleet = _session(ctx).fleet
    except StationError:
        return []
    # before `--store` has its value Click leaves the other words in `args`
    words: list[str] = [ctx.params.get("app_name") or "", *ctx.args]
    app = next((fleet.apps[word] for word in words if word in fleet.apps), None)
    names = app.stores if app else tuple(fleet.stores)
    return [CompletionItem(name, help=fleet.stores[name].kind) for name in names if name.startswith(incomplete)]


def _session(ctx: click.Context) -> Session:
    asked_for = ctx.find_root().params.get("fleet_path")
    return Session(asked_for if isinstance(asked_for, Path) else None, Path.cwd())


app_argument = click.argument("app_name", metavar="[APP]", required=False, shell_complete=complete_app)
database_option = click.option(
    "--database", "database_name", help="Which database, when the app has several.", metavar="NAME"
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
store_option = click.option(
    "--store",
    "store_name",
    metavar="NAME",
    shell_complete=complete_store,
    help="Which of the app's stores.  [default: the first]",
)
one_or_all_stores = click.option(
    "--store", "store_name", metavar="NAME", shell_complete=complete_store, help="Only that one of the app's stores."
)


def one_database(app: "App", name: str | None) -> str:
    """The database of that name; without a name the app's only one. UsageError otherwise."""
    if name is None and len(app.databases) == 1:
        return next(iter(app.databases))
    if name is None or name not in app.databases:
        raise click.UsageError(f"Say which database with --database: {', '.join(sorted(app.databases))}.")
    return name


def one_store(app: "App", name: str | None) -> str:
    """The app's store of that name; without a name its first. UsageError, naming those there are."""
    return known_store(name, app.stores, app.name) if name else app.stores[0]


def stores_of(app: "App", name: str | None) -> tuple[str, ...]:
    """The app's store of that name; without a name all of them. UsageError, naming those there are."""
    return (known_store(name, app.stores, app.name),) if name else app.stores


def known_store(name: str, stores: Iterable[str], whose: str) -> str:
    """The name, if it is one of these. UsageError, naming those there are."""
    if name not in stores:
        raise click.UsageError(f"{whose} has no store {name!r}; there is {', '.join(stores)}.")
    return name


def store_of(session: Session, app: "App", host: "Host | None" = None, name: str | None = None) -> "Store":
    """The app's first store, which holds its lease, or the one of that name; opened once in a session.

    Of a host: uploads that were cut go on there.
    """
    return session.store(name or app.stores[0], host.paths.state(app.name) if host else None)


def ask(question: str, *, yes: bool) -> None:
    """Go ahead, or end. UsageError where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("This is no terminal to ask on; say --yes to go ahead.")
    click.confirm(question, abort=True, err=True)
