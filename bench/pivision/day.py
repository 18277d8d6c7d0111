"""A day in ten minutes through the real server and worker, and how it was told.

    .venv/bin/python bench/pivision/day.py [--days 5] [--first 1] [--mistakes]

Each day is ten minutes of pictures, two a second: night, dawn, sun and clouds, a shower, visits, a lamp, night. It
passes as quickly as the machine looks at it; what comes of it does not depend on the machine. Prints Markdown.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pivision.scenes.day import day
from pivision.scenes.scoring import NOTHING, Score
from pivision.scenes.truth import Topic
from pivision.testing.days import Lived, live_through


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--first", type=int, default=1, help="the first day's seed")
    parser.add_argument("--mistakes", action="store_true", help="tell each thing missed or told without cause")
    asked = parser.parse_args()
    for line in report(range(asked.first, asked.first + asked.days), mistakes=asked.mistakes):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def report(seeds: range, *, mistakes: bool) -> Iterator[str]:
    """A line for each day, and one for all."""
    yield "| day | pictures | visits right / missed / wrong | changes right / missed / wrong | took |"
    yield "|---|---|---|---|---|"
    whole = NOTHING
    for seed in seeds:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            lived = live_through(day(seed), Path(folder))
        whole += lived.result
        told = f"{_told(lived.result.of(Topic.INTERACTION))} | {_told(lived.result.of(Topic.STOCK))}"
        yield f"| {seed} | {lived.pictures} | {told} | {time.monotonic() - began:.0f} s |"
        if mistakes:
            yield from _mistakes(lived)
    visits, changes = whole.of(Topic.INTERACTION), whole.of(Topic.STOCK)
    yield f"| all | | {_told(visits)} | {_told(changes)} | |"
    yield ""
    yield f"Visits: P {visits.precision:.3f}, R {visits.recall:.3f}, told after {_middle(visits)} in the middle case."
    yield f"Changes: P {changes.precision:.3f}, R {changes.recall:.3f}, told after {_middle(changes)}."


def _mistakes(lived: Lived) -> Iterator[str]:
    for each in lived.mistakes:
        yield f"| | | {each.what} {each.topic} {each.slot} at {each.at_s:.1f} s | | |"


def _told(score: Score) -> str:
    return f"{score.right} / {score.missed} / {score.wrong}"


def _middle(score: Score) -> str:
    found = score.latency_s(0.5)
    return "-" if found is None else f"{found:.1f} s"


if __name__ == "__main__":
    main()
