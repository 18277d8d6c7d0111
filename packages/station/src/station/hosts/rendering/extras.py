"""What else a host has beside its apps: variables, network drives, logs that turn over, the developer's unit. Pure."""

from collections.abc import Iterator

from station.fleet import Dev, Fleet, Host, Mount, filled
from station.hosts.dev.places import copy_command, data_folder, database_file, secrets_folder
from station.hosts.rendering import unitfile
from station.hosts.rendering.files import SYSTEM_UNITS, USER_UNITS, File, HostFiles, Needed
from station.hosts.rendering.place import SEARCH, Place, apps_of

CIFS = "/etc/station/cifs"
IDLE_S = 600
SUDOERS = "/etc/sudoers.d"
_MAKE_SECRETS = (
    'umask 077; mkdir -p "$0" && cd "$0" && for name in "$@"; do'
    ' [ -s "$name" ] || head -c 24 /dev/urandom | base64 >"$name"; done'
)


def variables(place: Place) -> HostFiles:
    """The file with the variables of the app's processes. Root's alone: systemd reads it before it becomes the user."""
    path = str(place.host.paths.environment(place.app.name))
    text = unitfile.environment_file(dict(place.shared_variables))
    return HostFiles(files={path: File(text, mode=0o600, secret=True)})


def mounts(fleet: Fleet, host: Host) -> HostFiles:
    """Network drives, mounted when somebody looks into them; user and password are in a file of root's."""
    files: dict[str, str] = {}
    needed = []
    for name, mount in host.mounts.items():
        unit = unitfile.escaped_path(str(mount.at))
        files[f"{unit}.mount"] = _mount(fleet, host, name, mount)
        files[f"{unit}.automount"] = _automount(mount)
        about = f"the drive {mount.share}: the lines username=…, password=… and, if there is one, domain=…"
        needed.append(Needed(f"{CIFS}/{name}", "given", about))
    return HostFiles(
        files={f"{SYSTEM_UNITS}/{name}": File(text) for name, text in files.items()},
        enable=tuple(name for name in files if name.endswith(".automount")),
        needed=tuple(needed),
    )


def _mount(fleet: Fleet, host: Host, name: str, mount: Mount) -> str:
    place = Place(fleet, host, fleet.apps[mount.app]) if mount.app else None
    user = place.app.account if place else "root"
    modes = ["file_mode=0640", "dir_mode=0750"]
    group = [] if place and place.at_home else [f"gid={user}"]
    options = [f"credentials={CIFS}/{name}", f"uid={user}", *group, *modes, "nosuid", "nodev", "noexec"]
    options += ["rw" if mount.writable else "ro", *mount.options]
    return unitfile.unit(
        {
            "Unit": [
                f"Description=The network drive {unitfile.text(mount.share)}",
                "Wants=network-online.target",
                "After=network-online.target",
            ],
            "Mount": [
                f"What={unitfile.text(mount.share)}",
                f"Where={unitfile.text(str(mount.at))}",
                "Type=cifs",
                f"Options={unitfile.text(','.join(options))}",
                "TimeoutSec=30",
            ],
        }
    )


def _automount(mount: Mount) -> str:
    return unitfile.unit(
        {
            "Unit": [f"Description=The network drive {unitfile.text(mount.share)}, when it is wanted"],
            "Automount": [f"Where={unitfile.text(str(mount.at))}", f"TimeoutIdleSec={IDLE_S}"],
            "Install": ["WantedBy=multi-user.target"],
        }
    )


def logs(fleet: Fleet, host: Host) -> HostFiles:
    """What turns over: the platform's own logs and each app's file of outcomes. The rest is in the journal."""
    outcomes = [str(place.app.log) for place in apps_of(fleet, host) if place.app.log is not None]
    paths = ["/var/log/station/*.log", "/var/log/station/*.jsonl"]
    paths += [path for path in outcomes if not path.startswith("/var/log/station/")]
    lines = [unitfile.HEADER, *(f'"{path}"' for path in paths), "{", *(f"    {line}" for line in _turning(fleet)), "}"]
    return HostFiles(files={"/etc/logrotate.d/station": File("\n".join(lines) + "\n")})


def _turning(fleet: Fleet) -> Iterator[str]:
    yield from ("weekly", "rotate 8", "compress", "missingok", "notifempty")
    yield f"create 0640 root {fleet.team.group}"
    yield "su root root"


def dev(place: Place) -> HostFiles:
    """The developer's own instance, as a unit of that user alone. It may only write to its checkout."""
    its = place.app.dev
    if its is None or place.app.primary != place.host.name:
        return HostFiles()
    variables = {
        "ENVIRONMENT": "development",
        **{database.env: str(database_file(place.app, its, name)) for name, database in place.app.databases.items()},
        "DATA_PATH": str(data_folder(its) / (place.app.files.data_path or "processed")),
        "CREDENTIALS_DIRECTORY": str(secrets_folder(its)),
        "PORT": str(its.port),
        "BIND": place.app.bind,
        "HOST_NAME": place.host.name,
        "PATH": f"{its.folder}/.venv/bin:{SEARCH}",
    }
    program, *words = filled(place.app.gate.command, variables)
    command = (program if program.startswith("/") else f"{its.folder}/.venv/bin/{program}", *words)
    text = unitfile.unit(
        {
            "Unit": [
                f"Description={unitfile.text(place.app.title)}: the instance of {its.user}, port {its.port}",
                f"ConditionUser={its.user}",
                "StartLimitIntervalSec=300",
                "StartLimitBurst=5",
            ],
            "Service": [
                "Type=exec",
                f"WorkingDirectory={unitfile.text(str(its.folder))}",
                *unitfile.environment(variables),
                f"ExecStartPre=/bin/mkdir -p {unitfile.command([variables['DATA_PATH']])}",
                *_secrets(place, its),
                f"ExecStart={unitfile.command(command)}",
                "Restart=on-failure",
                "RestartSec=5",
                f"SyslogIdentifier={its.service}",
                "",
                "NoNewPrivileges=yes",
                "PrivateTmp=yes",
                "ProtectSystem=strict",
                f"ReadWritePaths={unitfile.text(str(its.folder))}",
                "LockPersonality=yes",
                "RestrictSUIDSGID=yes",
            ],
            "Install": ["WantedBy=default.target"],
        }
    )
    files = {f"{USER_UNITS}/{its.service}.service": File(text)} | _sudo(place, its)
    return HostFiles(files=files, for_users=(f"{its.service}.service",))


def _secrets(place: Place, its: Dev) -> list[str]:
    """Secrets of its own, made at the first start: production's are not for developers."""
    if not place.app.secrets:
        return []
    command = ["/bin/sh", "-c", _MAKE_SECRETS, str(secrets_folder(its)), *place.app.secrets]
    return ["# Secrets of its own, made once.", f"ExecStartPre={unitfile.command(command)}"]


def _sudo(place: Place, its: Dev) -> dict[str, File]:
    """The developer may have a masked copy made, by this very command and no other: nothing in it is his to choose."""
    if not any(database.mask for database in place.app.databases.values()):
        return {}
    rule = f"{its.user} ALL=(root) NOPASSWD: {' '.join(copy_command(place.app.name))}"
    return {f"{SUDOERS}/station-{its.service}": File("\n".join([unitfile.HEADER, rule]) + "\n", mode=0o440)}
