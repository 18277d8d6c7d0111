"""How the sequences of a family are made: a place, those who come, the light and the camera, from one seed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pivision.scenes.effects import Effect
from pivision.scenes.film import Cast, Film
from pivision.scenes.light import Weather
from pivision.scenes.planning import Habit, Passing, passes, visits
from pivision.scenes.running import Cadence
from pivision.scenes.script import expected
from pivision.scenes.sensor import Sensor
from pivision.scenes.stand import Display, Stand, View, build
from pivision.scenes.textures import Chance, chance
from pivision.scenes.truth import Truth

LENGTH_S = 480.0
_HABIT, _WEATHER, _SENSOR = Habit(), Weather(), Sensor()
VIEWS = (View.ACROSS, View.FRONT, View.SHELF)


@dataclass(frozen=True)
class Family:
    """`make` gives the sequence of a seed; `what` says in a few words what is in it."""

    name: str
    what: str
    make: Callable[[int], Film]
    cadence: Cadence = Cadence.STEADY


@dataclass(frozen=True)
class Recipe:
    """How a sequence is made. `habit` None: nobody comes. `pale`: how little the goods differ from the table."""

    habit: Habit | None = _HABIT
    passing: Passing | None = None
    length_s: float = LENGTH_S
    weather: Weather = _WEATHER
    sensor: Sensor = _SENSOR
    views: tuple[View, ...] = VIEWS
    pale: float = 0.0
    fill: float = 0.8
    margin: int = 0
    away: tuple[tuple[float, float], ...] = ()  # nobody comes in these spans


Effects = Callable[[Chance, Stand], tuple[Effect, ...]]


def film(name: str, seed: int, recipe: Recipe, effects: Effects | None = None) -> Film:
    """The sequence of that family and seed. Every third seed another view, every fourth in 1280x720."""
    key = f"{name}/{seed}"
    rng = chance("film", key)
    large = seed % 4 == 3
    margin = recipe.margin
    size = (640 + 2 * margin, (360 if large else 480) + 2 * margin)
    view = recipe.views[seed % len(recipe.views)]
    stand = build(key, view, size, pale=recipe.pale)
    display = Display(stand, chance("goods", key))
    display.fill(recipe.fill)
    came = visits(rng, display, recipe.length_s, recipe.habit, recipe.away) if recipe.habit else ()
    behind = passes(rng, recipe.length_s, recipe.passing) if recipe.passing and view is not View.SHELF else ()
    quality = recipe.sensor.quality if recipe.sensor.quality != Sensor().quality else int(rng.integers(65, 93))
    return Film(
        seed=key,
        display=display,
        cast=Cast(came, behind),
        truth=Truth(recipe.length_s, expected(came, stand)),
        weather=replace(recipe.weather, seed=key),
        sensor=replace(recipe.sensor, upscale=2 if large else 1, quality=quality),
        effects=effects(rng, stand) if effects else (),
        margin=margin,
    )


def of_recipe(name: str, what: str, recipe: Recipe, effects: Effects | None = None) -> Family:
    return Family(name, what, lambda seed: film(name, seed, recipe, effects))
