"""What a manifest says about machines alone, as values: the team, places of files, mounts, jobs, Datasette. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

SERVER = "station-serve"  # a command that begins with it is served by the platform's own server
SERVER_NEEDS = ("a2wsgi>=1.10", "uvicorn>=0.35")  # what that needs besides, as its pyproject.toml says


@dataclass(frozen=True)
class Team:
    """The developers: one group, whose `members` may change the code of every app and never its data."""

    group: str = "apps-deploy"
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Files:
    """Where an app's files lie when not in the usual places; None where they do.

    `venv` is used as it is, there is no link `current` in it. `data_path`: the folder below the data folder that is
    handed over as DATA_PATH, "" for the data folder itself.
    """

    code: Path | None = None
    venv: Path | None = None
    data: Path | None = None
    data_path: str = ""


@dataclass(frozen=True)
class Mount:
    """A folder of a Windows or Samba server (CIFS), mounted when somebody looks into it. `app` is the app that may."""

    share: str
    at: Path
    app: str | None
    writable: bool
    options: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """A command of an app that its primary runs at a wall time, or every so often. `weekday` 0 is Monday."""

    name: str
    command: tuple[str, ...]
    at: time | None
    weekday: int | None
    every_s: float | None
    jitter_s: float
    timeout_s: float
    needs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Where an app's code comes from: a Git repository (`folder` in it, when it holds more) or a published package.

    Exactly one of `git` and `package` is not "". `extra` are more packages, each with its version. `lock` is a file of
    the repository with pinned versions, "" where it has a uv.lock.
    """

    git: str = ""
    branch: str = "main"
    folder: str = ""
    lock: str = ""
    package: str = ""
    extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deploy:
    """How a new release takes over. `migrate` and the values of `hooks` (before, after, failed) are whole commands.

    `switch`: "held" (the old release ends first) or "overlap" (both serve for a moment). `imports` are modules that
    must be importable, none: what the app's commands begin with. `keep` releases stay, the one that runs among them.
    """

    switch: str = "held"
    imports: tuple[str, ...] = ()
    migrate: tuple[str, ...] | None = None
    keep: int = 5
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Datasette:
    """Datasette on `host`, over a copy of the app's databases that is made anew from the store `every_s`."""

    host: str
    port: int
    bind: str
    every_s: float
    sql_time_limit_ms: int
    max_returned_rows: int
    program: str


@dataclass(frozen=True)
class Dev:
    """A developer's own instance on the app's primary, with its own database, as a service of that user."""

    user: str
    port: int
    folder: Path
    service: str
