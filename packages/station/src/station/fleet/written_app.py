"""`app.toml` as it is written, key by key: what may stand there, in which unit, and what it means. Pure."""

from typing import Literal, get_args

from station.fleet.keys import (
    A_COMMAND,
    A_NAME,
    A_TIME,
    A_VARIABLE,
    SECRET_NAME,
    Below,
    Branch,
    Column,
    Command,
    FileName,
    GitAddress,
    Module,
    Name,
    Reason,
    Requirement,
    SecretName,
    Table,
    UrlPath,
    Variable,
    WallTime,
    Words,
    count,
    key,
    number,
    port,
)

Preset = Literal["web", "worker"]
Need = Literal["camera", "cpu-placement", "executable-memory", "gpio", "machine-figures"]
Mask = Literal["code", "date", "email", "empty", "name", "number", "phone", "text"]
Switch = Literal["held", "overlap"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
A_NEED = f"one of {', '.join(get_args(Need))}"
A_REASON = "the reason, on one line of at most 200 characters"


A_MASK = f"one of {', '.join(get_args(Mask))}"
A_COLUMN = 'a table and a column, like "customers.name"'


class WrittenDatabase(Table):
    """A SQLite database of the app."""

    file: FileName = key(
        "a plain file name without folders (letters, digits, . _ -)",
        "The database's file in the app's data folder",
        '"bookedbiz.db"',
    )
    env: Variable = key(
        A_VARIABLE,
        "The environment variable that tells the app the file's path",
        '"DATABASE_PATH"',
        default="DATABASE_PATH",
    )
    mask: dict[Column, Mask] = key(
        A_MASK,
        "A column that a developer's copy has with made-up values, the same one for the same value",
        '"name"',
        default=dict,
        names=A_COLUMN,
    )


class WrittenHealth(Table):
    """How to see that the app is up; exactly one process of an app has it."""

    path: UrlPath = key("a path that begins with /", "What is asked for with GET", '"/health"', default="/health")
    status: int = key(
        "an HTTP status from 100 to 599", "The status of a healthy answer", "200", default=200, ge=100, le=599
    )
    within_s: float = number(
        "Time after the start within which the app must be healthy", "seconds", 1, 3600, default=30, example="30"
    )


class WrittenProcess(Table):
    """A process of the app that its primary keeps running."""

    command: Command = key(
        A_COMMAND,
        "The program and its arguments; no shell reads it. `${NAME}` in it is what that variable says "
        "(hosting-an-app.md)",
        '["bookedbiz", "serve"]',
    )
    port: int | None = port(
        "The TCP port it listens on, handed over as PORT; none when it serves nothing", default=None, example="8000"
    )
    health: WrittenHealth | None = key("a table", "How to see that the app is up", "", default=None)
    preset: Preset | None = key(
        '"web" or "worker"',
        "How it is shut in on a machine (hosts.md); else web with a port and worker without",
        '"worker"',
        default=None,
    )
    needs: dict[Need, Reason] = key(
        A_REASON,
        "Something that the preset forbids and this process cannot do without, with the reason (hosts.md)",
        '"/api/system-stats shows the load of the machine"',
        default=dict,
        names=A_NEED,
    )
    notify: bool = key(
        "true or false",
        "Whether it tells systemd when it listens (READY=1); a start that fails is known at once then",
        "true",
        default=False,
    )
    socket: bool = key(
        "true or false",
        "Whether it takes the socket it listens on from systemd (LISTEN_FDS); a restart refuses no request then",
        "true",
        default=False,
    )


class WrittenSource(Table):
    """Where the app's code comes from when it is deployed to a machine: a Git repository, or a Python package."""

    git: GitAddress | None = key(
        "the address of a Git repository, as `git clone` takes it, without a password",
        "The repository; it has a pyproject.toml and a uv.lock",
        '"https://git.example/notes.git"',
        default=None,
    )
    branch: Branch = key("the name of a branch", "What is deployed when nobody says `--ref`", '"main"', default="main")
    folder: Below | None = key(
        "a folder's name, without / at its beginning",
        "The app's own folder in the repository, when it is one of several packages (a uv workspace)",
        '"apps/notes"',
        default=None,
    )
    lock: Below | None = key(
        "a file's name in the repository, without / at its beginning",
        "A file with pinned versions and their hashes, as pip reads it, where the repository has no uv.lock",
        '"requirements/lock.txt"',
        default=None,
    )
    package: Requirement | None = key(
        'a Python package and its version, like "datasette==0.65.1"',
        "A published package in place of a repository; its own requirements are solved and kept with the release",
        '"datasette==0.65.1"',
        default=None,
    )
    extra: list[Requirement] = key(
        'a list of packages and versions, like ["gunicorn==23.0.0"]',
        "More packages for its environment, for example the server that runs it",
        '["gunicorn==23.0.0"]',
        default=list,
    )


class WrittenHooks(Table):
    """Commands of the app that a deploy runs as the app's user, shut in like its jobs; they are told what it does."""

    before: Name | None = key(
        "the name of a command of the app",
        "Before anything is changed; when it fails nothing is",
        '"quiet-hours"',
        default=None,
    )
    after: Name | None = key(
        "the name of a command of the app", "After a deploy that went well", '"announce"', default=None
    )
    failed: Name | None = key(
        "the name of a command of the app", "After a deploy that was taken back", '"announce"', default=None
    )


class WrittenDeploy(Table):
    """How a new release takes over."""

    switch: Switch = key(
        '"held" or "overlap"',
        "held: the old release ends, then the new one starts, and requests wait meanwhile (with `socket`). overlap: "
        "both serve for a moment; only for an app that can run twice on one database, and it changes no schema",
        '"held"',
        default="held",
    )
    imports: list[Module] = key(
        "a list of names of Python modules",
        "What must be importable in a new release, before anything is switched; else what its commands begin with",
        '["notes.web"]',
        default=list,
    )
    migrate: Name | None = key(
        "the name of a command of the app",
        "The command that brings the database to the new release's schema; none when the app does it at its start",
        '"migrate"',
        default=None,
    )
    keep: int = count("Releases that are kept to go back to, with the one that runs", 2, 100, default=5)
    hooks: WrittenHooks = key("a table", "Commands before and after", "", default=WrittenHooks)


class WrittenJob(Table):
    """A command that the app's primary runs at a wall time, or every so often."""

    command: Command = key(A_COMMAND, "The program and its arguments, as of a process", '["bookedbiz", "check"]')
    at: WallTime | None = key(A_TIME, "The wall time of the fleet's `time_zone`", '"02:05"', default=None)
    day: Weekday | None = key(
        "a day of the week in small letters", "Only on that day of the week; else every day", '"sunday"', default=None
    )
    every_s: float | None = number(
        "Time between two runs, in place of `at`", "seconds", 10, 604800, default=None, example="900"
    )
    jitter_s: float = number(
        "The longest time after the set one, different from run to run", "seconds", 0, 3600, default=0, example="300"
    )
    timeout_s: float = number(
        "Time after which a run is ended and counts as failed", "seconds", 1, 86400, default=600, example="600"
    )
    needs: dict[Need, Reason] = key(A_REASON, "As of a process", '"it reads the load"', default=dict, names=A_NEED)


class AppFile(Table):
    """`app.toml`: what a host has to know about an app."""

    name: Name = key(A_NAME, "The app's name, the same as in the fleet's [apps.NAME]", '"bookedbiz"')
    title: Words | None = key(
        "a text of at most 60 characters", "The name to show; else `name`", '"BookedBiz"', default=None
    )
    first_admin: Words | None = key(
        "a text of at most 60 characters",
        "The name to sign in with first; its password is the secret `first_admin_password`",
        '"admin@bookedbiz.example"',
        default=None,
    )
    databases: dict[Name, WrittenDatabase] = key(
        "tables [databases.NAME]", "The app's SQLite databases", "", names=A_NAME, min_length=1
    )
    processes: dict[Name, WrittenProcess] = key(
        "tables [processes.NAME]", "What its primary keeps running", "", names=A_NAME, min_length=1
    )
    jobs: dict[Name, WrittenJob] = key(
        "tables [jobs.NAME]", "What its primary runs at set times", "", default=dict, names=A_NAME
    )
    source: WrittenSource | None = key("a table", "Where its code comes from", "", default=None)
    deploy: WrittenDeploy = key("a table", "How a new release takes over", "", default=WrittenDeploy)
    secrets: dict[SecretName, Literal["generate"]] = key(
        '"generate"',
        "A secret: made once for the fleet, handed over as a file of that name in CREDENTIALS_DIRECTORY",
        '"generate"',
        default=dict,
        names=SECRET_NAME,
    )
    commands: dict[Name, Command] = key(
        A_COMMAND,
        "Commands that a fleet can name under `first_run` and `processes`",
        '["bookedbiz", "sample"]',
        default=dict,
        names=A_NAME,
    )
