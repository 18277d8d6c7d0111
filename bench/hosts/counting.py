"""Restarts and deploys of a small app that writes a row for each POST, asked 50 times a second meanwhile.

The app is `tests/lab/counter`; every release of it takes a second to start. Beside it the same code the naive way: one
checkout, a unit without a socket, changes in place, and a look with curl for ten seconds before it is taken back.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ground import AS, ROOT, Ground, Told
from steps import deployed

COUNTER = ROOT / "tests" / "lab" / "counter"
BOOT_S = 1.0
RESTARTS = 3
GATE_FAILED = 17
OURS, NAIVE = (8100, "/var/lib/counter/counter.db"), (8200, "/srv/naive.db")
BAD: dict[str, Told] = {
    "import error": {"start": "fail"},
    "failing health": {"health": 503},
    "destructive migration": {"migrate": "destroy"},
}
NAIVE_UNIT = """\
[Service]
Type=simple
ExecStart=/srv/naive/bin/counter serve
Environment=BIND=127.0.0.1 PORT=8200 DATABASE_PATH=/srv/naive.db
"""
IN_PLACE = """\
cd /srv/naive && good=$(git rev-parse HEAD) && git fetch -q && git checkout -q "$1"
DATABASE_PATH=/srv/naive.db bin/counter migrate
systemctl restart naive
for try in $(seq 10); do
    sleep 1
    curl -sf --max-time 1 -o /dev/null http://127.0.0.1:8200/health && echo kept && exit
done
git checkout -q "$good" && systemctl restart naive && sleep 2 && echo taken back
"""


def counting(ground: Ground) -> Told:
    """Deploys without load, and by scenario what became of the requests and their rows."""
    ground.begin()
    manifest = (COUNTER / "app.toml").read_text()
    ground.install(_fleet(ground, manifest))
    ground.host.run("station", "apply", "--yes", timeout_s=120)
    ground.host.until("station", "guard", "counter", within_s=30)
    releases = _Releases(ground)
    good = releases.make()
    times = [deployed(ground, "counter"), deployed(ground, "counter", releases.make())]
    _begin_naive(ground, good)
    asked = {f"{what}: {name}": told for name, both in _scenarios(ground, releases).items() for what, told in both}
    ground.follow(_fleet(ground, _overlapping(manifest)))
    new = releases.make()
    asked["ours: good deploy, overlap"] = _asked(ground, OURS, partial(deployed, ground, "counter", new))
    return {"deploys": times, "asked": asked, "boot_s": BOOT_S, "restarts": RESTARTS}


def _scenarios(ground: Ground, releases: "_Releases") -> dict[str, list[tuple[str, Told]]]:
    """Each the naive way and ours, one right after the other."""
    told = {
        "restart": [
            ("naive", _asked(ground, NAIVE, lambda: ground.restart("naive", RESTARTS))),
            ("ours", _asked(ground, OURS, lambda: ground.restart("counter-web", RESTARTS))),
        ]
    }
    for name, how in {"good deploy": {"migrate": "add"}, **BAD}.items():
        new = releases.make(**how)
        code = GATE_FAILED if name in BAD else 0
        told[name] = [
            ("naive", _asked(ground, NAIVE, partial(_in_place, ground, new))),
            ("ours", _asked(ground, OURS, partial(deployed, ground, "counter", new, code=code))),
        ]
    return told


class _Releases:
    """The app's repository on the host; each release is a commit that says how it behaves."""

    def __init__(self, ground: Ground) -> None:
        self._host = ground.host
        self._host.put(COUNTER / "bin", "/root/counter/bin")
        begin = "git init -q --bare -b main /srv/git/counter; git init -q -b main /root/counter"
        self._host.run("sh", "-ec", f"{begin}; git -C /root/counter remote add origin /srv/git/counter")
        self._made = 0

    def make(self, **how: object) -> str:
        """The commit of a release that is as `how` says."""
        self._made += 1
        text = json.dumps({"number": self._made, "boot_s": BOOT_S, **how})
        self._host.write("/root/counter/release.json", text)
        script = f"{AS}; cd /root/counter; git add -A; git commit -qm 'Release {self._made}'; git push -q origin main"
        self._host.run("sh", "-ec", script)
        return str(self._host.run("git", "-C", "/root/counter", "rev-parse", "HEAD").stdout).strip()


def _fleet(ground: Ground, manifest: str) -> Path:
    path = ground.fleet({"counter": 'git = "/srv/git/counter"\n'})
    path.with_name("counter.toml").write_text(manifest)
    return path


def _overlapping(manifest: str) -> str:
    """The same app with the switch in which both releases serve for a moment; nothing is migrated then."""
    return manifest.replace('migrate = "migrate"', 'switch = "overlap"').partition("[commands]")[0]


def _begin_naive(ground: Ground, good: str) -> None:
    host = ground.host
    host.run("git", "clone", "-q", "/srv/git/counter", "/srv/naive")
    host.run("git", "-C", "/srv/naive", "checkout", "-q", good)
    host.run("env", f"DATABASE_PATH={NAIVE[1]}", "/srv/naive/bin/counter", "migrate")
    host.write("/etc/systemd/system/naive.service", NAIVE_UNIT)
    host.run("systemctl", "start", "naive")
    host.until("curl", "-sf", "http://127.0.0.1:8200/health")


def _in_place(ground: Ground, new: str) -> Told:
    """What people do: change the code that runs, restart, look, take it back."""
    began_s = time.monotonic()
    ended = ground.host.run("sh", "-c", IN_PLACE, "-", new, check=False)
    return {"took_s": round(time.monotonic() - began_s, 1), "said": ended.stdout.strip().splitlines()[-1:]}


def _asked(ground: Ground, where: tuple[int, str], act: Callable[[], Told | None]) -> Told:
    """What came of the requests while it was done, and of the rows."""
    port, database = where
    began_s = time.monotonic()
    with ground.load(port, "/rows", "/rows") as told:
        acted = act()
    told["took_s"] = round(time.monotonic() - began_s, 1) if acted is None else acted["took_s"]
    return ground.rows(database, told)
