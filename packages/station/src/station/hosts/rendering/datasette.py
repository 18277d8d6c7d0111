"""Datasette over a copy of an app's databases, which is made anew from the store: nobody reads the live file. Pure."""

from station.fleet import Datasette
from station.hosts.rendering import unitfile
from station.hosts.rendering.files import SYSTEM_UNITS, File, Folder, HostFiles
from station.hosts.rendering.parts import crash_loop
from station.hosts.rendering.place import RESTART_S, STATION, STATION_USER, Place
from station.hosts.rendering.presets import shut_in
from station.hosts.rendering.rooted import as_root

COPIES = "/var/lib/station-copies"


def datasette(place: Place) -> HostFiles:
    """Nothing, unless this is the host for it."""
    its = place.app.datasette
    if its is None or its.host != place.host.name:
        return HostFiles()
    name, folder = f"{place.app.name}-datasette", f"{COPIES}/{place.app.name}"
    files = {
        f"{name}.service": _service(place, its, folder),
        f"{name}-copy.service": _copy(place, folder),
        f"{name}-copy.timer": _timer(place, its),
    }
    return HostFiles(
        files={f"{SYSTEM_UNITS}/{unit}": File(text) for unit, text in files.items()},
        folders={COPIES: Folder(0o750, group=STATION_USER), folder: Folder(0o750, group=STATION_USER)},
        enable=(f"{name}.service", f"{name}-copy.timer"),
    )


def _service(place: Place, its: Datasette, folder: str) -> str:
    copies = [f"{folder}/{database.file}" for database in place.app.databases.values()]
    words = [its.program, "serve", *(word for copy in copies for word in ("--immutable", copy))]
    words += ["--host", its.bind, "--port", str(its.port)]
    words += ["--setting", "sql_time_limit_ms", str(its.sql_time_limit_ms)]
    words += ["--setting", "max_returned_rows", str(its.max_returned_rows)]
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: Datasette over a copy of its databases",
                *(f"ConditionPathExists={unitfile.text(copy)}" for copy in copies),
                "Wants=network-online.target",
                "After=network-online.target",
                *crash_loop(f"{place.app.name}-datasette.service"),
            ],
            "Service": [
                "Type=exec",
                "# Who may ask it anything may not read what the app's user reads.",
                "DynamicUser=yes",
                f"SupplementaryGroups={STATION_USER}",
                f"ExecStart={unitfile.command(words)}",
                "Restart=always",
                f"RestartSec={RESTART_S}",
                "Nice=10",
                "",
                "# Preset web.",
                *shut_in({}),
            ],
            "Install": ["WantedBy=multi-user.target"],
        }
    )


def _copy(place: Place, folder: str) -> str:
    name = f"{place.app.name}-datasette"
    renew = [STATION, "datasette-copy", place.app.name, "--host", place.host.name]
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: a new copy for Datasette",
                "Wants=network-online.target",
                "After=network-online.target",
                f"OnFailure=station-alert@{name}-copy.service.service station-again@{name}-copy.service.timer",
            ],
            "Service": [
                "Type=oneshot",
                f"Group={STATION_USER}",
                "# It starts Datasette anew when there is something new.",
                f"ExecStart={unitfile.command(renew)}",
                "Nice=10",
                "IOSchedulingClass=idle",
                "",
                *as_root(f"{folder} /var/lib/station /run/station"),
            ],
        }
    )


def _timer(place: Place, its: Datasette) -> str:
    return unitfile.unit(
        {
            "Unit": [f"Description={unitfile.text(place.app.title)}: a new copy for Datasette, every so often"],
            "Timer": ["OnBootSec=60", f"OnUnitActiveSec={its.every_s:g}", "AccuracySec=10"],
            "Install": ["WantedBy=timers.target"],
        }
    )
