"""The wheels of Control Station itself: built from its checkout, or packed again from where it is installed."""

import base64
import csv
import hashlib
import importlib.metadata
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

from station.errors import StationError
from station.hosts.remote.wheels import Tools

OWN = ("station", "station-kit", "station-serve")
SERVER = ("station-serve", "station-kit")  # what an app is given whose command begins with station-serve
BUILD_S = 600.0
_LEFT_OUT = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip knows: the same content gives the same wheel


def checkout() -> Path | None:
    """The folder of the checkout that this program runs from; None when it is installed from wheels."""
    told = importlib.metadata.distribution("station").read_text("direct_url.json")
    place = json.loads(told) if told else {}
    if not place.get("dir_info", {}).get("editable"):
        return None
    member = Path(unquote(urlparse(place["url"]).path))
    root = member.parent.parent
    return root if (root / "requirements" / "lock.txt").is_file() else None


def has_changes(root: Path) -> bool:
    """Whether what is built from the checkout is not what is committed; False where there is no git to ask."""
    asked = ["git", "-C", str(root), "status", "--porcelain", "--", *(f"packages/{name}" for name in OWN)]
    try:
        return bool(subprocess.run(asked, capture_output=True, timeout=BUILD_S, check=False).stdout.strip())
    except OSError:
        return False


def own_wheels(tools: Tools, root: Path | None, folder: Path) -> list[Path]:
    """The wheels of `station` and what else is ours, in the folder."""
    if root is None:
        return [repack(importlib.metadata.distribution(name), folder) for name in OWN]
    members = [str(root / "packages" / name) for name in OWN]
    for member in members:
        command = [str(tools.uv), "build", "--quiet", "--wheel", *tools.source, "--out-dir", str(folder), member]
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=BUILD_S, check=False, env=_building(os.environ)
        )
        if ended.returncode != 0:
            raise StationError(f"{Path(member).name} was not built: {ended.stderr.strip()[-1500:]}")
    (folder / ".gitignore").unlink(missing_ok=True)  # uv's
    return sorted(folder.glob("station*.whl"))


def server_wheels(folder: Path) -> list[Path]:
    """The wheels of the server that apps are given, as this installation has it, in the folder. StationError."""
    root = checkout()
    if root is not None:
        raise StationError(
            f"{SERVER[0]} was not packed: Control Station runs from {root}", "Install it from its wheels"
        )
    return [repack(importlib.metadata.distribution(name), folder) for name in SERVER]


def needs_of(wheel: Path) -> list[str]:
    """What a wheel asks for, without what is ours and without its extras."""
    with zipfile.ZipFile(wheel) as file:
        [metadata] = [name for name in file.namelist() if name.endswith(".dist-info/METADATA")]
        lines = file.read(metadata).decode().splitlines()
    asked = [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]
    return [need for need in asked if need.split(";")[0].strip() not in OWN and "extra ==" not in need]


def repack(installed: importlib.metadata.Distribution, folder: Path) -> Path:
    """The wheel that this installation came from, file by file; what the installer added is left out."""
    tag = next(line[5:] for line in (installed.read_text("WHEEL") or "").splitlines() if line.startswith("Tag: "))
    stem = f"{installed.name.replace('-', '_')}-{installed.version}"
    target = folder / f"{stem}-{tag}.whl"
    record = io.StringIO()
    writer = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in _files(installed):
            wheel.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            writer.writerow([name, f"sha256={digest}", len(content)])
        listed = f"{stem}.dist-info/RECORD"
        writer.writerow([listed, "", ""])
        wheel.writestr(zipfile.ZipInfo(listed, _EPOCH), record.getvalue(), zipfile.ZIP_DEFLATED)
    return target


def _files(installed: importlib.metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    for path in sorted(installed.files or [], key=str):
        outside = path.parts[0] == ".." or path.suffix == ".pyc"
        if not outside and not (path.parent.suffix == ".dist-info" and path.name in _LEFT_OUT):
            yield path.as_posix(), Path(str(path.locate())).read_bytes()


def _building(env: "os._Environ[str]") -> dict[str, str]:
    """The same checkout gives the same wheel, byte for byte."""
    return {**env, "SOURCE_DATE_EPOCH": "315532800"}
