"""The units of Control Station itself: agent, page, loops, checks, alerts, and second chances. Pure."""

from collections.abc import Iterator

from station.errors import Busy
from station.fleet import Fleet, Host, StoreSpec
from station.hosts.rendering import unitfile
from station.hosts.rendering.files import SYSTEM_UNITS, File, Folder, HostFiles, Needed
from station.hosts.rendering.parts import crash_loop
from station.hosts.rendering.place import AGAIN_AFTER_S, RESTART_S, STATION, STATION_USER, Place, apps_of
from station.hosts.rendering.presets import shut_in
from station.hosts.rendering.rooted import (
    GIVES,
    READS,
    TELLS,
    as_root,
    for_data,
    key_folders,
    keys_of,
    store_folders,
    stores_of,
)

GIVING_WAY = ["Nice=10", "IOSchedulingClass=best-effort", "IOSchedulingPriority=7"]
ONLINE = ["Wants=network-online.target", "After=network-online.target"]
LOOP_STOP_S = 30  # a point that is being taken is finished first
JOB_LIMIT_S = 21_600
_CREDENTIALS = "/run/credentials/station-page.service"
PAGE_SECRETS = ("operator_password", "secret_key")


def station_units(fleet: Fleet, host: Host) -> HostFiles:
    """What every host has, the page on the host that serves it, and each app's loops and jobs."""
    files = {
        "station-agent.service": _agent(fleet, host),
        "station-check.service": _check(fleet, host),
        "station-check.timer": _check_timer(host),
        "station-alert@.service": _alert(),
        "station-again@.service": _again(),
        "station-again@.timer": _again_timer(),
    }
    enable = ["station-agent.service", "station-check.timer"]
    needed: list[Needed] = []
    if fleet.control.host == host.name:
        files["station-page.service"] = _page(fleet)
        enable.append("station-page.service")
        needed += [
            Needed(f"/etc/station/credentials/{name}", "generate", "the page of Control Station")
            for name in PAGE_SECRETS
        ]
    for place in apps_of(fleet, host):
        files |= dict(_loops(place))
        needed += [
            Needed(f"{host.paths.credentials(place.app.name)}/{name}", how, place.app.title)
            for name, how in place.app.secrets.items()
        ]
    named = {f"{SYSTEM_UNITS}/{name}": File(text) for name, text in files.items()}
    needed += [one for name in stores_of(fleet, host) for one in _store_secrets(fleet.stores[name])]
    # made once, and never a store again by itself when apps have run: a disk that is not mounted is noticed
    folders = {str(path): Folder(0o750, group=STATION_USER) for path in store_folders(fleet, host)}
    folders |= {str(path): Folder(0o755) for path in key_folders(fleet, host)}
    return HostFiles(files=named, folders=folders, enable=tuple(enable), needed=tuple(needed))


def _agent(fleet: Fleet, host: Host) -> str:
    return unitfile.unit(
        {
            "Unit": [
                "Description=Control Station: the agent of this host",
                *ONLINE,
                *crash_loop("station-agent.service"),
            ],
            "Service": [
                "Type=exec",
                f"ExecStart={STATION} agent {host.name}",
                "Restart=always",
                f"RestartSec={RESTART_S}",
                f"TimeoutStopSec={LOOP_STOP_S}",
                "",
                *for_data(fleet, host),
            ],
            "Install": ["WantedBy=multi-user.target"],
        }
    )


def _page(fleet: Fleet) -> str:
    stores = sorted({app.stores[0] for app in fleet.apps.values()})
    secrets = {name: path for store in stores for name, path in keys_of(fleet.stores[store]).items()}
    return unitfile.unit(
        {
            "Unit": [
                "Description=Control Station: the page",
                "Wants=network-online.target",
                "After=network-online.target station-agent.service",
                *crash_loop("station-page.service"),
            ],
            "Service": [
                "Type=exec",
                f"User={STATION_USER}",
                f"Group={STATION_USER}",
                *(f"LoadCredential={name}:/etc/station/credentials/{name}" for name in PAGE_SECRETS),
                *(f"LoadCredential={name}:{path}" for name, path in secrets.items()),
                *(
                    ["# Each at the place that the manifest names, where else only root could read it."]
                    if secrets
                    else []
                ),
                *(f"BindReadOnlyPaths={_CREDENTIALS}/{name}:{path}" for name, path in secrets.items()),
                f"ExecStart={STATION} serve --credentials %d",
                "Restart=always",
                f"RestartSec={RESTART_S}",
                "",
                "# Preset web.",
                *shut_in({"machine-figures": "The page shows the load of the host."}),
            ],
            "Install": ["WantedBy=multi-user.target"],
        }
    )


def _loops(place: Place) -> Iterator[tuple[str, str]]:
    """What the agent starts and stops as the app's role changes; nothing else does."""
    app, host = place.app, place.host
    loops = {"points": f"points {app.name}", "mirror": f"mirror {app.name}"}
    if app.litestream is not None:
        loops["litestream"] = f"litestream {app.name}"
    for name, words in loops.items():
        unit = f"{app.name}-{name}.service"
        guard = [] if name == "mirror" else [place.guard]
        nudge = ["ExecReload=/bin/kill -USR1 $MAINPID"] if name == "points" else []
        yield (
            unit,
            unitfile.unit(
                {
                    "Unit": [
                        f"Description={unitfile.text(app.title)}: {name}",
                        "# Started and stopped by the agent, as the host's role wants it.",
                        *ONLINE,
                        *crash_loop(unit),
                    ],
                    "Service": [
                        "Type=exec",
                        *guard,
                        f"ExecStart={STATION} {words} --host {host.name}",
                        *nudge,
                        "Restart=always",
                        f"RestartSec={RESTART_S}",
                        f"TimeoutStopSec={LOOP_STOP_S}",
                        *(GIVING_WAY if app.points.polite else []),
                        "",
                        *for_data(place.fleet, host, READS if name == "mirror" else GIVES),
                    ],
                }
            ),
        )
    for name, wanted in (("copy", app.copy), ("drill", app.drill)):
        if wanted is not None:
            yield f"{app.name}-{name}@.service", _job(place, name)


def _job(place: Place, name: str) -> str:
    app, host = place.app, place.host
    return unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(app.title)}: {name} that was due at %i",
                "# Started by the agent, which looks in the store whether it was done; what is missed is made up once.",
                *ONLINE,
                f"OnFailure=station-alert@{app.name}-{name}.service",
            ],
            "Service": [
                "Type=oneshot",
                place.guard,
                f"ExecStart={STATION} job {app.name} {name} --host {host.name} --due %i",
                f"TimeoutStartSec={JOB_LIMIT_S}",
                "TimeoutStopSec=1",
                *(GIVING_WAY if app.points.polite else []),
                "",
                *for_data(place.fleet, host, READS if name == "drill" else GIVES),
            ],
        }
    )


def _check(fleet: Fleet, host: Host) -> str:
    places = [path for place in apps_of(fleet, host) for path in (place.code, place.venv, place.data)]
    at_home = sorted({path for path in places if path.is_relative_to("/home")})
    homes = ("tmpfs",) if at_home else ("yes",)
    return unitfile.unit(
        {
            "Unit": [
                "Description=Control Station: is all well on this host",
                "After=network-online.target",
                "OnFailure=station-alert@station-check.service.service",
            ],
            "Service": [
                "Type=oneshot",
                f"ExecStart={STATION} check --host {host.name}",
                "# Busy: somebody looks this very moment.",
                f"SuccessExitStatus={Busy.exit_code}",
                "TimeoutStartSec=120",
                "",
                *as_root("/var/lib/station /var/log/station /run/station", ProtectHome=homes),
                *(f"BindReadOnlyPaths=-{unitfile.text(str(path))}" for path in at_home),
            ],
        }
    )


def _check_timer(host: Host) -> str:
    return unitfile.unit(
        {
            "Unit": ["Description=Control Station: looks whether all is well on this host"],
            "Timer": ["OnBootSec=120", f"OnUnitActiveSec={host.check_every_s:g}", "AccuracySec=10"],
            "Install": ["WantedBy=timers.target"],
        }
    )


def _alert() -> str:
    return unitfile.unit(
        {
            "Unit": ["Description=Control Station: tells that %i has failed", "After=network-online.target"],
            "Service": [
                "Type=oneshot",
                f"ExecStart={STATION} alert --unit %i",
                "TimeoutStartSec=120",
                "",
                *as_root("/var/log/station", rights=TELLS, RestrictAddressFamilies=("AF_UNIX",)),
            ],
        }
    )


def _again() -> str:
    return unitfile.unit(
        {
            "Unit": [
                "Description=Control Station: tries %i again",
                "# A service that reached its start limit is not started by systemd any more, mended or not.",
            ],
            "Service": [
                "Type=oneshot",
                "ExecStart=-/bin/systemctl reset-failed %i",
                "ExecStart=/bin/systemctl --no-block start %i",
                "# What has not failed is left alone: a standby, whose app has no socket, would try for ever.",
                "ExecCondition=/bin/sh -c 'systemctl -q is-failed %i || systemctl show -P Type %i | grep -qx oneshot'",
                "",
                "# Root, without a single right of root's: it asks systemd.",
                *shut_in({}, PrivateUsers=("no",), RestrictAddressFamilies=("AF_UNIX",)),
            ],
        }
    )


def _again_timer() -> str:
    return unitfile.unit(
        {
            "Unit": ["Description=Control Station: tries %i again in a while"],
            "Timer": [
                f"OnActiveSec={AGAIN_AFTER_S}",
                "AccuracySec=1",
                "# Gone when it has elapsed, so that the next failure starts it again.",
                "RemainAfterElapse=no",
                "Unit=station-again@%i.service",
            ],
        }
    )


def _store_secrets(store: StoreSpec) -> Iterator[Needed]:
    for name, path in keys_of(store).items():
        what = name.removeprefix(f"{store.name}-").replace("-", " ")
        yield Needed(str(path), "given", f"the {what} of the store {store.name}")
