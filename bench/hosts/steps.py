"""A deploy of ours with the time of its steps, and what it takes of the disk."""

import re

from ground import Ground, Told

STEP = re.compile(r"^  (\w[\w ]*?) {2,}.*\((\d+\.\d) s\)$", re.MULTILINE)
WAITED = re.compile(r"requests waited for ([\d.]+) s")


def deployed(ground: Ground, app: str, ref: str = "", *, code: int = 0) -> Told:
    """Deploy, and how long each step took; `rest` is the switch with all that follows."""
    told = ground.deploy(app, *(["--ref", ref] if ref else []), code=code)
    steps = {name: float(seconds) for name, seconds in STEP.findall(told["told"])}
    took_s = float(told["took_s"] if "took_s" in told else told["wall_s"])
    waited = WAITED.search(told["told"])
    return {
        "took_s": took_s,
        "steps": steps | {"switch and after": round(took_s - sum(steps.values()), 1)},
        "waited_s": float(waited[1]) if waited else None,
        "error": told.get("error", ""),
        "told": told["told"],
    }


def disk_bytes(ground: Ground, *folders: str) -> int:
    """What the folders take of the disk together, hard links counted once."""
    shown = ground.host.run("du", "--summarize", "--total", "--block-size=1", *folders).stdout
    return int(shown.splitlines()[-1].split()[0])
