"""The commands that an app wants run around a deploy: as its user, shut in as its jobs are."""

from collections.abc import Mapping

from station.errors import StationError
from station.hosts.deploying.importcheck import variables_of
from station.hosts.deploying.release import Release
from station.hosts.deploying.sandbox import Box, run_boxed, unit_of
from station.hosts.rendering.place import Place

HOOK_S = 600.0


def run_hook(place: Place, moment: str, release: Release, told: Mapping[str, str]) -> bool:
    """Run the hook of that moment (before, after, failed) with the release's code; False when there is none.

    `told`: who, from what, with what result, as STATION_… variables. StationError when it failed.
    """
    words = place.filled(place.app.deploy.hooks.get(moment, ()), unit_of(place))
    if not words:
        return False
    program = words[0] if "/" in words[0] else f"{release.venv}/bin/{words[0]}"
    program = program if program.startswith("/") else f"{release.code}/{program}"
    said = {f"STATION_{name.upper()}": value for name, value in told.items()}
    variables = variables_of(place, release) | {"STATION_APP": place.app.name, "STATION_RELEASE": release.id} | said
    ended = run_boxed(place, [program, *words[1:]], release.code, Box(data="write", within_s=HOOK_S), variables)
    if ended.code != 0:
        raise StationError(f"The hook {moment} failed with exit code {ended.code}:\n{ended.last_lines}")
    return True
