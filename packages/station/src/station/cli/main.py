"""The command `station`: finds the subcommand, runs it, and turns an operator's error into text and an exit code.

Starting must be quick on a small machine: a subcommand's module is imported when that subcommand runs, never before.
"""

import errno
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from station.cli.commands import COMMANDS, GROUPS, SHOWN
from station.cli.console import ANSWERED, error_json
from station.cli.session import FLEET_ENV, Session
from station.errors import StationError, exit_codes

DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


class LazyGroup(click.Group):
    """A group whose subcommands are named in `COMMANDS` and imported one at a time."""

    def invoke(self, ctx: click.Context) -> object:
        if not ctx.params.get("on_host"):
            return super().invoke(ctx)
        from station.cli.remote import run_on  # noqa: PLC0415

        session = Session(ctx.params.get("fleet_path"), Path.cwd())
        return run_on(session, ctx.params["on_host"], [*ctx._protected_args, *ctx.args])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, SHOWN))
        for heading, group in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), entry.help) for name, entry in group.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in exit_codes()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = [CompletionItem(name, help=entry.help) for name, entry in SHOWN.items() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--fleet",
    "fleet_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar=FLEET_ENV,
    help=f"The fleet's manifest.  [default: ${FLEET_ENV}, ./fleet.toml, /etc/station/fleet.toml]",
)
@click.option(
    "--host", "on_host", metavar="[USER@]NAME", help="Run the command on that host, over ssh, with its own manifest."
)
@click.version_option(package_name="station", message="station %(version)s")
@click.pass_context
def station(ctx: click.Context, fleet_path: Path | None, on_host: str | None) -> None:
    """Runs SQLite-backed Python apps on a pair of hosts: copies every few seconds, a standby that is ready, and one
    page that says whether you are safe."""
    ctx.meta[ANSWERED] = ctx.obj if isinstance(ctx.obj, list) else []
    ctx.obj = Session(fleet_path, Path.cwd())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. What an operator can mend is printed, a bug is raised.

    With `--json` there is one object on stdout in any case: where a command failed without a result, what failed.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    answered: list[bool] = []
    try:
        code = station.main(words, prog_name="station", standalone_mode=False, obj=answered)
    except click.Abort:  # Click's name for Ctrl-C and for the end of the input
        click.echo("interrupted", err=True)
        failure = StationError("interrupted")
        exit_code = 130
    except click.ClickException as wrong:
        wrong.show()
        failure, exit_code = StationError(wrong.format_message(), "Add --help to see how it is used"), wrong.exit_code
    except StationError as error:
        failure, exit_code = for_root(error), error.exit_code
        show_error(failure)
    except BrokenPipeError:  # the reader of our output went away: `station db list-points | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as why:
        if why.errno not in DISK_ERRORS:
            raise
        where = why.filename or "A file"
        failure = for_root(
            StationError(f"{where} cannot be used: {why.strerror}", "Look at the disk, and whose folder it is")
        )
        show_error(failure)
        exit_code = failure.exit_code
    else:
        return code if isinstance(code, int) else 0
    if "--json" in words and not answered:
        click.echo(json.dumps(error_json(failure, exit_code), ensure_ascii=False))
    return exit_code


def for_root(error: StationError) -> StationError:
    """The same error; on a machine whoever is not root and was denied something is told that root may."""
    if os.geteuid() == 0 or os.strerror(errno.EACCES) not in error.message:
        return error
    from station.fleet.here import name_here  # noqa: PLC0415 - hardly ever

    if not name_here():
        return error
    return StationError(error.message, "On a machine that is for root alone: `sudo station …`")


def show_error(error: StationError) -> None:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {error.message}", err=True)
    if error.hint:
        click.echo("\n  hint: " + error.hint.replace("\n", "\n        "), err=True)


def main() -> None:
    """The entry point of the program `station`."""
    sys.exit(run())
