"""The command `pivision`: each part adds its own commands; errors are shown as sentences."""

import sqlite3
import sys

import click

from pivision.devices.commands import devices
from pivision.errors import PiVisionError
from pivision.pictures.commands import fsck, retention
from pivision.replay.commands import replay_command
from pivision.serving import serve_appliance
from pivision.telling.commands import subscribers
from pivision.upkeep.commands import doctor, export_events
from pivision.users_commands import users
from pivision.worker.commands import work
from station_kit.errors import KitError


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    try:
        pivision(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except KitError as error:
        click.echo(f"error: {error.message}", err=True)
        if error.hint:
            click.echo(f"\n  hint: {error.hint}", err=True)
        sys.exit(error.exit_code if isinstance(error, PiVisionError) else 1)
    except (sqlite3.OperationalError, OSError) as why:  # a full disk, a locked file: no bug of ours
        click.echo(f"error: Not done: {why}", err=True)
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pivision")
def pivision() -> None:
    """A camera appliance that notices. DATABASE_PATH names its database, DATA_PATH the folder of its pictures."""


_COMMANDS = (
    serve_appliance, work, doctor, devices, users, subscribers, replay_command, export_events, fsck, retention,
)  # fmt: skip
for command in _COMMANDS:
    pivision.add_command(command)


if __name__ == "__main__":
    main()
