"""The figures of hosts and deploys beside their peers, in one run on a host of the lab (docs/lab.md).

    sudo .venv/bin/python bench/hosts/run.py WORKDIR [--only PART]...

Ten minutes, as root. pyinfra comes from PyPI. Says what is missing where the lab cannot run; prints the tables and
writes WORKDIR/figures.json, of which `report.py` makes the same tables. Counts do not depend on the machine as its
times do: its load is noted for each part.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from applying import applying
from bootstrapping import bootstrapping
from counting import counting
from ground import HERE, HOST, ROOT, Ground, Told
from report import report
from scores import scores
from whole_app import whole_app

from lab.errors import LabError
from lab.laboratory import laboratory
from lab.pinned import pinned_wheels
from lab.probe import missing
from lab.wheelhouse import wheelhouse

PARTS: dict[str, Callable[[Ground], Told]] = {
    "scores": scores,
    "apply": applying,
    "counter": counting,
    "bookedbiz": whole_app,
    "bootstrap": bootstrapping,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--only", action="append", choices=PARTS)
    chosen = parser.parse_args()
    if why := missing(os.environ):
        sys.exit(f"The lab cannot run here: {why}")
    work = chosen.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    figures: Told = {"processors": os.cpu_count(), "parts": {}, "loads": {}, "took_s": {}}
    with (
        wheelhouse(ROOT) as wheels,
        pinned_wheels(ROOT, HERE / "pyinfra.txt") as peers,
        laboratory([HOST]) as lab,
    ):
        ground = Ground(lab.host(HOST), wheels, peers, work)
        for name in chosen.only or PARTS:
            began_s = time.monotonic()
            print(f"{name} …", file=sys.stderr, flush=True)
            load = round(os.getloadavg()[0], 1)
            figures["parts"][name] = PARTS[name](ground)
            figures["loads"][name] = [load, round(os.getloadavg()[0], 1)]
            figures["took_s"][name] = round(time.monotonic() - began_s, 1)
            (work / "figures.json").write_text(json.dumps(figures, indent=1))
    print(report(figures))


if __name__ == "__main__":
    try:
        main()
    except LabError as why:
        sys.exit(f"error: {why}")
