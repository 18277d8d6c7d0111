"""The release that an app runs: links and record agree, no deploy was cut, and its modules can be imported."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from station.errors import StationError
from station.hosts.asuser import as_user
from station.hosts.deploying.release import current
from station.hosts.doctor.check import Said, failed, ok, unknown
from station.hosts.doctor.here import Here
from station.hosts.rendering.place import SEARCH, Place
from station.hosts.switching.journal import is_cut, is_under_way

IMPORT_S = 10.0
_IMPORT = """
import importlib, importlib.metadata, sys
from pathlib import Path
sys.path.insert(0, "")  # a process of the app finds its own folder so too
def modules(word):
    if word.startswith("program:"):
        name = word.partition(":")[2]
        return [each.module for each in importlib.metadata.entry_points(group="console_scripts") if each.name == name]
    return [word]
print(", ".join(importlib.import_module(name).__name__ for word in sys.argv[1:] for name in modules(word)))
"""


def release(here: Here) -> Iterator[Said]:
    """Code and environment are of one release, which is whole, and no deploy was cut in the middle.

    By hand: git -C /opt/apps/ctv-bookedbiz-db log -1

    Remedy: station rollback APP, or station deploy APP, which first ends what was cut
    """
    for place in here.places:
        app = place.app.name
        if is_cut(here.host, app):
            yield failed(app, "a deploy was cut in the middle: nothing of the app may start", f"station deploy {app}")
        elif place.app.files.code is not None or place.app.files.venv is not None:
            yield _in_place(place)
        else:
            yield _by_links(here, place)


def imports(here: Here) -> Iterator[Said]:
    """What the app's commands begin with can be imported in the release's own environment, as the app's user.

    By hand: sudo -u ctvbooked /opt/venvs/ctv-bookedbiz-db/bin/python -c "import flask_login"

    Remedy: station deploy APP
    """
    for place in here.places:
        yield _imported(here, place)


def _in_place(place: Place) -> Said:
    if place.code.is_relative_to("/home") and not Path(*place.code.parts[:3]).exists():
        return unknown(place.app.name, f"{place.code} lies in a home, which is closed to us")
    missing = [str(path) for path in (place.code, place.venv / "bin" / "python") if not path.exists()]
    if missing:
        return failed(place.app.name, f"there is no {' and no '.join(missing)}", f"ls -l {place.code}")
    return ok(place.app.name, f"code in {place.code}, environment in {place.venv}, without releases")


def _by_links(here: Here, place: Place) -> Said:
    app = place.app.name
    try:
        found = current(here.host, app)
    except StationError as why:  # the links name two releases
        return failed(app, why.message, why.hint)
    if found is None:
        return failed(app, "nothing was deployed yet", f"station deploy {app}")
    under_way = "; a deploy is under way" if is_under_way(here.host, app) else ""
    return ok(app, f"{found.id}, of {found.made_at:%Y-%m-%d %H:%M} UTC, from {found.source or 'somewhere'}{under_way}")


def _imported(here: Here, place: Place) -> Said:
    app, python = place.app.name, place.venv / "bin" / "python"
    if not python.exists():
        return failed(app, f"there is no {python}", f"station deploy {app}")
    wanted = [*place.app.deploy.imports] or sorted({word for each in _commands(place) if (word := _module(each))})
    if not wanted:
        return unknown(app, "its commands are no Python programs: `imports` in [deploy] can name modules")
    folder = place.code if os.access(place.code, os.X_OK) else Path("/")
    ended = as_user(
        place.app.account, [python, "-c", _IMPORT, *wanted], within_s=IMPORT_S, folder=folder, env=_variables(place)
    )
    if ended.code is None:
        return unknown(app, f"{', '.join(wanted)}: not imported within {IMPORT_S:g} s")
    if ended.code != 0:
        return failed(app, f"as {place.app.account}: {ended.last_line}", f"station deploy {app}")
    return ok(app, f"{ended.out.strip() or 'nothing'} imported as {place.app.account}")


def _commands(place: Place) -> list[tuple[str, ...]]:
    processes, jobs = place.app.processes.values(), place.app.jobs.values()
    return [*(each.command for each in processes), *(each.command for each in jobs)]


def _module(command: tuple[str, ...]) -> str:
    """The module of `python -m MODULE`, or the program that leads to one; "" for whatever is no Python program."""
    program, *words = command
    if Path(program).name.startswith("python"):
        return words[1] if words[:1] == ["-m"] and len(words) > 1 else ""
    return "" if "/" in program else f"program:{program}"


def _variables(place: Place) -> Mapping[str, str]:
    return {**place.shared_variables, "PATH": f"{place.venv}/bin:{SEARCH}"}
