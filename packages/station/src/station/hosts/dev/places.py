"""Where a developer's own instance keeps what it has: all of it below his checkout. Pure."""

from pathlib import Path

from station.fleet import App, Dev

STATION = "/usr/local/bin/station"
FLEET = "/etc/station/fleet.toml"


def data_folder(dev: Dev) -> Path:
    """The folder that Git should not know of."""
    return dev.folder / ".data"


def database_file(app: App, dev: Dev, name: str) -> Path:
    """The instance's own database: the app's first is called dev.db, further ones as in production."""
    is_first = name == next(iter(app.databases))
    return data_folder(dev) / ("dev.db" if is_first else app.databases[name].file)


def secrets_folder(dev: Dev) -> Path:
    """Secrets of its own: production's are not for developers."""
    return data_folder(dev) / "credentials"


def origin_file(app: App, dev: Dev, name: str) -> Path:
    """What the database is a copy of, if it is one."""
    return database_file(app, dev, name).with_suffix(".origin.json")


def copy_command(app: str) -> tuple[str, ...]:
    """How a developer has a masked copy made: root takes no manifest but its own, and nothing from the caller."""
    return (STATION, "--fleet", FLEET, "dev", "copy", app, "--masked")
