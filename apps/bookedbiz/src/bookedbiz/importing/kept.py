"""The kept copy of each imported workbook, by the hash of its content: an import can be examined or repeated."""

import hashlib
import os
import shutil
from pathlib import Path

from bookedbiz.errors import WorkbookError


def sha256_of(file: Path) -> str:
    """Hex digest of the file's content. WorkbookError when it cannot be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as why:
        raise WorkbookError(f"{file} not imported: {why.strerror}", "Name the workbook to be imported") from why


def keep_workbook(file: Path, sha256: str, data_path: Path) -> Path:
    """The copy under `workbooks/`, durable on return. WorkbookError when the file is no longer what was hashed."""
    folder = data_path / "workbooks"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{sha256}{file.suffix.lower() or '.xlsx'}"
    if kept.exists():
        return kept
    half = folder / f".{kept.name}.half"
    with file.open("rb") as source, half.open("wb") as target:
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())
    if sha256_of(half) != sha256:
        half.unlink()
        raise WorkbookError(f"{file.name} not imported: it changed while it was being read", "Import it again")
    half.rename(kept)
    _sync_folder(folder)
    return kept


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
