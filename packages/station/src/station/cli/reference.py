"""docs/commands.md, made from the commands themselves. Pure; a test holds that the file is what this gives."""

import inspect
from collections.abc import Iterator

import click

from station.cli.commands import GROUPS, INTERNAL, SHOWN
from station.cli.main import station
from station.cli.shapes import SHAPES, shape_text
from station.errors import exit_codes

OPENING = """\
# Commands

Made from the program by `scripts/docs`; `station COMMAND --help` prints the same.

Data goes to stdout, everything else to stderr. Where a command takes an `APP`, it may be left out while the fleet has
only one.

`--json` prints one object on one line and nothing else on stdout, always; its keys are stable, times are UTC. When
there is no result the object is `{"error": text, "hint": text, "exit_code": number}`, and stderr has the same words. A
command that looked and found something wrong (`db test`, `db verify`, `db drill`, `status`) prints its result; its exit
code tells.

On a terminal stderr shows how far long work is: bytes, rate and time left. Elsewhere it is a line every 30 s.

The fleet's manifest is `--fleet PATH`, or `STATION_FLEET`, or `./fleet.toml`, or `/etc/station/fleet.toml`.
"""

COMPLETION = """\
The script completes commands, options, and the names of apps and hosts. It is installed once:

    bash   station completion bash >> ~/.bashrc
    zsh    station completion zsh >> ~/.zshrc
    fish   station completion fish > ~/.config/fish/completions/station.fish
"""


def render() -> str:
    """The whole page as Markdown."""
    top = click.Context(station, info_name="station")
    lines = [OPENING, *_index()]
    for name in SHOWN:
        lines += _named(top, name)
    lines += ["## What runs by itself", "", "Units call these, and `station up`; help does not list them.", ""]
    for name in INTERNAL:
        lines += _named(top, name)
    lines += _checks()
    lines += ["## Exit codes", "", "| code | meaning |", "|---:|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in exit_codes()]
    return "\n".join(lines) + "\n"


def _index() -> Iterator[str]:
    for heading, group in GROUPS.items():
        yield f"| {heading} | |"
        yield "|---|---|"
        for name, entry in group.items():
            yield f"| [`station {name}`](#station-{name}) | {entry.help} |"
        yield ""


def _named(top: click.Context, name: str) -> Iterator[str]:
    command = station.get_command(top, name)
    if command is None:
        raise LookupError(name)
    yield from _command(click.Context(command, info_name=name, parent=top))
    if name == "completion":
        yield COMPLETION


def _command(ctx: click.Context) -> Iterator[str]:
    """One command; of a group, every command in it."""
    command = ctx.command
    yield f"## {ctx.command_path}"
    yield ""
    yield f"    {command.get_usage(ctx).removeprefix('Usage: ')}"
    yield ""
    yield from _text(command.help or "")
    yield from _options(ctx)
    yield from _shape(ctx.command_path.removeprefix("station "))
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            if inner is not None:
                yield from _command(click.Context(inner, info_name=name, parent=ctx))


def _text(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if not paragraph.startswith("\b"):
            yield paragraph
            yield ""


def _options(ctx: click.Context) -> Iterator[str]:
    options = [param for param in ctx.command.get_params(ctx) if isinstance(param, click.Option)]
    records = [record for option in options if (record := option.get_help_record(ctx))]
    records = [record for record in records if not record[0].startswith(("--help", "-h"))]
    if not records:
        return
    yield "| option | |"
    yield "|---|---|"
    for names, text in records:
        yield f"| `{names}` | {' '.join(text.split())} |".replace("  [", " [")
    yield ""


def _shape(name: str) -> Iterator[str]:
    if name not in SHAPES:
        return
    yield "What `--json` prints (`?`: or null):"
    yield ""
    yield "```"
    yield shape_text(SHAPES[name])
    yield "```"
    yield ""


def _checks() -> Iterator[str]:
    from station.watch.checks import CHECKS  # noqa: PLC0415 - after the commands, which import it too

    yield "## The checks behind the verdict"
    yield ""
    yield "`station status --readiness` and the page answer them; evidence that is old is UNKNOWN, never a pass."
    yield ""
    yield "| check | passes when |"
    yield "|---|---|"
    for check in CHECKS:
        promise = " ".join(inspect.cleandoc(check.__doc__ or "").split()).rstrip(".")
        yield f"| {check.__name__.replace('_', ' ')} | {promise} |"
    yield ""
