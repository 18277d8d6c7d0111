"""The reference of both manifests, docs/manifest.md, made from the models that check them. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from station.fleet.crosschecks import TAKEN_APPS, TAKEN_DATABASES, TAKEN_PROCESSES, TAKEN_VARIABLES
from station.fleet.keys import Table
from station.fleet.mistakes import bare, extra, keys_of, table_of
from station.fleet.written import FleetFile
from station.fleet.written_app import AppFile

SMALLEST_FLEET = """\
name = "home"

[control]
host = "pi2"
port = 5001

[hosts.pi1]
folder = "hosts/pi1"

[hosts.pi2]
folder = "hosts/pi2"

[stores.disk]
kind = "directory"
path = "store"

[apps.notes]
manifest = "notes/app.toml"
primary = "pi1"
standby = ["pi2"]
stores = ["disk"]
"""

SMALLEST_APP = """\
name = "notes"

[databases.main]
file = "notes.db"

[processes.web]
command = ["notes", "serve"]
port = 8100

[processes.web.health]
"""


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_INTRODUCTION = f"""\
# The manifests

<!-- Made by scripts/docs from station/fleet/written.py; change it there. -->

Two kinds of file declare everything: **`fleet.toml`**, one for the fleet, and **`app.toml`**, one for each app, kept
with the app's code. Both are [TOML](https://toml.io). They are checked whole before anything is done: every mistake of
all files comes in one message, with file, key, what is wrong and what would be right. A key that is not listed here is
a mistake.

- A path that is not absolute starts at the folder of the file it stands in.
- A name is made of a-z, 0-9 and -, begins with a letter and has at most 32 characters.
- A host is a folder of this machine (`station up`) or a machine of its own (`station plan`, [hosts.md](hosts.md)),
  and all hosts of a fleet are of one kind.
- Folder hosts are all one machine: no two processes of the fleet, nor the page, may have the same port. The primary
  and the standbys of one app share its ports.
- Two hosts, or a host and a store, have folders of their own, none inside another.
- Some names are the platform's own: {_listed(TAKEN_APPS)} for an app, {_listed(TAKEN_DATABASES)} for a database,
  {_listed(TAKEN_PROCESSES)} for a process, and for the variable of a database
  {_listed(TAKEN_VARIABLES)}.

The smallest fleet that works:

```toml
{SMALLEST_FLEET}```

and its `notes/app.toml`:

```toml
{SMALLEST_APP}```

Bigger: [fleets/demo.toml](../fleets/demo.toml) and [apps/bookedbiz/app.toml](../apps/bookedbiz/app.toml).
"""

_TYPES = {str: "text", int: "whole number", float: "number", list: "list", dict: "table"}


@dataclass(frozen=True)
class DeclaredKey:
    """A key at its place in a file: `path` as one writes it, NAME where the user chooses a name."""

    path: str
    table: str
    about: str
    field: FieldInfo
    annotation: Any

    @property
    def example(self) -> str:
        return extra(self.field, "example")


def render() -> str:
    """The whole text of docs/manifest.md."""
    parts = [_INTRODUCTION, "## fleet.toml\n", *_sections(FleetFile), "## app.toml\n", *_sections(AppFile)]
    return "\n".join(parts)


def declared_keys(model: type[Table], prefix: str = "") -> Iterator[DeclaredKey]:
    """Every key with a value of its own, tables that hold nothing but keys left out, in the order of the file."""
    inner: list[tuple[type[Table], str]] = []
    for name, field in keys_of(model).items():
        table, path = _inner_table(field.annotation), f"{prefix}.{name}" if prefix else name
        if table is not None:
            inner.append((table, path if table_of(field.annotation) else f"{path}.NAME"))
        elif extra(field, "names"):
            about = f"{field.description}. NAME is yours to choose: {extra(field, 'names')}."
            yield DeclaredKey(f"{path}.NAME", path, about, field, get_args(bare(field.annotation))[1])
        else:
            yield DeclaredKey(path, prefix, model.__doc__ or "", field, field.annotation)
    for table, path in inner:
        yield from declared_keys(table, path)


def _sections(model: type[Table]) -> Iterator[str]:
    """The keys as tables of Markdown, one for each table of the file."""
    keys = list(declared_keys(model))
    for table in dict.fromkeys(key.table for key in keys):
        yield f"### {f'`[{table}]`' if table else 'At the top'}\n"
        its = [key for key in keys if key.table == table]
        yield f"{its[0].about}\n"
        lines = ["| key | type | must be | default | meaning | example |", "|---|---|---|---|---|---|"]
        yield "\n".join([*lines, *(_line(key) for key in its)]) + "\n"


def _line(key: DeclaredKey) -> str:
    name = key.path.rpartition(".")[2]
    cells = [f"`{name}`", _type(key.annotation), extra(key.field, "must"), _default(key), key.field.description or ""]
    example = f"`{name} = {key.example}`"
    return f"| {' | '.join(cells)} | {example} |"


def _default(key: DeclaredKey) -> str:
    if key.path.endswith(".NAME"):
        return "none"
    if key.field.default is PydanticUndefined and key.field.default_factory is None:
        return "**required**"
    default = key.field.get_default(call_default_factory=True, validated_data={})
    return "none" if default in (None, [], {}) else f"`{json.dumps(default)}`"


def _type(annotation: Any) -> str:
    plain = bare(annotation)
    origin = get_origin(plain) or plain
    return _TYPES.get(origin, "text")  # a Literal is one of some texts


def _inner_table(annotation: Any) -> type[Table] | None:
    """The table that a key holds, itself or one under each name."""
    plain = bare(annotation)
    return table_of(get_args(plain)[1]) if get_origin(plain) is dict else table_of(plain)
