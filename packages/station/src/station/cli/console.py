"""How a command shows what it found: text for people or JSON for programs on stdout, progress on stderr."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from station.clock import to_text
from station.errors import StationError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDEST_TABLE = 130  # columns of `db list-points` with its names
Shown = TypeVar("Shown")
ANSWERED = "station.answered"  # in a context's `meta`: the answers that were printed on stdout as JSON

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def show(
    result: Shown,
    render: "Callable[[Shown], RenderableType]",
    as_json: bool,
    to_json: Callable[[Shown], object] | None = None,
) -> None:
    """Print the result on stdout: as one line of JSON, or as what `render` makes of it."""
    if as_json:
        click.echo(json.dumps(to_json(result) if to_json else json_ready(result), ensure_ascii=False))
        context = click.get_current_context(silent=True)
        if context is not None:
            context.meta.get(ANSWERED, []).append(True)
        return
    result_console().print(render(result), soft_wrap=True)


def error_json(error: StationError, exit_code: int) -> dict[str, object]:
    """What `--json` prints in place of a result."""
    return {"error": error.message, "hint": error.hint, "exit_code": exit_code}


def json_ready(value: object) -> object:
    """The value as JSON knows it: dataclasses become objects, times ISO text in UTC, paths text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: json_ready(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): json_ready(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(each) for each in value]
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def result_console() -> "Console":
    """Where results go. Text that is not for a terminal is neither coloured nor cut.

    A terminal that is narrower than a table breaks its lines; cutting a point's name would leave it of no use.
    """
    from rich.console import Console  # noqa: PLC0415 - `station --help` does without

    width = max(shutil.get_terminal_size().columns, WIDEST_TABLE) if sys.stdout.isatty() else 1000
    return Console(highlight=False, markup=False, emoji=False, width=width)


def say(text: str) -> None:
    """One line about what goes on, on stderr: data alone goes to stdout."""
    click.echo(text, err=True)
