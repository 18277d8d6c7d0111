"""Fill an empty host with the app's own `first_run` command, all or nothing.

The command works in a folder beside the app's data folder. Only what it finished is moved into place, the databases
last; what a killed run left is thrown away by the next.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from station.errors import StationError
from station.fleet import App, Host, app_environment, filled
from station.hosts.foreground import last_lines
from station.hosts.units import Programs

DISK_FULL = ("No space left on device", "database or disk is full", "Disk quota exceeded")  # the system's, SQLite's
_TETHER = str(Path(__file__).with_name("tether.py"))


def needs_first_run(app: App, host: Host) -> bool:
    """Whether the app has a command for an empty host and this host has none of its databases."""
    files = [host.paths.database(app.name, database) for database in app.databases.values()]
    return app.first_run is not None and not any(file.exists() for file in files)


def first_run(app: App, host: Host, programs: Programs, say: Callable[[str], None]) -> None:
    """Run the command and put its result in place. StationError with its last lines when it fails."""
    final = host.paths.data(app.name)
    draft = final.with_name(f".{final.name}.first-run")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    told = app_environment(app, host)
    env = {name: _moved(value, final, draft) for name, value in told.items()}
    log = host.paths.log(f"{app.name}-first-run")
    log.parent.mkdir(parents=True, exist_ok=True)
    code = _run(programs.command(filled(app.first_run or (), env)), programs.environment() | env, log, say)
    if code != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise _failure(app, code, last_lines(log), log)
    _put_in_place(draft, final, [database.file for database in app.databases.values()])


def _run(command: tuple[str, ...], env: dict[str, str], log: Path, say: Callable[[str], None]) -> int:
    """Run to the end, telling each line it prints; ends it when we are interrupted."""
    tethered = [sys.executable, "-I", "-S", _TETHER, str(os.getpid()), *command]
    with (
        log.open("w", encoding="utf-8") as copy,
        subprocess.Popen(
            tethered,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        ) as process,
    ):
        try:
            broken = False
            for line in process.stdout or ():
                copy.write(line)
                copy.flush()
                broken = broken or line.startswith("Traceback (")  # that is for the log; its end comes with the error
                if line.strip() and not broken:
                    say(f"  {line.rstrip()}")
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _failure(app: App, code: int, said: str, log: Path) -> StationError:
    """Why the command failed: its last lines, or for a full disk that alone, which no traceback makes clearer."""
    if any(words in said for words in DISK_FULL):
        return StationError(
            f"The first run of {app.name} failed: the disk is full", f"Make room, start again; see {log}"
        )
    lines = "\n".join(f"    {line}" for line in said.splitlines())
    return StationError(f"The first run of {app.name} failed with exit code {code}:\n{lines}", f"See {log}")


def _put_in_place(draft: Path, final: Path, databases: list[str]) -> None:
    final.mkdir(parents=True, exist_ok=True)
    for path in draft.rglob("*"):
        _sync(path)
    # the databases come last: while one is missing the next start begins from scratch
    for path in sorted(draft.iterdir(), key=lambda path: path.name in databases):
        target = final / path.name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        path.replace(target)
    _sync(final)
    draft.rmdir()


def _moved(value: str, final: Path, draft: Path) -> str:
    return str(draft / Path(value).relative_to(final)) if Path(value).is_relative_to(final) else value


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
