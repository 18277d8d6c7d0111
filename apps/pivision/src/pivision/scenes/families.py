"""The families: each is one thing that disturbs, with visits in it, and what has to be told of them."""

from dataclasses import replace

from pivision.scenes.effects import Effect, Flash, Foliage, Insects, Rain, Shake
from pivision.scenes.film import Change, Film
from pivision.scenes.glass import Dirt, Web
from pivision.scenes.light import Lamp, Weather
from pivision.scenes.making import LENGTH_S, Family, Recipe, film, of_recipe
from pivision.scenes.mishaps import MISHAPS
from pivision.scenes.planning import Habit, Passing
from pivision.scenes.running import Cadence
from pivision.scenes.script import Deed
from pivision.scenes.sensor import Sensor
from pivision.scenes.stand import Piece, Stand, View
from pivision.scenes.textures import Chance, between, chance
from pivision.scenes.truth import Expected, Topic

_OUTSIDE = (View.ACROSS, View.FRONT)
_STILL = Habit(stands_s=(5.0, 14.0), rests=1.0)
_NIGHT = Sensor(noise=2.0, most_gain=5.0, lag_s=2.0)


def _foliage(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
    box = (0, 0, round(stand.width * 0.45), round(stand.height * 0.42))
    return (Foliage(rng.integers(1 << 30), box, between(rng, 3, 9)),)


def _insects(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
    return (Insects(rng.integers(1 << 30), 3),)


def _rain(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
    size = stand.width, stand.height
    return (Rain(rng.integers(1 << 30), size, between(rng, 0.4, 1.0), ((60.0, 250.0), (300.0, 1e9))),)


def _shake(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
    return (Shake(rng.integers(1 << 30), between(rng, 1.0, 3.0)),)


def _flashes(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
    starts = [between(rng, 20, LENGTH_S) for _ in range(14)]
    return (Flash(tuple((each, each + between(rng, 0.3, 2.0)) for each in starts), between(rng, 0.3, 0.9)),)


def _web(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
    return (Web(rng.integers(1 << 30), between(rng, 0.4, 0.9)),)


def _dirt(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
    return (Dirt(rng.integers(1 << 30), between(rng, 0.4, 0.75), LENGTH_S),)


def _busy(rng: Chance, stand: Stand) -> tuple[Effect, ...]:
    return (*_foliage(rng, stand), *_insects(rng, stand))


def _lamps(seed: int) -> Film:
    """Lamps that go on and off between visits and during them, by day and at dusk."""
    rng = chance("lamps", seed)
    times = sorted(between(rng, 25, LENGTH_S - 20) for _ in range(4))
    spans = ((times[0], times[1]), (times[2], times[3]))
    dusk = 0.15 if seed % 2 else 0.8
    lamp = Lamp(between(rng, 0.2, 0.8), between(rng, -0.2, 0.4), between(rng, 0.5, 1.2), spans)
    return film("lamps", seed, Recipe(weather=Weather(ambient=dusk, lamps=(lamp,))))


def _infrared(seed: int) -> Film:
    """Day, night by its own infrared lamp, and day again."""
    span = ((170.0 + seed % 3 * 10, 330.0),)
    away = tuple((each - 5, each + 12) for each in span[0])  # what is taken in that very moment is another matter
    sensor = replace(_NIGHT, infrared_s=span, noise=1.8)
    recipe = Recipe(sensor=sensor, weather=Weather(ambient=0.25), away=away)
    return film("infrared", seed, recipe)


def _sparse(seed: int) -> Film:
    """A picture in 30 s: who stays for a minute or two is seen, what they took is told from stable pictures."""
    habit = Habit(pause_s=(260.0, 420.0), stands_s=(30.0, 60.0), rests=1.0)
    made = film("sparse", seed, Recipe(habit=habit, length_s=5400.0, weather=Weather(sun=0.6, clouds=0.7, cloud_s=200)))
    return _later(made, visit_s=35.0, stock_s=190.0)


def _burst(seed: int) -> Film:
    """A picture in 30 s, two a second while wanted: visits of a minute."""
    habit = Habit(pause_s=(150.0, 240.0), stands_s=(16.0, 30.0), rests=1.0)
    made = film("burst", seed, Recipe(habit=habit, length_s=3600.0, weather=Weather(sun=0.6, clouds=0.7, cloud_s=90)))
    return _later(made, visit_s=5.0, stock_s=100.0)


def _later(made: Film, *, visit_s: float, stock_s: float) -> Film:
    """More time to tell, where pictures come seldom."""
    given = {Topic.INTERACTION: visit_s, Topic.STOCK: stock_s}
    found = tuple(replace(each, tolerance_s=given[each.topic]) for each in made.truth.expected)
    made.truth = replace(made.truth, expected=found)
    return made


def _unseen(seed: int) -> Film:
    """The camera is off line for a while, and somebody was there meanwhile."""
    made = film("unseen", seed, Recipe(habit=None))
    rng = chance("unseen", seed)
    gaps, changes, found = [], [], []
    slots = list(made.stand.slots)
    at_s = 60.0
    while at_s < LENGTH_S - 110:
        gap_s = between(rng, 12, 45)
        gaps.append((at_s, at_s + gap_s))
        slot = slots[int(rng.integers(0, len(slots)))]
        full = [each for each in range(len(slot.spots)) if (slot.name, each) in made.display.pieces]
        if rng.random() < 0.75:
            done_s = at_s + gap_s / 2
            index = full[-1] if full else 0
            piece: Piece | None = None if full else made.display.new(slot)
            changes.append(Change(done_s, slot.name, index, piece))
            found.append(Expected(Topic.STOCK, at_s, at_s + gap_s, 30.0, slot.name))
            slots.remove(slot)  # once each, so that what is there stays simple to say
            if not slots:
                slots = [made.stand.slots[0]]
                break
        at_s += gap_s + between(rng, 45, 70)
    cast = replace(made.cast, changes=tuple(changes))
    truth = replace(made.truth, expected=tuple(found))
    return Film(made.seed, made.display, cast, truth, made.weather, made.sensor, gaps=tuple(gaps))


def _taken(name: str, what: str, deeds: tuple[tuple[Deed, float], ...]) -> Family:
    return of_recipe(name, what, Recipe(habit=Habit(deeds=deeds), fill=0.6))


EMPTY = of_recipe(
    "empty",
    "an hour with nobody: sun, clouds, leaves, insects, people passing behind",
    Recipe(
        habit=None,
        length_s=3600.0,
        passing=Passing(pause_s=(20.0, 90.0)),
        weather=Weather(ambient=0.7, sun=0.8, clouds=0.9, cloud_s=45, roof=0.5, roof_drift=0.15, dapples=0.4, dims=0.7),
    ),
    _busy,
)

FAMILIES: tuple[Family, ...] = (
    of_recipe("plain", "visits in even light", Recipe()),
    of_recipe("still", "visitors who stand still for 10 to 30 s", Recipe(habit=_STILL)),
    of_recipe("company", "two at once", Recipe(habit=Habit(company=0.8))),
    of_recipe("behind", "people who pass or stop behind", Recipe(views=_OUTSIDE, passing=Passing(stops_s=(0.0, 9.0)))),
    of_recipe("drab", "clothes like what is behind", Recipe(habit=Habit(like=(0.38, 0.44, 0.50)))),
    of_recipe("pale", "goods like the table", Recipe(pale=0.55)),
    _taken("swapped", "goods swapped for others, and added", ((Deed.SWAP, 3.0), (Deed.ADD, 2.0), (Deed.TOUCH, 1.0))),
    _taken(
        "nudged", "goods moved by a pixel or two: no change", ((Deed.NUDGE, 2.0), (Deed.TAKE, 1.0), (Deed.TOUCH, 1.0))
    ),
    of_recipe(
        "clouds", "sun and clouds", Recipe(weather=Weather(ambient=0.5, sun=1.2, clouds=1.0, cloud_s=20, roof=0.55))
    ),
    of_recipe("dusk", "the light goes within minutes", Recipe(weather=Weather(ambient=1.0, dims=1e-4), sensor=_NIGHT)),
    Family("lamps", "lamps go on and off", _lamps),
    of_recipe("flicker", "mains flicker", Recipe(weather=Weather(ambient=0.6, flicker=0.10))),
    of_recipe(
        "shadows",
        "shadows of leaves, and of people who pass",
        Recipe(
            passing=Passing(shadow=0.8, pause_s=(10.0, 40.0)),
            weather=Weather(ambient=0.5, sun=1.2, dapples=0.6, roof=0.1, roof_drift=2.0),
        ),
    ),
    of_recipe(
        "exposure",
        "slow exposure, headlights",
        Recipe(sensor=Sensor(lag_s=3.5), weather=Weather(ambient=0.5)),
        _flashes,
    ),
    of_recipe("rain", "rain that begins and ends, drops on the glass", Recipe(weather=Weather(ambient=0.6)), _rain),
    of_recipe("night", "a weak lamp, a noisy sensor", Recipe(sensor=_NIGHT, weather=Weather(ambient=0.012))),
    Family("infrared", "day, infrared night, day", _infrared),
    of_recipe("grain", "much noise, JPEG quality 60", Recipe(sensor=Sensor(noise=5.0, quality=60))),
    of_recipe("shake", "a pole in the wind", Recipe(), _shake),
    of_recipe("leaves", "branches before the picture, in the wind", Recipe(), _foliage),
    of_recipe("insects", "flies, one now and then before the lens", Recipe(), _insects),
    of_recipe("web", "a spider's web before the lens", Recipe(weather=Weather(ambient=0.5)), _web),
    of_recipe("dirt", "a lens that gets dirty", Recipe(), _dirt),
    *MISHAPS,
    Family("unseen", "something was taken while the camera was off line", _unseen),
    Family("burst", "one picture in 30 s, more when wanted", _burst, Cadence.BURST),
    Family("sparse", "one picture in 30 s", _sparse, Cadence.SPARSE),
    EMPTY,
)


def family(name: str) -> Family:
    """KeyError when there is none of that name."""
    return {each.name: each for each in FAMILIES}[name]
