"""`station apply` on a host of the office beside pyinfra on the same one: the first run of each, then in turns."""

import json
import re
import shutil
from pathlib import Path

from ground import HOST, INSIDE, ROOT, Ground, Told

TURNS = 5
PEERS = "/opt/peers"


def applying(ground: Ground) -> Told:
    """Costs of the first run and of those with nothing to do, and how much ours looks after."""
    ground.begin()
    ground.install(_office(ground.work / "office"))
    _install_pyinfra(ground)
    planned = json.loads(ground.host.run("station", "plan", "--json", check=False).stdout)
    first = {"ours": ground.cost("station", "apply", "--yes"), "pyinfra": ground.cost(*_peer())}
    nothing: dict[str, list[Told]] = {"ours": [], "pyinfra": []}
    for _ in range(TURNS):
        nothing["ours"].append(ground.cost("station", "apply", "--yes"))
        nothing["pyinfra"].append(ground.cost(*_peer()))
    _check_quiet(nothing)
    return {"changes": len(planned["changes"]), "first": first, "nothing": nothing}


def _office(folder: Path) -> Path:
    """The office's manifest without what a lab cannot have: its Dropbox, its network drive."""
    shutil.copytree(ROOT / "fleets" / "office", folder / "office", dirs_exist_ok=True)
    text = (ROOT / "fleets" / "office.toml").read_text()
    text = re.sub(r"\[hosts\.pi-ctv\.mounts\.k-drive\].*?\n\n", "", text, flags=re.DOTALL)
    text = re.sub(
        r"\[stores\.cloud\].*?\n\n",
        '[stores.cloud]\nkind = "directory"\npath = "/srv/store"\n\n',
        text,
        flags=re.DOTALL,
    )
    (folder / "office.toml").write_text(text)
    return folder / "office.toml"


def _install_pyinfra(ground: Ground) -> None:
    """In an environment of its own, by the uv that came with the platform."""
    host = ground.host
    host.run("python3", "-m", "venv", "--without-pip", PEERS)
    uv = "/opt/venvs/station/current/bin/uv"
    options = ["--quiet", "--offline", "--no-index", "--find-links", ground.peers, "--python", f"{PEERS}/bin/python"]
    host.run(uv, "pip", "install", *options, "--compile-bytecode", "pyinfra", timeout_s=120)


def _peer() -> list[str]:
    return ["env", "-C", INSIDE, f"{PEERS}/bin/pyinfra", "-y", "@local", "peer.py"]


def _check_quiet(nothing: dict[str, list[Told]]) -> None:
    """SystemExit when one of those that had nothing to do did something."""
    for told in nothing["ours"]:
        if f"{HOST} has all that it should have" not in told["said"] or "changes made" in told["said"]:
            raise SystemExit(f"station apply had something to do: {told['said']}")
    for told in nothing["pyinfra"]:
        if not re.search(r"Grand total\W+\d+\W+-", told["said"]):
            raise SystemExit(f"pyinfra had something to do: {told['said']}")
