"""The units of an app's own processes and jobs: services, sockets, timers. Pure."""

from station.fleet import Job, Process
from station.hosts.rendering import unitfile
from station.hosts.rendering.files import SYSTEM_UNITS, File, HostFiles
from station.hosts.rendering.parts import STOP_S, Part, crash_loop, kind
from station.hosts.rendering.place import RESTART_S, Place
from station.hosts.rendering.presets import shut_in
from station.hosts.rendering.switch_units import switch_units

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def app_units(place: Place) -> HostFiles:
    """Every unit that the app's primary runs. On a standby they are there too, and their guard keeps them still."""
    files: dict[str, str] = {}
    enable: list[str] = []
    for process in place.app.processes.values():
        name = place.unit(process.name)
        files[f"{name}.service"] = _service(place, process)
        if process.socket:
            files[f"{name}.socket"] = _socket(place, process)
            files[f"{name}-hold.service"] = _hold(place, process)
        else:
            enable.append(f"{name}.service")
    if any(process.socket for process in place.app.processes.values()):
        files[f"{place.app.name}-primary.service"] = _primary(place)
        enable.append(f"{place.app.name}-primary.service")
    for job in place.app.jobs.values():
        name = place.unit(job.name)
        files |= {f"{name}.service": _job(place, job), f"{name}.timer": _timer(place, job)}
        enable.append(f"{name}.timer")
    if place.has_releases:
        files |= switch_units(place)
    named = {f"{SYSTEM_UNITS}/{name}": File(text) for name, text in files.items()}
    return HostFiles(files=named, enable=tuple(enable))


def _service(place: Place, process: Process) -> str:
    name = place.unit(process.name)
    its = Part(place, name, place.filled(process.command, name, process), process.needs)
    socket = f"{name}.socket"
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: {process.name}",
                "Wants=network-online.target",
                "After=network-online.target",
                *_after_gate(place, name),
                *place.conditions,
                *([f"Requires={socket}", f"Wants={name}-hold.service"] if process.socket else []),
                *([f"After={socket} {name}-hold.service"] if process.socket else []),
                *([f"PartOf={place.app.name}-primary.service"] if process.socket else []),
                *crash_loop(f"{name}.service"),
            ],
            "Service": [
                kind(process),
                *([f"Sockets={socket}", "NonBlocking=yes"] if process.socket else []),
                *its.runs(unitfile.environment(place.own_variables(process))),
                "Restart=always",
                f"RestartSec={RESTART_S}",
                f"TimeoutStopSec={STOP_S}",
                "",
                f"# Preset {process.hardening}.",
                *its.shut_in(),
            ],
            "Install": [] if process.socket else ["WantedBy=multi-user.target"],
        }
    )


def _after_gate(place: Place, name: str) -> list[str]:
    """Whatever else the app runs comes after the process that others ask."""
    if name == place.gate:
        return []
    return [f"Wants={place.gate}.service", f"After={place.gate}.service"]


def _socket(place: Place, process: Process) -> str:
    name = place.unit(process.name)
    bind = f"[{place.app.bind}]" if ":" in place.app.bind else place.app.bind
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: the socket of {process.name}",
                "# Only a primary listens: on a standby a request would wait for nobody.",
                f"BindsTo={place.app.name}-primary.service",
                f"After={place.app.name}-primary.service",
                *place.conditions,
            ],
            "Socket": [
                f"ListenStream={bind}:{process.port}",
                "# Without it an answer of several pieces waits 40 ms for the client's acknowledgement.",
                "NoDelay=yes",
                f"Service={name}-hold.service",
            ],
        }
    )


def _hold(place: Place, process: Process) -> str:
    name = place.unit(process.name)
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: holds the socket of {process.name} open",
                "# While it is active a request does not start the app: what was stopped stays stopped, and",
                "# requests wait in the socket meanwhile.",
                f"BindsTo={name}.socket",
                f"After={name}.socket",
                *place.conditions,
            ],
            "Service": [
                "Type=oneshot",
                "RemainAfterExit=yes",
                "ExecStart=/bin/true",
                *shut_in({}, DynamicUser=("yes",)),
            ],
        }
    )


def _primary(place: Place) -> str:
    started = [place.unit(process.name) for process in place.app.processes.values() if process.socket]
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: this host is its primary",
                "Wants=network-online.target",
                "After=network-online.target",
            ],
            "Service": [
                "Type=oneshot",
                "RemainAfterExit=yes",
                place.guard,
                f"ExecStart=/bin/systemctl --no-block start {' '.join(f'{name}.service' for name in started)}",
                "",
                "# Root, without a single right of root's: it asks systemd to start what stands above.",
                *shut_in({}, PrivateUsers=("no",), RestrictAddressFamilies=("AF_UNIX",)),
            ],
            "Install": ["WantedBy=multi-user.target"],
        }
    )


def _job(place: Place, job: Job) -> str:
    name = place.unit(job.name)
    its = Part(place, name, place.filled(job.command, name), job.needs)
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: {job.name}",
                "Wants=network-online.target",
                "After=network-online.target",
                *place.conditions,
                f"OnFailure=station-alert@{name}.service.service",
            ],
            "Service": [
                "# A run never overlaps the one before it: systemd starts no second one of a unit.",
                "Type=oneshot",
                *its.runs(unitfile.environment(place.own_variables(None))),
                f"TimeoutStartSec={job.timeout_s:g}",
                "Nice=10",
                "IOSchedulingClass=idle",
                "",
                "# Preset job.",
                *its.shut_in(),
            ],
        }
    )


def _timer(place: Place, job: Job) -> str:
    zone = f" {place.fleet.time_zone}" if place.fleet.time_zone else ""
    if job.at is not None:
        day = "" if job.weekday is None else f"{DAYS[job.weekday]} "
        when = [f"OnCalendar={day}*-*-* {job.at:%H:%M}:00{zone}", "Persistent=yes"]
    else:
        when = [f"OnActiveSec={job.every_s:g}", f"OnUnitActiveSec={job.every_s:g}", "AccuracySec=1"]
    jitter = [f"RandomizedDelaySec={job.jitter_s:g}"] if job.jitter_s else []
    return unitfile.unit(
        {
            "Unit": [f"Description={unitfile.text(place.app.title)}: {job.name}, at its times"],
            "Timer": [*when, *jitter],
            "Install": ["WantedBy=timers.target"],
        }
    )
