"""Where the figures are made: one host of the lab, blank again for each part, and what is brought to it."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from lab.cache import cache_folder
from lab.host import Host
from lab.installed import bring_manifest, install_platform
from lab.laboratory import WHEELS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INSIDE = "/root/bench"
HOST = "pi-ctv"
AS = "export GIT_AUTHOR_NAME=bench GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=a@b"
FLEET = """\
name = "bench"
[control]
host = "pi2"
port = 5001
[hosts.pi-ctv]
address = "{address}"
[hosts.pi2]
address = "pi2.invalid"
[stores.disk]
kind = "directory"
path = "/srv/store"
"""
APP = """\
[apps.{name}]
manifest = "{name}.toml"
primary = "pi-ctv"
stores = ["disk"]
[apps.{name}.source]
"""
BOOKEDBIZ = 'folder = "apps/bookedbiz"\nlock = "requirements/lock.txt"\n'
Told = dict[str, Any]


@dataclass
class Ground:
    """The host, and where wheels are: `wheels` and `peers` as the host sees them."""

    host: Host
    wheels: str
    peers: str
    work: Path
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def wheels_here(self) -> Path:
        """The wheels, as this machine sees them."""
        wheels = cache_folder(os.environ) / "wheels"
        return wheels / Path(self.wheels).relative_to(WHEELS)

    def begin(self) -> None:
        """The host as blank as before its first boot."""
        self.host.clean()
        self.host.put(HERE / "inside", INSIDE)

    def fleet(self, apps: dict[str, str], *, address: str = HOST) -> Path:
        """A manifest with these apps; of each the lines of its [source]. Their app.toml files lie beside it already."""
        texts = [FLEET.format(address=address), *(APP.format(name=name) + source for name, source in apps.items())]
        (self.work / "fleet").mkdir(exist_ok=True)
        path = self.work / "fleet" / "fleet.toml"
        path.write_text("".join(texts))
        return path

    def install(self, fleet: Path) -> None:
        """The platform and the manifest, and a folder for the store."""
        self.host.run("mkdir", "-p", "/srv/store")
        install_platform(self.host, self.wheels, fleet)

    def follow(self, fleet: Path) -> None:
        """Another manifest, applied."""
        bring_manifest(self.host, fleet)
        self.host.run("station", "apply", "--yes", timeout_s=120)

    def cost(self, *command: object, codes: tuple[int, ...] = (0,)) -> Told:
        """What a command costs inside: see `inside/cost.py`."""
        told: Told = json.loads(self.host.run("python3", f"{INSIDE}/cost.py", *command, timeout_s=180).stdout)
        if told["code"] not in codes:
            raise SystemExit(f"{command} ended with {told['code']}: {told['said']}")
        return told

    def deploy(self, app: str, *words: str, code: int = 0) -> Told:
        """`station deploy` without a network: what it says as JSON, and all that it told."""
        known = ["UV_OFFLINE=1", f"UV_FIND_LINKS={self.wheels}"]
        began_s = time.monotonic()
        ended = self.host.run(
            "env", *known, "station", "deploy", app, *words, "--yes", "--json", check=False, timeout_s=180
        )
        if ended.returncode != code:
            raise SystemExit(f"The deploy of {app} ended with {ended.returncode}, wanted {code}: {ended.stderr}")
        answer: Told = json.loads(ended.stdout)
        return answer | {"told": ended.stderr, "wall_s": round(time.monotonic() - began_s, 2)}

    def restart(self, unit: str, times: int) -> None:
        """`systemctl restart` that often, a second apart; five starts in five minutes would be the units' limit."""
        for _ in range(times):
            self.host.run("systemctl", "reset-failed", unit, check=False)
            self.host.run("systemctl", "restart", unit, check=False)
            time.sleep(1)

    @contextmanager
    def load(self, port: int, get: str, post: str = "", *, status: int = 200) -> Iterator[Told]:
        """50 requests a second while the block runs and for a second before and after it. Then what came of them."""
        number = next(self._numbers)
        stop, told = f"/run/stop-{number}", Told()
        asked = {"port": port, "per_second": 50, "seed": number, "get": get, "post": post, "status": status}
        asked |= {"prefix": f"load{number}", "stop": stop, "at_most_s": 60}
        command = self.host.entering("python3", f"{INSIDE}/load.py", json.dumps(asked))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                time.sleep(1)
                yield told
                time.sleep(1)
            finally:
                self.host.run("touch", stop)
                said, _ = process.communicate(timeout=120)
        told.update(json.loads(said), prefix=f"load{number}-")

    def rows(self, database: str, told: Told) -> Told:
        """The same, with what the database holds of it, in place of every row's name."""
        query = f"SELECT name FROM row WHERE name LIKE '{told['prefix']}%'"
        there = self.host.run("sqlite3", "-readonly", database, query, check=False).stdout.split()
        promised = set(told["written"])
        counts = {"answered": len(promised), "there": len(there), "lost": len(promised - set(there))}
        counts["twice"] = len(there) - len(set(there))
        counts["unanswered"] = len(set(there) - promised)
        return {**told, "written": counts}


def repository(folder: Path, commit: str = "HEAD") -> Path:
    """What this repository has in its newest commit, as a bare repository of one commit; `folder/tree` is its tree."""
    tree, bare = folder / "tree", folder / "bare"
    shutil.rmtree(folder, ignore_errors=True)
    tree.mkdir(parents=True)
    packed = subprocess.run(["git", "-C", ROOT, "archive", commit], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", tree], input=packed, check=True)
    script = f"{AS}; git init -q -b main; git add -A; git commit -qm All; git clone -q --bare . {bare}"
    subprocess.run(["sh", "-c", script], cwd=tree, check=True)
    return bare
