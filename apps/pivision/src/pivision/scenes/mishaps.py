"""What befalls the camera itself: covered, fogged, pushed, knocked. With visits before and after."""

from dataclasses import replace

from pivision.scenes.effects import Effect, Push
from pivision.scenes.film import Film
from pivision.scenes.glass import Cover, CoverKind
from pivision.scenes.making import LENGTH_S, Family, Recipe, film
from pivision.scenes.planning import Habit
from pivision.scenes.textures import between, chance
from pivision.scenes.truth import Allowed, Expected, Topic

HEALTH_TOLERANCE_S = 60.0
_CLEAR_S = 50.0  # nobody comes so long before, and after
_OFTEN = Habit(pause_s=(30.0, 50.0))
_COVERS = (CoverKind.HAND, CoverKind.CLOTH, CoverKind.BOX, CoverKind.CAP, CoverKind.PAINT)


def _clear(*spans: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    return tuple((begin - _CLEAR_S, end + _CLEAR_S) for begin, end in spans)


def _remade(made: Film, effects: tuple[Effect, ...], told: tuple[Expected | Allowed, ...]) -> Film:
    """The same with those effects; `told`: what else is to be told, or may be."""
    wanted = (*made.truth.expected, *(each for each in told if isinstance(each, Expected)))
    allowed = tuple(each for each in told if isinstance(each, Allowed))
    return Film(
        seed=made.seed,
        display=made.display,
        cast=made.cast,
        truth=replace(made.truth, expected=wanted, allowed=allowed),
        weather=made.weather,
        sensor=made.sensor,
        effects=effects,
        margin=made.margin,
    )


def _covered(seed: int) -> Film:
    """Twice covered, by two of: a hand, a cloth, a box before it, a cap, paint."""
    rng = chance("covered", seed)
    spans = ((180.0, 180 + between(rng, 70, 150)), (560.0, 560 + between(rng, 70, 150)))
    kinds = (_COVERS[seed % 5], _COVERS[(seed + 2) % 5])
    made = film("covered", seed, Recipe(length_s=900.0, habit=_OFTEN, away=_clear(*spans)))
    effects = tuple(Cover(f"{seed}/{kind}", kind, span) for kind, span in zip(kinds, spans, strict=True))
    told: list[Expected | Allowed] = []
    for begin, end in spans:
        told.append(Expected(Topic.OBSTRUCTED, begin, begin, HEALTH_TOLERANCE_S))
        told += [Allowed(Topic.INTERACTION, begin - 1, begin + 15), Allowed(Topic.INTERACTION, end - 2, end + 15)]
    return _remade(made, effects, tuple(told))


def _fogged(seed: int) -> Film:
    """Water condenses on the lens within half a minute, and goes again."""
    span = (220.0, 380.0)
    made = film("fogged", seed, Recipe(length_s=600.0, habit=_OFTEN, away=_clear(span)))
    told = (
        Expected(Topic.OBSTRUCTED, span[0] + 15, span[1] - 30, 15.0),
        Allowed(Topic.INTERACTION, span[0], span[0] + 40),
    )
    return _remade(made, (Cover(seed, CoverKind.FOG, span),), told)


def _pushed(seed: int) -> Film:
    """Pushed aside, and it stays so: visits go on, the regions no longer fit."""
    rng = chance("pushed", seed)
    at_s = between(rng, 200, 260)
    made = film("pushed", seed, Recipe(length_s=600.0, margin=40, habit=_OFTEN, away=_clear((at_s, at_s + 45))))
    far = between(rng, 14, 45)
    side = 1.0 if rng.random() < 0.5 else -1.0
    rest = (side * far, between(rng, -0.5, 0.5) * far, 0.0 if seed % 3 else side * between(rng, 2, 6))
    pushed = _remade(
        made,
        (Push(at_s, rest),),
        (Expected(Topic.SHIFTED, at_s, at_s, HEALTH_TOLERANCE_S), Allowed(Topic.INTERACTION, at_s - 1, at_s + 20)),
    )
    return _forgiving_stock(pushed, at_s)


def _forgiving_stock(made: Film, after_s: float) -> Film:
    """Afterwards a true change may be told, under whichever name, and need not."""
    truth = made.truth
    late = [each for each in truth.expected if each.topic is Topic.STOCK and each.begin_s > after_s]
    kept = tuple(each for each in truth.expected if each not in late)
    allowed = tuple(Allowed(Topic.STOCK, each.begin_s, each.closes_s) for each in late)
    made.truth = replace(truth, expected=kept, allowed=(*truth.allowed, *allowed))
    return made


def _knocked(seed: int) -> Film:
    """Knocked against: it swings and stands as before. No reason for any event."""
    made = film("knocked", seed, Recipe(margin=40))
    rng = chance("knocked", seed)
    times = [between(rng, 60, LENGTH_S - 60) for _ in range(3)]
    effects = tuple(Push(each, (0.0, 0.0, 0.0), between(rng, 6, 20)) for each in times)
    allowed = tuple(Allowed(Topic.INTERACTION, each - 0.5, each + 4) for each in times)
    return _remade(made, effects, allowed)


MISHAPS: tuple[Family, ...] = (
    Family("covered", "a hand, cloth, box, cap or paint before the lens", _covered),
    Family("fogged", "a lens that fogs up", _fogged),
    Family("pushed", "a camera that is pushed aside or turned", _pushed),
    Family("knocked", "a camera that swings and comes back", _knocked),
)
