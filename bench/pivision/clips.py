"""The detector on a real clip: `vtest.avi` of Debian's package opencv-doc, labelled by hand. Never shipped.

apt-get download opencv-doc && dpkg -x opencv-doc_*.deb there
.venv/bin/python bench/pivision/clips.py there/usr/share/doc/opencv-doc/examples/data
"""

import sys
from pathlib import Path

from pivision.config import Config, Region, RegionKind
from pivision.replay import shots
from pivision.replay.running import replay
from pivision.scenes.running import heard
from pivision.scenes.scoring import judge
from pivision.scenes.truth import Expected, Topic, Truth

LENGTH_S = 79.5
Box = tuple[float, float, float, float]
# Where, what lies there, and from when to when somebody is in it (seconds, as seen in the pictures)
PLACES: dict[str, tuple[Box, Box | None, tuple[tuple[float, float], ...]]] = {
    "lawn with a vest on it": ((0.02, 0.70, 0.34, 0.99), (0.06, 0.84, 0.24, 0.95), ((53.5, 60.5), (66.5, 69.0))),
    "lawn with a tripod": ((0.45, 0.72, 0.75, 0.99), (0.58, 0.58, 0.70, 0.85), ((50.5, 53.5), (60.0, 66.0))),
    "house where nobody comes": ((0.42, 0.04, 0.80, 0.20), None, ()),
}


def main() -> None:
    clip = Path(sys.argv[1]) / "vtest.avi"
    for name, (reach, goods, spans) in PLACES.items():
        regions = [_box("reach", RegionKind.INTERACTION, reach)]
        if goods:
            regions.append(_box("goods", RegionKind.INVENTORY, goods))
        run = replay(shots.every(shots.open_shots(clip), 0.5), Config(regions=tuple(regions)))
        truth = Truth(LENGTH_S, tuple(Expected(Topic.INTERACTION, begin, end, 3.0) for begin, end in spans))
        result, mistakes = judge(truth, heard(run.findings))
        found = result.of(Topic.INTERACTION)
        print(f"{name}: {found.right} of {len(spans)} visits, {result.all.wrong} told without cause")
        for each in mistakes:
            print(f"  {each.what} {each.topic} at {each.at_s:.1f} s")


def _box(name: str, kind: RegionKind, box: Box) -> Region:
    left, top, right, bottom = box
    return Region(name, kind, ((left, top), (right, top), (right, bottom), (left, bottom)))


if __name__ == "__main__":
    main()
