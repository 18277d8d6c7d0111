"""A day at a stand in ten minutes: night, dawn, sun and clouds, a shower, people by the hour, a lamp, night again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pivision.scenes.effects import Effect, Foliage, Insects, Rain
from pivision.scenes.film import Film
from pivision.scenes.light import Lamp, Weather
from pivision.scenes.making import Recipe, film
from pivision.scenes.planning import Habit, Passing
from pivision.scenes.sensor import Sensor
from pivision.scenes.stand import Stand, View
from pivision.scenes.textures import Chance
from pivision.scenes.truth import Topic, Truth

LENGTH_S = 600.0
_HOURS = 24.0
_LIGHT = ((0.0, 0.004), (4.5, 0.004), (6.5, 0.25), (9.0, 0.9), (13.0, 1.2), (17.0, 0.8), (20.0, 0.15), (21.8, 0.004))
_OPEN = (6.5, 21.0)  # before and after, nobody comes
_SHOWER = (14.5, 16.5)
_LAMP = (19.3, 22.5)
_INFRARED = ((0.0, 5.4), (22.0, 24.1))


@dataclass(frozen=True)
class Day:
    """The film, and how its seconds are hours. People move at their own pace: it is the sun that hurries."""

    film: Film
    length_s: float

    @property
    def truth(self) -> Truth:
        return self.film.truth

    def hour(self, at_s: float) -> float:
        return at_s * _HOURS / self.length_s

    def frames(self, start: datetime, every_s: float = 0.5) -> Iterator[tuple[datetime, bytes]]:
        """Each picture and the moment to send it, as a camera would that sends so often."""
        for at_s, jpeg in self.film.frames(every_s):
            yield start + timedelta(seconds=at_s), jpeg

    def visits(self, start: datetime) -> list[tuple[datetime, datetime]]:
        """From when to when each visit has to be told."""
        return [
            (start + timedelta(seconds=each.opens_s), start + timedelta(seconds=each.closes_s))
            for each in self.truth.of(Topic.INTERACTION)
        ]


def day(seed: int, length_s: float = LENGTH_S, view: View | None = None) -> Day:
    """That day; the same for the same seed."""

    def at(hour: float) -> float:
        return hour * length_s / _HOURS

    weather = Weather(
        ambient=0.6,
        sun=0.9,
        clouds=0.9,
        cloud_s=25.0,
        roof=0.35,
        roof_drift=0.3 * 3600 / length_s,
        dapples=0.3,
        lamps=(Lamp(0.5, 0.0, 0.25, ((at(_LAMP[0]), at(_LAMP[1])),)),),
        course=tuple((at(hour), share) for hour, share in _LIGHT),
    )
    nights = tuple((at(begin), at(end)) for begin, end in _INFRARED)
    recipe = Recipe(
        habit=Habit(pause_s=(25.0, 40.0), company=0.2),
        passing=Passing(pause_s=(15.0, 50.0)),
        length_s=length_s,
        weather=weather,
        sensor=Sensor(noise=1.6, infrared_s=nights),
        away=((0.0, at(_OPEN[0])), (at(_OPEN[1]) - 20, length_s)),
        views=(view,) if view else (View.ACROSS, View.FRONT),
    )

    def effects(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
        box = (0, 0, round(stand.width * 0.35), round(stand.height * 0.3))
        shower = Rain(seed, (stand.width, stand.height), 0.6, ((at(_SHOWER[0]), at(_SHOWER[1])),))
        return Foliage(rng.integers(1 << 30), box, 4.0), Insects(seed, 2), shower

    return Day(film("day", seed, recipe, effects), length_s)
