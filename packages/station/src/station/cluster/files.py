"""Small files that two processes share: written whole or not at all, None when they are not there."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from station.durable import sync_folder

_swept: set[Path] = set()  # files of which this process knows that no killed run left anything beside them


def write_json(path: Path, value: object, *, durable: bool) -> None:
    """Put the value in place of what the file held. `durable`: it is on the disk when this returns.

    What need not be durable is told on a full disk too, in the room that the old text had; then it may be read torn.
    """
    text = json.dumps(value, indent=1) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    _sweep(path)
    try:
        with part.open("w", encoding="utf-8") as stream:
            stream.write(text)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        if durable or not path.exists():
            raise
        with path.open("r+", encoding="utf-8") as stream:
            stream.write(text)
            stream.truncate()
    if durable:
        sync_folder(path.parent)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in the file, or None when there is no file or it holds no JSON object."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _sweep(path: Path) -> None:
    """Once for each file: take away what processes that were killed left beside it."""
    if path in _swept:
        return
    _swept.add(path)
    for left in path.parent.glob(f".{path.name}.*"):
        process = left.name.rpartition(".")[2]
        if process.isdigit() and int(process) != os.getpid() and not Path("/proc", process).exists():
            with suppress(OSError):
                left.unlink()
