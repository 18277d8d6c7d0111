"""The hosting contract as one assertion that any app can run against itself, whatever it is written with."""

import os
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from station_kit.sqlitefile import open_database
from station_kit.testing.handedover import HandedOver
from station_kit.testing.running import STOP_S, RunningApp, fetch, free_port, last_lines, running_app, start
from station_kit.testing.temporary import copy_database

_CLEAN_ENDS = (0, -15)  # by itself, or by the SIGTERM that nobody caught
_OTHER_LOOPBACK = "127.0.0.2"  # answers on Linux only where somebody listens on more than 127.0.0.1


@dataclass(frozen=True)
class _Trial:
    """The app's web process on a host of its own: an empty folder."""

    manifest: Mapping[str, Any]
    process: Mapping[str, Any]
    folder: Path
    secret: str
    extra: Mapping[str, str]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def databases(self) -> dict[str, Path]:
        """Each database's file by the variable that hands it over."""
        its = self.manifest["databases"].values()
        return {database.get("env", "DATABASE_PATH"): self.data / database["file"] for database in its}

    def environ(self) -> dict[str, str]:
        told = {variable: str(path) for variable, path in self.databases().items()}
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "DATA_PATH": str(self.data),
            "CREDENTIALS_DIRECTORY": str(self.folder / "credentials"),
            "HOST_NAME": "trial",
            "BIND": "127.0.0.1",
            "PORT": str(free_port()),
            **told,
            **self.extra,
        }

    def made(self) -> "_Trial":
        """The same, with its folders and secrets on disk."""
        for folder in ("data", "home", "credentials", "work"):
            (self.folder / folder).mkdir(parents=True)
        for name in self.manifest.get("secrets", {}):
            file = self.folder / "credentials" / name
            file.touch(mode=0o600)
            file.write_text(self.secret, encoding="utf-8")
        return self


def assert_hostable(manifest: Path, folder: Path, *, extra: Mapping[str, str] | None = None) -> None:
    """Start the app of `manifest` (its app.toml) as a host would, and require what the platform relies on.

    - It does not start without being told where its database is, and becomes healthy on an empty host in time.
    - It listens on the port and address that it is given and on no other address.
    - Its databases lie where it is told, are whole, and nothing else is written outside of DATA_PATH.
    - With `socket` it serves on every socket that it is handed and leaves them open at its end, so that who comes
      meanwhile is answered by the next one; with `notify` it says READY=1, and not before it answers.
    - SIGTERM ends it within 10 s; after a kill -9 it starts again; it starts from nothing but its copied databases.
    - No secret is in what it prints.

    `folder` is an empty one for the trial; `extra` are variables on top of the contract's. AssertionError names what
    does not hold. Takes four starts of the app, six with a socket. The programs of `app.toml` are looked for beside
    this Python first.
    """
    raw = tomllib.loads(manifest.read_text(encoding="utf-8"))
    process = next(one for one in raw["processes"].values() if "health" in one)
    trial = _Trial(raw, process, folder / "first", secrets.token_urlsafe(24), extra or {}).made()
    _require_refusal(trial)
    with _up(trial) as app:
        _require_address(trial, app)
    with _up(trial) as app:  # the end of the block before was a kill -9
        standby = replace(trial, folder=folder / "second").made()
        for variable, path in trial.databases().items():
            _require_whole(variable, path)
            copy_database(path, standby.databases()[variable])
        _require_clean_end(app)
    with _up(standby) as app:  # on another host, with nothing but the databases
        _require_clean_end(app)
    if process.get("socket") or process.get("notify"):
        HandedOver(process, standby.environ(), standby.folder).require()
    for one in (trial, standby):
        _require_tidiness(one)


def _up(trial: _Trial) -> AbstractContextManager[RunningApp]:
    health = trial.process["health"]
    return running_app(
        trial.process["command"],
        trial.environ(),
        trial.folder,
        health=health.get("path", "/health"),
        status=health.get("status", 200),
        within_s=health.get("within_s", 30),
    )


def _require_refusal(trial: _Trial) -> None:
    environ = {name: value for name, value in trial.environ().items() if name not in trial.databases()}
    app = start(trial.process["command"], environ, trial.folder)
    with suppress(subprocess.TimeoutExpired):
        app.process.wait(STOP_S)
    status = app.process.poll()
    app.kill()
    missing = ", ".join(trial.databases())
    assert status is not None, f"It runs though it was not told {missing}: it must refuse to start"
    assert status != 0, f"It was not told {missing} and ended with status 0: it must say that it failed"


def _require_address(trial: _Trial, app: RunningApp) -> None:
    elsewhere = app.url.replace("127.0.0.1", _OTHER_LOOPBACK)
    with suppress(OSError):
        status, _ = fetch(elsewhere)
        raise AssertionError(f"It answers at {elsewhere} ({status}): it must listen on BIND only")


def _require_whole(variable: str, path: Path) -> None:
    assert path.is_file(), f"There is no database at {variable}, {path}, though the app is healthy"
    with closing(open_database(path, read_only=True)) as db:
        found = db.execute("PRAGMA integrity_check").fetchone()[0]
    assert found == "ok", f"The database of {variable} is damaged after a kill -9: {found}"


def _require_clean_end(app: RunningApp) -> None:
    try:
        status = app.stop()
    except subprocess.TimeoutExpired:
        raise AssertionError(f"It still runs {STOP_S:g} s after SIGTERM:\n{last_lines(app.log)}") from None
    assert status in _CLEAN_ENDS, f"It ended with status {status} after SIGTERM:\n{last_lines(app.log)}"


def _require_tidiness(trial: _Trial) -> None:
    for folder in ("work", "home"):
        strewn = sorted(path.name for path in (trial.folder / folder).iterdir())
        assert not strewn, f"It wrote {', '.join(strewn)} into its {folder} folder: everything belongs in DATA_PATH"
    printed = (trial.folder / "app.log").read_text(encoding="utf-8", errors="replace")
    assert trial.secret not in printed, "It printed a secret"
