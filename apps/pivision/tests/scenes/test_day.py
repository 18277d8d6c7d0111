"""A day in ten minutes: dark, light, dark again, and people only while it is light."""

from datetime import UTC, datetime
from itertools import islice

import cv2
import numpy as np

from pivision.scenes.day import day
from pivision.scenes.truth import Topic

DAWN = datetime(2026, 11, 21, tzinfo=UTC)


def _colourful(picture: np.ndarray) -> float:
    return float(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[:, :, 1].mean())


def test_visits_come_while_it_is_light() -> None:
    one = day(1)
    visits = one.truth.of(Topic.INTERACTION)
    assert len(visits) >= 6
    assert all(6 < one.hour(each.begin_s) < 21 for each in visits)


def test_nights_are_infrared_and_grey() -> None:
    one = day(1)
    night, noon = (one.film.picture(one.length_s * hour / 24) for hour in (2.0, 12.0))
    assert _colourful(night) < 25 < _colourful(noon)


def test_pictures_come_with_the_moment_to_send_them() -> None:
    sent = list(islice(day(1).frames(DAWN, 0.5), 3))
    assert [(at - DAWN).total_seconds() for at, _jpeg in sent] == [0.0, 0.5, 1.0]
    assert all(jpeg.startswith(b"\xff\xd8\xff") for _at, jpeg in sent)


def test_each_visit_has_its_span() -> None:
    one = day(2)
    assert all(begin < end for begin, end in one.visits(DAWN))
    assert len(one.visits(DAWN)) == len(one.truth.of(Topic.INTERACTION))
