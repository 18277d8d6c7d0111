"""Control Station on a host of the lab, put there the quick way: for tests of what comes after its installation."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.host import Host

VENV = "/opt/venvs/station/lab"
STATION = "/opt/venvs/station/current/bin/station"
MANIFESTS = "/etc/station/manifest"


def install_platform(host: Host, wheels: str, fleet: Path) -> None:
    """`station` in /opt/venvs/station, and the manifest, with those of its apps, in /etc/station. No unit is there yet.

    `wheels` is what the fixture of that name gives. Done again it only brings the manifest.
    """
    if host.run("test", "-x", STATION, check=False).returncode != 0:
        host.run("python3", "-m", "venv", "--without-pip", VENV)
        host.run("sh", "-c", f"mkdir -p /run/wheels && cd /run/wheels && python3 -m zipfile -e {wheels}/uv-*.whl .")
        host.run("sh", "-c", "chmod +x /run/wheels/uv-*.data/scripts/uv")
        uv = "$(ls /run/wheels/uv-*.data/scripts/uv)"
        install = f"pip install --quiet --offline --no-index --find-links {wheels} --python {VENV}/bin/python station"
        host.run("sh", "-c", f"{uv} {install}", timeout_s=120)
        host.run("ln", "-sfn", "lab", "/opt/venvs/station/current")
        host.run("ln", "-sf", STATION, "/usr/local/bin/station")
    bring_manifest(host, fleet)


def bring_manifest(host: Host, fleet: Path) -> None:
    """The fleet's manifest and all other .toml files below its folder, and the host's own name."""
    with TemporaryDirectory() as folder:
        for path in fleet.parent.rglob("*.toml"):
            target = Path(folder, path.relative_to(fleet.parent))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        Path(folder).chmod(0o755)  # the page's user reads it too
        host.put(Path(folder), MANIFESTS)
    host.run("ln", "-sfn", f"manifest/{fleet.name}", "/etc/station/fleet.toml")
    host.write("/etc/station/host", f"{host.name}\n")
