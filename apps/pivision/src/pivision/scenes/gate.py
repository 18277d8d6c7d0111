"""What a detector has to reach, as a table: it passes when every line does. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from pivision.scenes.families import family
from pivision.scenes.running import Cadence
from pivision.scenes.scoring import Result, Score, total
from pivision.scenes.truth import Topic

VISIT_PRECISION, VISIT_RECALL = 0.97, 0.95
STOCK_PRECISION, STOCK_RECALL = 0.95, 0.92
FAMILY_F1 = 0.85
HEALTH_RECALL = 0.90


@dataclass(frozen=True)
class Line:
    """One goal: what is wanted, what was measured."""

    goal: str
    wanted: float
    measured: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted


def lines(results: Mapping[str, Result]) -> list[Line]:
    """The goals that these families let be judged, by those with two pictures a second."""
    steady = {name: each for name, each in results.items() if family(name).cadence is Cadence.STEADY}
    whole = total(each for name, each in steady.items() if name != "empty")
    visits, stock = whole.of(Topic.INTERACTION), whole.of(Topic.STOCK)
    found = []
    if visits.right + visits.missed:
        found.append(Line("interactions: precision", VISIT_PRECISION, visits.precision))
        found.append(Line("interactions: recall", VISIT_RECALL, visits.recall))
    if stock.right + stock.missed:
        found.append(Line("stock: precision", STOCK_PRECISION, stock.precision))
        found.append(Line("stock: recall", STOCK_RECALL, stock.recall))
    for topic, words in ((Topic.OBSTRUCTED, "obstruction"), (Topic.SHIFTED, "moved camera")):
        told = whole.of(topic)
        if told.right + told.missed:
            found.append(Line(f"{words}: recall within 60 s", HEALTH_RECALL, told.recall))
    for name, each in steady.items():
        if name != "empty":
            found.append(Line(f"{name}: F1", FAMILY_F1, worst_f1(each)))
    if "empty" in results:
        empty = results["empty"]
        hours = empty.length_s / 3600
        found.append(Line(f"events in {hours:g} h of an empty stand", 0, empty.all.wrong + empty.other, at_most=True))
    return found


def worst_f1(result: Result) -> float:
    """Of visits and of stock, whichever is worse; wrong ones count where nothing was to be told, too."""
    asked = [result.of(topic) for topic in (Topic.INTERACTION, Topic.STOCK)]
    return min((each.f1 for each in asked if each.right + each.missed + each.wrong > _stray(each)), default=1.0)


def _stray(score: Score) -> int:
    """One false one alone, where none was expected, is no F1 of 0: it counts in the whole."""
    return 1 if not score.right + score.missed else 0
