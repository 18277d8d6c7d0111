"""The units that only a deploy starts: the new release tried out, its migration, and its second instance. Pure.

They run what the links `next` name, are enabled nowhere, and are skipped unless a deploy is at work on this very host:
it makes the file that they wait for in /run.
"""

from station.fleet import Process
from station.fleet.paths import HostPaths
from station.hosts.rendering import unitfile
from station.hosts.rendering.parts import STOP_S, Part, kind
from station.hosts.rendering.place import STATION, Place
from station.hosts.rendering.rooted import for_data

NEXT = "next"
RECOVER_S = 600  # a stop, a start, and the waits for both
_CODE, _VENVS = "/opt/apps", "/opt/venvs"
MIGRATE_S = 3600  # of a migration that hangs, somebody has to be told


def switch_units(place: Place) -> dict[str, str]:
    """By name."""
    new = Place(place.fleet, place.host, place.app, NEXT)
    gate = place.app.gate
    files: dict[str, str] = {}
    if gate.socket:
        files |= {f"{place.gate}-next.service": _trial(new), f"{place.gate}-next.socket": _private(new)}
    if gate.socket and place.app.deploy.switch == "overlap":
        files[f"{place.gate}-overlap.service"] = _overlap(new)
    files[f"{place.app.name}-recover.service"] = _recover(place)
    if place.app.deploy.migrate is not None:
        files[f"{place.app.name}-migrate.service"] = _migrate(new, place.app.deploy.migrate)
    return files


def permit(paths: HostPaths, app: str) -> str:
    """The file that is there while a deploy of the app may start these units, and that no reboot outlasts."""
    return str(paths.run / f"next-{app}")


def private_socket(paths: HostPaths, gate: str) -> str:
    """Where the new release is asked for its health before anybody else can ask it anything; root's alone."""
    return str(paths.run / f"{gate}-next.sock")


def _trial(place: Place) -> str:
    socket = f"{place.gate}-next.socket"
    return unitfile.unit(
        {
            "Unit": [
                *_by_a_deploy(place, "the new release, asked by a deploy alone"),
                f"Requires={socket}",
                f"After={socket}",
            ],
            "Service": _serves(place, place.app.gate, f"{place.gate}-next", socket),
        }
    )


def _overlap(place: Place) -> str:
    socket = f"{place.gate}.socket"
    return unitfile.unit(
        {
            "Unit": [
                *_by_a_deploy(place, "the new release, while the old one ends"),
                f"Requires={socket}",
                f"After={socket} {place.gate}-hold.service",
                f"PartOf={place.app.name}-primary.service",
            ],
            "Service": _serves(place, place.app.gate, f"{place.gate}-overlap", socket),
        }
    )


def _private(place: Place) -> str:
    return unitfile.unit(
        {
            "Unit": _by_a_deploy(place, "where a deploy asks the new release"),
            "Socket": [
                f"ListenStream={private_socket(place.host.paths, place.gate)}",
                "SocketMode=0600",
                "RemoveOnStop=yes",
                f"Service={place.gate}-next.service",
            ],
        }
    )


def _migrate(place: Place, command: tuple[str, ...]) -> str:
    gate = place.app.gate
    name = f"{place.app.name}-migrate"
    its = Part(place, name, place.filled(command, name), gate.needs)
    return unitfile.unit(
        {
            "Unit": _by_a_deploy(place, "its databases are brought to the new release's schema"),
            "Service": [
                "Type=oneshot",
                *its.runs(unitfile.environment(place.own_variables(gate)), guarded=False),
                f"TimeoutStartSec={MIGRATE_S}",
                f"TimeoutStopSec={STOP_S}",
                "",
                "# Preset job.",
                *its.shut_in(),
            ],
        }
    )


def _recover(place: Place) -> str:
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: a deploy that was cut is ended, forward or back",
                "# Started by the agent when it finds one, before it starts anything of the app.",
                "StartLimitIntervalSec=0",
            ],
            "Service": [
                "Type=oneshot",
                f"ExecStart={STATION} recover {place.app.name} --host {place.host.name}",
                f"TimeoutStartSec={RECOVER_S}",
                "",
                *for_data(place.fleet, place.host, also=(_CODE, _VENVS)),
            ],
        }
    )


def _by_a_deploy(place: Place, about: str) -> list[str]:
    return [
        f"Description={unitfile.text(place.app.title)}: {about}",
        "# Started by a deploy and by nothing else; the first condition says that one is at work.",
        f"ConditionPathExists={permit(place.host.paths, place.app.name)}",
        *place.conditions,
        "StartLimitIntervalSec=0",
    ]


def _serves(place: Place, process: Process, name: str, socket: str) -> list[str]:
    its = Part(place, name, place.filled(process.command, name, process), process.needs)
    return [
        kind(process),
        f"Sockets={socket}",
        "NonBlocking=yes",
        *its.runs(unitfile.environment(place.own_variables(process)), guarded=False),
        "# A release that ends is not healthy: it is not started again.",
        "Restart=no",
        f"TimeoutStopSec={STOP_S}",
        "",
        f"# Preset {process.hardening}.",
        *its.shut_in(),
    ]
