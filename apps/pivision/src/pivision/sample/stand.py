"""The sample camera's view: a stand that people come to all day, drawn for the moment it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2

from pivision.camera.cadence import Orders
from pivision.camera.greys import grey_of
from pivision.camera.source import Encoded
from pivision.config import Region
from pivision.scenes.film import Film
from pivision.scenes.light import Weather
from pivision.scenes.making import Recipe, film
from pivision.scenes.planning import Habit, Passing
from pivision.scenes.script import Deed
from pivision.scenes.sensor import Sensor
from pivision.scenes.stand import View

HOUR_S = 3600.0  # a film of a whole day would take 400 MB
_BUSY = Habit(
    pause_s=(25.0, 90.0),
    stands_s=(1.0, 4.0),
    deeds=((Deed.TAKE, 3.0), (Deed.ADD, 3.0), (Deed.TOUCH, 2.0), (Deed.SWAP, 0.5)),
    company=0.15,
)
_RECIPE = Recipe(
    habit=_BUSY,
    passing=Passing(pause_s=(30.0, 90.0)),
    length_s=HOUR_S,
    weather=Weather(ambient=0.8, sun=0.4, clouds=0.5, cloud_s=90.0),
    sensor=Sensor(noise=1.6),
    views=(View.ACROSS,),
)


def regions(seed: int = 1) -> tuple[Region, ...]:
    """Where people reach in and where the goods stand, as an operator would draw them."""
    return _hour(seed).regions


def _hour(seed: int) -> Film:
    return film("sample", seed, _RECIPE)


def _hour_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass
class SampleStand:
    """A camera of `pivision.camera`: what it sees follows from the seed and the minute of the hour, so that a restart
    changes nothing; each hour everything is as it was at the beginning of the one before.
    """

    now: Callable[[], datetime]
    seed: int = 1
    quality: int = 80

    def __post_init__(self) -> None:
        self._begin = _hour_of(self.now())
        self._film = _hour(self.seed)

    def see(self) -> Encoded:
        """The picture of now, in 640x480 whatever was ordered."""
        at = self.now()
        if _hour_of(at) != self._begin:  # the shelf is as it was an hour ago
            self._begin, self._film = _hour_of(at), _hour(self.seed)
        drawn = self._film.picture((at - self._begin).total_seconds())
        _done, coded = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        content = coded.tobytes()
        return Encoded(content, grey_of(content), self._film.size)

    def order(self, orders: Orders) -> None:
        """Only the quality is taken."""
        self.quality = orders.quality

    def close(self) -> None:
        """Nothing is open."""
