"""Signs of life: a small file that a process writes every few seconds. In the database it would be a change to copy."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pivision.datafolder import DataFolder
from pivision.moments import moment_of, utc_text


def beat(folder: DataFolder, name: str, told: Mapping[str, object], now: datetime) -> None:
    """Say that `name` is well, and what it does. Whole or not at all, and gone after a power cut: it is about now."""
    file = _file(folder, name)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(json.dumps({"at": utc_text(now), **told}), encoding="utf-8")
    new.replace(file)


def last(folder: DataFolder, name: str) -> dict[str, Any]:
    """What it said last, `at` among it; empty when it never did."""
    try:
        found = json.loads(_file(folder, name).read_text(encoding="utf-8"))
        moment_of(found["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(found)


def _file(folder: DataFolder, name: str) -> Path:
    return folder.worker_bell.with_name(f"{name}.json")
