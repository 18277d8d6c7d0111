"""What a host knows of itself for an app, read from its own disk alone."""

from collections.abc import Iterator
from pathlib import Path

from station.cluster.roles import Facts, is_fresh, read_epoch
from station.fleet import App, Host

SUFFIXES = ("", "-wal", "-shm", "-journal")


def facts_of(app: App, host: Host) -> Facts:
    """Which epoch the databases in place belong to, and whether they are all there."""
    state = host.paths.state(app.name)
    files = [host.paths.database(app.name, database) for database in app.databases.values()]
    remains = any(True for file in files for _ in live_files(file))
    epoch = read_epoch(state)
    untouched = app.first_run is None and epoch is None and not remains
    return Facts(
        host=host.name,
        is_named_primary=app.primary == host.name,
        epoch=epoch,
        complete=all(file.exists() for file in files),
        remains=remains,
        fresh=untouched or is_fresh(state),
    )


def live_files(database: Path) -> Iterator[Path]:
    """Every file of a live database that is there; the database itself comes last, so that a cut move is noticed."""
    for suffix in reversed(SUFFIXES):
        if (one := database.with_name(database.name + suffix)).exists():
            yield one
