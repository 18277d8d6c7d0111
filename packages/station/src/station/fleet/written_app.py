"""`app.toml` as it is written, key by key: what may stand there, in which unit, and what it means. Pure."""

from typing import Literal

from station.fleet.keys import (
    A_COMMAND,
    A_NAME,
    SECRET_NAME,
    Command,
    FileName,
    Name,
    SecretName,
    Table,
    UrlPath,
    Variable,
    Words,
    key,
    number,
    port,
)


class WrittenDatabase(Table):
    """A SQLite database of the app."""

    file: FileName = key(
        "a plain file name without folders (letters, digits, . _ -)",
        "The database's file in the app's data folder",
        '"bookedbiz.db"',
    )
    env: Variable = key(
        "a variable's name: A-Z, 0-9 and _, a letter first",
        "The environment variable that tells the app the file's path",
        '"DATABASE_PATH"',
        default="DATABASE_PATH",
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

    command: Command = key(A_COMMAND, "The program and its arguments; no shell reads it", '["bookedbiz", "serve"]')
    port: int | None = port(
        "The TCP port it listens on, handed over as PORT; none when it serves nothing", default=None, example="8000"
    )
    health: WrittenHealth | None = key("a table", "How to see that the app is up", "", default=None)


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
