"""What has to be done with units: which start by themselves, which may not, and what runs otherwise than it should.

Pure. Nothing is said of how units run where that is not known, as below a mounted SD card.
"""

from collections.abc import Iterator

from station.hosts.rendering.change import Change
from station.hosts.rendering.files import SYSTEM_UNITS, HostFiles
from station.hosts.rendering.found import Found
from station.hosts.rendering.place import STATION
from station.hosts.systemctl import UnitState

RUNNING = ("active", "activating", "reloading")
_LONG = (".service", ".socket", ".timer", ".mount", ".automount")


def standing(wanted: HostFiles, found: Found) -> Iterator[Change]:
    """What is true of units whether they run or not."""
    for unit in wanted.retire:
        if unit not in found.masked or _runs(found.states.get(unit)):
            yield Change("unit", unit, "retire", ("stopped, moved away and masked: nothing can start it any more",))
    kept = found.remembered
    for units, before, detail in (
        (wanted.enable, kept.enabled, ()),
        (wanted.for_users, kept.applied.for_users, ("for users",)),
    ):
        yield from (Change("unit", unit, "enable", detail) for unit in units if unit not in found.enabled)
        gone = [unit for unit in before if unit not in units and unit in found.enabled]
        yield from (Change("unit", unit, "disable", detail) for unit in gone)
    for user in wanted.linger:
        if user not in found.linger:
            yield Change("linger", user, "add", ("the user's services run without a login",))


def running(wanted: HostFiles, found: Found) -> Iterator[Change]:
    """What runs on as it was before its files changed, and what should run and does not."""
    stale = [unit for unit, state in sorted(found.states.items()) if state.needs_reload]
    if stale:
        yield Change("systemd", "units", "reload", tuple(stale))
    for unit, why in restarts(wanted, found).items():
        yield Change("unit", unit, "restart", (why,))
    for unit in wanted.enable:
        state = found.states.get(unit)
        if unit in found.enabled and state is not None and may_start(wanted, found, unit):
            yield Change("unit", unit, "start", (_why(state),))


def may_start(wanted: HostFiles, found: Found, unit: str) -> bool:
    """Whether it should run, does not, and nothing that it needs is missing.

    What only a primary runs, the agent starts and stops: here that is started once, and when it has failed.
    """
    state = found.states.get(unit)
    if state is None or _runs(state):
        return False
    if state.active != "failed" and (state.skipped or (state.tried and "\nExecCondition=" in _text(wanted, unit))):
        return False
    return not waits_for(wanted, found, unit)


def waits_for(wanted: HostFiles, found: Found, unit: str) -> list[str]:
    """The secrets that the unit is given and that a person has not written yet."""
    text = _text(wanted, unit) + _text(wanted, unit.replace(".automount", ".mount"))
    given = [one.path for one in wanted.needed if one.made != "generate" and one.path in text]
    return [path for path in given if not ((there := found.paths.get(path)) and there.text)]


def restarts(wanted: HostFiles, found: Found) -> dict[str, str]:
    """Running units whose own file changes, or one that is read when they start, by systemd or by them; and why."""
    told: dict[str, str] = {}
    read_anew = found.remembered.applied.manifest not in ("", wanted.manifest)
    changed = [
        path
        for path, file in wanted.files.items()
        if (there := found.paths.get(path)) is None or there.text != file.text.encode()
    ]
    for unit, state in sorted(found.states.items()):
        text = _text(wanted, unit)
        if not text or not unit.endswith(_LONG) or state.active not in RUNNING or _runs_once(text):
            continue
        own = [path for path in changed if path == f"{SYSTEM_UNITS}/{unit}" or f"EnvironmentFile={path}\n" in text]
        if own:
            told[unit] = f"{own[0]} changes"
        elif read_anew and f"\nExecStart={STATION} " in text:
            told[unit] = "the manifest changes, which it read when it started"
        elif state.invocation and found.pending.restart.get(unit) == state.invocation:
            told[unit] = "its file was changed by an apply that was cut"
    return told


def _runs_once(text: str) -> bool:
    """A run that is going on ends as it began; what merely stays active has nothing to restart."""
    return "\nType=oneshot\n" in text


def _runs(state: UnitState | None) -> bool:
    return state is not None and state.active in RUNNING


def _text(wanted: HostFiles, unit: str) -> str:
    file = wanted.files.get(f"{SYSTEM_UNITS}/{unit}")
    return file.text if file else ""


def _why(state: UnitState) -> str:
    return f"it failed: {state.result}" if state.active == "failed" else "it does not run"
