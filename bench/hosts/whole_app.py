"""BookedBiz of this repository: two deploys and what they take, then restarts and deploys asked 50 times a second."""

import shutil
import subprocess
from pathlib import Path

from ground import AS, BOOKEDBIZ, ROOT, Ground, Told, repository
from steps import deployed, disk_bytes

RESTARTS = 3
BUILT, CODE = "/opt/venvs/bookedbiz", "/opt/apps/bookedbiz"
MODULE = "apps/bookedbiz/src/bookedbiz/web/health.py"
NAIVE = """\
[Service]
Type=simple
User=bookedbiz
EnvironmentFile=/etc/bookedbiz/bookedbiz.env
LoadCredential=secret_key:/etc/bookedbiz/credentials/secret_key
ExecStart=/usr/bin/env PORT=8200 /opt/venvs/bookedbiz/current/bin/bookedbiz serve
WorkingDirectory=/opt/apps/bookedbiz/current
"""


def whole_app(ground: Ground) -> Told:
    """Deploys without load, their room, and by scenario what became of the requests."""
    ground.begin()
    bare = repository(ground.work / "repository")
    ground.host.put(bare, "/srv/git/station")
    fleet = ground.fleet({"bookedbiz": f'git = "/srv/git/station"\n{BOOKEDBIZ}'})
    shutil.copy(ROOT / "apps/bookedbiz/app.toml", fleet.with_name("bookedbiz.toml"))
    ground.install(fleet)
    ground.host.run("station", "apply", "--yes", timeout_s=120)
    times, room = [], [0]
    for number in range(2):
        if number:
            _commit(ground, bare, f"# Change {number}.")
        times.append(deployed(ground, "bookedbiz"))
        room.append(disk_bytes(ground, BUILT))
    code = disk_bytes(ground, f"{CODE}/current/")
    return {
        "deploys": times,
        "environment_bytes": [room[1], room[2] - room[1]],
        "code_bytes": code,
        "asked": _under_load(ground, bare),
        "restarts": RESTARTS,
    }


def _under_load(ground: Ground, bare: Path) -> dict[str, Told]:
    host, asked = ground.host, {}
    host.write("/etc/systemd/system/naive.service", NAIVE)
    host.run("systemctl", "start", "naive")
    host.until("curl", "-sf", "http://127.0.0.1:8200/health", within_s=30)
    for who, unit, port in (("naive", "naive", 8200), ("ours", "bookedbiz-web", 8000)):
        with ground.load(port, "/health") as told:
            ground.restart(unit, RESTARTS)
        asked[f"{who}: restart"] = told
    host.run("systemctl", "stop", "naive")
    for name, line, code in (("good deploy", "# Change 2.", 0), ("import error", "import nothing_of_that_name", 1)):
        _commit(ground, bare, line)
        with ground.load(8000, "/health") as told:
            done = deployed(ground, "bookedbiz", code=code)
        asked[f"ours: {name}"] = told | {"took_s": done["took_s"]}
    return asked


def _commit(ground: Ground, bare: Path, line: str) -> None:
    """One more commit, with this line at the end of a module, in the repository on the host."""
    tree = bare.with_name("tree")
    with (tree / MODULE).open("a") as module:
        module.write(f"{line}\n")
    subprocess.run(["sh", "-ec", f"{AS}; git commit -qam Change; git push -q {bare} main"], cwd=tree, check=True)
    ground.host.put(bare, "/srv/git/station")
