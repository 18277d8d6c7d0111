"""The appliance's own detector, as the scorer drives it."""

from pivision.config import Region, Tuning
from pivision.scenes.running import Contender
from pivision.vision.decode import grey
from pivision.vision.detector import Detector


def make(tuning: Tuning, regions: tuple[Region, ...]) -> Detector:
    return Detector(tuning, regions)


OURS = Contender("pivision", make, grey)
