"""Whether a new release can be imported, tried as the app's user, shut in as its processes are, before it is needed.

The app's data can be read meanwhile and not written: a release that is only looked at changes nothing. Of an app's
first release there is nothing to be changed yet.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from station.errors import StationError
from station.fleet import Process
from station.hosts.deploying.release import Release
from station.hosts.deploying.sandbox import Box, run_boxed
from station.hosts.rendering.place import SEARCH, Place

SERVERS = ("uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "waitress-serve", "station-serve")
IMPORT_S = 120.0
_MODULE = re.compile(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*(\(.*)?", re.DOTALL)
_LOOK = Path(__file__).with_name("importable.py")
Looked = dict[str, str]


def check_imports(place: Place, release: Release, *, is_first: bool) -> list[str]:
    """Import what the app's processes begin with: the names. StationError with the end of the traceback."""
    names: list[str] = []
    for process, looked in _by_process(place, release):
        box = Box(process.needs, data="write" if is_first else "read", within_s=IMPORT_S)
        command = [f"{release.venv}/bin/python", "-P", str(_LOOK), json.dumps(looked)]
        ended = run_boxed(place, command, release.code, box, variables_of(place, release))
        if ended.code != 0:
            raise StationError(
                f"{release.id} can not be imported, as {place.app.account} in the sandbox of {process.name}:\n"
                f"{ended.last_lines}",
                "What is imported: deploy.imports in app.toml, else what the commands begin with",
            )
        names += [name for each in looked for name in each.values()]
    return list(dict.fromkeys(names))


def variables_of(place: Place, release: Release) -> dict[str, str]:
    """What a command of a release that is not yet linked is told besides the app's own variables."""
    return {"PATH": f"{release.venv}/bin:{SEARCH}", "PYTHONUNBUFFERED": "1"}


def looked_at(words: tuple[str, ...]) -> list[Looked]:
    """What a command begins with: a program of the environment, a module, a file. Pure."""
    program, *rest = words
    name = program.rpartition("/")[2]
    found: list[Looked] = []
    if re.fullmatch(r"python[\d.]*", name):
        if len(rest) > 1 and rest[0] == "-m":
            found.append({"here": rest[1]})
            name, rest = rest[1], rest[2:]
        elif rest and rest[0].endswith(".py"):
            found.append({"file": rest[0]})
    elif "/" not in program:
        found.append({"script": program})
    elif program.endswith(".py"):
        found.append({"file": program})
    if name in SERVERS:
        found += [{"here": match[1]} for word in rest if (match := _MODULE.fullmatch(word))]
    return found


def _by_process(place: Place, release: Release) -> Iterator[tuple[Process, list[Looked]]]:
    if place.app.deploy.imports:
        yield place.app.gate, [{"here": module} for module in place.app.deploy.imports]
        return
    for process in place.app.processes.values():
        if looked := looked_at(process.command):
            yield process, looked
