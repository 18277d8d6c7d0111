"""Users, groups, folders and their access lists: sysusers.d and tmpfiles.d, and the same as values to compare. Pure."""

from collections.abc import Iterable, Mapping

from station.fleet import Fleet, Host
from station.fleet.here import WHO_AM_I
from station.hosts.rendering import unitfile
from station.hosts.rendering.files import Account, File, Folder, HostFiles
from station.hosts.rendering.place import STATION_USER, Place, apps_of
from station.hosts.rendering.presets import groups_of

SYSUSERS = "/etc/sysusers.d/station.conf"
TMPFILES = "/etc/tmpfiles.d/station.conf"
JOURNAL = "systemd-journal"  # who is in it may read what units print


def accounts(fleet: Fleet, host: Host) -> HostFiles:
    """Who is there and whose folders are which."""
    places = apps_of(fleet, host)
    team = fleet.team
    people = {name: Account(name, "A developer", f"/home/{name}", person=True) for name in team.members}
    users = {STATION_USER: Account(STATION_USER, "Control Station", "/var/lib/station")}
    users |= {
        place.app.account: Account(
            place.app.account, place.app.title, str(place.data), person=place.at_home, required=place.at_home
        )
        for place in places
    }
    users |= people
    devices = {group for place in places for group in _device_groups(place)}
    groups: dict[str, tuple[str, ...]] = {team.group: team.members, **{group: () for group in devices}}
    if team.members:
        groups[JOURNAL] = team.members
    return HostFiles(
        files={SYSUSERS: File(_sysusers(users.values(), groups)), str(WHO_AM_I): File(f"{host.name}\n")},
        folders=_folders(places, team.group),
        accounts=tuple(users.values()),
        groups=groups,
        managed=(team.group,),
        linger=tuple(place.app.dev.user for place in places if place.app.dev and place.app.primary == host.name),
    )


def tmpfiles(folders: Mapping[str, Folder]) -> str:
    """The folders in the words of systemd-tmpfiles, which mends modes and owners at every start."""
    lines = [unitfile.HEADER]
    for path, folder in sorted(folders.items()):
        lines.append(f'd "{unitfile.text(path)}" {folder.mode:04o} {folder.owner} {folder.group} -')
        if folder.inherited:
            entries = ",".join(f"default:{entry}" for entry in folder.inherited.split(","))
            lines.append(f'a "{unitfile.text(path)}" - - - - {entries}')
    return "\n".join(lines) + "\n"


def _device_groups(place: Place) -> list[str]:
    asked = [process.needs for process in place.app.processes.values()] + [job.needs for job in place.app.jobs.values()]
    return groups_of(need for needs in asked for need in needs)


def _folders(places: Iterable[Place], team: str) -> dict[str, Folder]:
    folders = {
        "/etc/station": Folder(0o755),
        "/etc/station/credentials": Folder(0o700),
        "/opt/apps": Folder(0o755),
        "/opt/venvs": Folder(0o755),
        "/run/station": Folder(0o750, group=STATION_USER),
        "/var/lib/station": Folder(0o755),
        "/var/log/station": Folder(0o755),
    }
    for place in places:
        folders |= _of_app(place, team)
    return folders


def _of_app(place: Place, team: str) -> dict[str, Folder]:
    paths, app, user = place.host.paths, place.app.name, place.app.account
    folders = {
        str(paths.environment(app).parent): Folder(0o755),
        str(paths.credentials(app)): Folder(0o700),
        str(paths.state(app)): Folder(0o700),
    }
    if place.app.files.code is None:
        shared = f"user::rwx,group::rwx,group:{team}:rwx,mask::rwx,other::r-x"
        code = Folder(0o2775, user, team, inherited=shared)
        folders |= {str(paths.code(app)): code, f"{paths.code(app)}/releases": code}
    if place.app.files.venv is None:
        folders[str(paths.venv(app))] = Folder(0o755, user, user)
    if not place.at_home:
        folders[str(place.data)] = Folder(0o750, user, user)
        if place.app.files.data_path:
            folders[f"{place.data}/{place.app.files.data_path}"] = Folder(0o750, user, user)
    return folders


def _sysusers(users: Iterable[Account], groups: Mapping[str, tuple[str, ...]]) -> str:
    """Users that run programs and nothing else. People are not among them: a line for one would make a user without
    a home where the person is missing."""
    lines = [unitfile.HEADER, *(f"g {group} -" for group in sorted(groups))]
    for user in sorted(users, key=lambda one: one.name):
        if not user.person:
            lines.append(f'u {user.name} - "{_quoted(user.about)}" {user.home} /usr/sbin/nologin')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("%", "%%").replace("\\", "").replace('"', "'").replace(":", " ")
