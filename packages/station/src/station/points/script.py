"""The scripts that lie in every chain and restore it without this program."""

from importlib.resources import files

RESTORE_PY = "restore.py"


def restore_scripts() -> dict[str, bytes]:
    """By the name it has in the store: one for every chain, and one for chains of logs in a few lines of shell."""
    package = files("station.points")
    return {"restore.sh": restore_script(), RESTORE_PY: (package / "alone.py").read_bytes()}


def restore_script() -> bytes:
    return (files("station.points") / "restore.sh").read_bytes()
