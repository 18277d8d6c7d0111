"""What `fleet.toml` says about machines, key by key: hosts, the team, and an app's place on them. Pure."""

from typing import Annotated

from pydantic import StringConstraints

from station.fleet.keys import (
    A_NAME,
    A_PATH,
    AN_ADDRESS,
    Address,
    Below,
    FilePath,
    Name,
    Table,
    count,
    key,
    number,
    port,
)

Account = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]*$", max_length=32)]
Machine = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]*$", max_length=253)]
UnitFile = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:_.@\\-]+\.(service|socket|timer|mount|path)$")]
Rooted = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._@+-]*[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*)+$")]
Share = Annotated[str, StringConstraints(pattern=r"^//[^/\x00-\x1f]+/[^\x00-\x1f]+$")]
MountOption = Annotated[str, StringConstraints(pattern=r"^[a-z_0-9]+(=[^,\s]+)?$")]

AN_ACCOUNT = "the name of a user: a-z, 0-9, _ and -, at most 32 characters"
A_UNIT = 'the name of a systemd unit, like "flaskapp.service"'
A_ROOTED = "a path that begins with /, of letters, digits and . _ @ + -"


class WrittenTeam(Table):
    """The developers, on every machine of the fleet: one group, not one for each purpose."""

    group: Account = key(
        AN_ACCOUNT, "The group that may change the code of every app", '"apps-deploy"', default="apps-deploy"
    )
    members: list[Account] = key(
        f"a list of names of users; each is {AN_ACCOUNT}",
        "Who belongs to it; others are taken out of the group",
        '["daseme", "jellee26"]',
        default=list,
    )


class WrittenMount(Table):
    """A folder of a Windows or Samba server (CIFS). User and password lie in /etc/station/cifs/NAME, root's alone."""

    share: Share = key(
        "a share like //server/folder", "The server's folder; spaces are allowed", '"//100.102.206.113/K Drive"'
    )
    at: Rooted = key(A_ROOTED, "Where it is mounted, when somebody looks into it", '"/mnt/k-drive"')
    app: Name | None = key(
        "the name of an app of the fleet",
        "The app whose user may read it; else root alone",
        '"bookedbiz"',
        default=None,
    )
    writable: bool = key("true or false", "Whether that app may write there too", "false", default=False)
    options: list[MountOption] = key(
        'a list of options of mount.cifs, like ["vers=3.0"]; none that names a user or a password',
        "More options of the mount",
        '["vers=2.0", "sec=ntlmv2"]',
        default=lambda: ["vers=3.0"],
    )


class WrittenHost(Table):
    """A machine, by its address; or, in a folder fleet, the folder of this machine that stands for it."""

    folder: FilePath | None = key(
        A_PATH,
        "The folder that stands for the machine: everything that the host keeps is in it",
        '"../hosts/pi2"',
        default=None,
    )
    address: Machine | None = key(
        "the name or the address of a machine",
        "The machine, as the others reach it over SSH, for example its name in the tailnet",
        '"pi2"',
        default=None,
    )
    retire: list[UnitFile] = key(
        f"a list of names of units; each is {A_UNIT}",
        "Units of former days: stopped, moved away and masked, so that nothing starts them",
        '["flaskapp.service"]',
        default=list,
    )
    check_every_s: float = number(
        "How often the machine's timer looks whether all is well", "seconds", 30, 86400, default=300, example="300"
    )
    mounts: dict[Name, WrittenMount] = key(
        "tables [hosts.HOST.mounts.NAME]", "Network drives", "", default=dict, names=A_NAME
    )


class WrittenFiles(Table):
    """Where the app's files lie on a machine, when not in the usual places."""

    code: Rooted | None = key(
        A_ROOTED, "The folder that the app runs in; else `current` in /opt/apps/APP", '"/srv/notes"', default=None
    )
    venv: Rooted | None = key(
        A_ROOTED, "Its virtual environment; else `current` in /opt/venvs/APP", '"/srv/notes/.venv"', default=None
    )
    data: Rooted | None = key(
        A_ROOTED,
        "Its data folder with the databases, below /home, /mnt, /media, /opt, /srv or /var; else /var/lib/APP",
        '"/srv/notes/data"',
        default=None,
    )
    data_path: Below | None = key(
        "a folder's name, without / at its beginning",
        "The folder below the data folder that is handed over as DATA_PATH; else the data folder itself",
        '"processed"',
        default=None,
    )


class WrittenDatasette(Table):
    """Datasette over a copy of the app's databases; never without this table."""

    host: Name | None = key(
        "the name of a host of the app", "Where it runs; else on the first standby", '"pi2"', default=None
    )
    port: int = port("Datasette's TCP port", default=8001, example="8001")
    bind: Address = key(
        AN_ADDRESS,
        "The address that it listens on. It asks nobody for a password: with any other than 127.0.0.1 everybody who "
        "reaches the machine reads the data",
        '"127.0.0.1"',
        default="127.0.0.1",
    )
    every_s: float = number(
        "How often the copy is made anew, from the newest restore point",
        "seconds",
        60,
        604800,
        default=3600,
        example="3600",
    )
    sql_time_limit_ms: int = count("Milliseconds that a query may take", 1, 3_600_000, default=300_000)
    max_returned_rows: int = count("Rows that a query gives at most", 1, 10_000_000, default=10_000)
    program: Rooted = key(
        A_ROOTED,
        "Datasette's program",
        '"/opt/venvs/datasette/current/bin/datasette"',
        default="/opt/venvs/datasette/current/bin/datasette",
    )


class WrittenDev(Table):
    """A developer's own instance on the app's primary, with a database of its own; never without this table."""

    user: Account = key("the name of a member of the team", "Whose it is; it runs as that user", '"daseme"')
    port: int = port("Its TCP port", default=5100, example="5100")
    folder: Rooted | None = key(
        A_ROOTED, "The checkout; else /home/USER/dev/APP", '"/home/daseme/dev/ctv-bookedbiz-db"', default=None
    )
    service: Name | None = key(A_NAME, "The name of the user's unit; else APP-dev", '"spotops-dev"', default=None)
