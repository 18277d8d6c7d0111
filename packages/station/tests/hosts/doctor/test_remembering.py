"""Who is told what, and when: the second time something fails, once, and when it is well again."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from station.hosts.doctor.check import Finding, Verdict
from station.hosts.doctor.examine import Examined
from station.hosts.doctor.remembering import read, remember, write

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
OK, BAD, BLIND, WARNING = Verdict.OK, Verdict.FAILED, Verdict.UNKNOWN, Verdict.WARNING


def said(verdict: Verdict, about: str = "notes", check: str = "answers") -> Finding:
    return Finding(check, about, verdict, f"it is {verdict.value}", "")


@pytest.fixture
def course():
    """What is told at each of several looks; a look is a verdict, or a list of findings."""

    def told(*looks: Verdict | list[Finding]) -> list[list[bool]]:
        known, news = {}, []
        for place, look in enumerate(looks):
            found = look if isinstance(look, list) else [said(look)]
            after, new = remember(known, found, NOW + timedelta(minutes=5 * place))
            known = {each.key: each for each in after}
            news.append([each.bad for each in new])
        return news

    return told


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([OK, OK], [[], []]),
        ([BAD], [[]]),
        ([BAD, OK, BAD, OK], [[], [], [], []]),
        ([BAD, BAD, BAD], [[], [True], []]),
        ([BAD, BAD, OK, OK], [[], [True], [False], []]),
        ([BAD, BAD, WARNING], [[], [True], [False]]),
        ([BAD, BLIND, BAD], [[], [], [True]]),
        ([BAD, BAD, BLIND, BAD], [[], [True], [], []]),
        ([BAD, BAD, BLIND, OK], [[], [True], [], [False]]),
        ([BAD, BAD, OK, BAD, BAD], [[], [True], [False], [], [True]]),
        ([WARNING, WARNING, WARNING], [[], [], []]),
    ],
)
def test_somebody_is_told_the_second_time_once_and_when_it_is_well_again(course, looks, told) -> None:
    assert course(*looks) == told


def test_what_is_not_spoken_of_any_more_is_well_again(course) -> None:
    failing = [said(BAD, "x.service", "units")]
    assert course(failing, failing, [said(OK, "", "units")]) == [[], [True], [False]]


def test_what_could_not_be_looked_at_is_not_well_again(course) -> None:
    failing = [said(BAD, "x.service", "units")]
    blind = [said(BLIND, "", "units")]
    assert course(failing, failing, blind, [said(OK, "", "units")]) == [[], [True], [], [False]]


def test_of_two_answers_about_one_thing_the_worse_one_counts(course) -> None:
    both = [said(OK), said(BAD)]
    assert course(both, both) == [[], [True]]


def test_since_when_it_is_so_is_kept(course) -> None:
    first, _ = remember({}, [said(BAD)], NOW)
    again, _ = remember({each.key: each for each in first}, [said(BAD)], NOW + timedelta(minutes=5))
    well, _ = remember({each.key: each for each in again}, [said(OK)], NOW + timedelta(minutes=10))
    assert (again[0].since, well[0].since) == (NOW, NOW + timedelta(minutes=10))


def test_what_is_written_is_read_again(tmp_path) -> None:
    after, _ = remember({}, [said(BAD), said(OK, "", "disk")], NOW)
    file = tmp_path / "station" / "check.json"
    write(file, Examined("pi1", (), (), 0.5), after, NOW)
    assert list(read(file).values()) == after
    told = json.loads(file.read_text())
    assert (told["host"], told["verdict"], told["at"]) == ("pi1", "failed", "2026-11-21T09:00:00.000Z")
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2, "findings": []}', '{"version": 1}'])
def test_a_file_that_says_nothing_is_as_good_as_none(tmp_path, text: str) -> None:
    (tmp_path / "check.json").write_text(text)
    assert read(tmp_path / "check.json") == {}
