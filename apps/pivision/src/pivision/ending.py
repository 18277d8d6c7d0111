"""How a command ends: an operator's problem as a sentence with a hint, and an exit code; a bug with its traceback."""

import sqlite3
import sys

import click

from pivision.errors import PiVisionError
from station_kit.errors import KitError


def run(command: click.Command) -> None:
    """Do what the command line says. Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 130 interrupted."""
    try:
        command(standalone_mode=False)
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
