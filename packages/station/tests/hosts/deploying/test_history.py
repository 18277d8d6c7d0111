"""What was deployed, as it is remembered; and what ran before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from station.hosts.deploying.history import Entry, ended, file_of, history, ran_before, write_down


@pytest.fixture
def entry(noon):
    """The deploy number `n`, from one release to another."""

    def make(n, before, to, kind="deploy"):
        return Entry("notes", kind, noon + timedelta(minutes=n), "ada", before, to)

    return make


def test_the_line_of_an_end_takes_the_place_of_that_of_its_beginning(host, entry):
    first = entry(1, "", "aaa")
    write_down(host, first)
    assert history(host, "notes") == [first]
    assert history(host, "notes")[0].result == "cut"
    write_down(host, ended(first, "done", 3.0))
    assert history(host, "notes") == [replace(first, result="done", took_s=3.0)]


def test_the_newest_comes_first(host, entry):
    for each in (entry(1, "", "aaa"), entry(2, "aaa", "bbb")):
        write_down(host, ended(each, "done", 1.0))
    assert [each.to for each in history(host, "notes")] == ["bbb", "aaa"]


def test_a_line_that_a_power_cut_tore_hides_no_other(host, entry):
    write_down(host, entry(1, "", "aaa"))
    with file_of(host, "notes").open("a") as stream:
        stream.write('{"app": "no')
    write_down(host, entry(2, "aaa", "bbb"))
    assert [each.to for each in history(host, "notes")] == ["bbb", "aaa"]


@pytest.mark.parametrize(
    ("told", "current", "before"),
    [
        ([("", "a", "done"), ("a", "b", "done")], "b", ["a"]),
        ([("", "a", "done"), ("a", "b", "done"), ("b", "c", "failed")], "b", ["a"]),
        ([("", "a", "done"), ("a", "b", "done"), ("b", "c", "cut")], "b", ["a"]),
        ([("", "a", "done"), ("a", "b", "done"), ("b", "a", "done")], "a", ["b"]),
        ([("", "a", "done"), ("a", "b", "done"), ("b", "c", "done")], "c", ["b", "a"]),
        ([("", "a", "done")], "a", []),
    ],
)
def test_what_ran_before_is_what_served_last_and_not_what_was_tried(entry, told, current, before):
    entries = [ended(entry(n, old, new), result, 1.0) for n, (old, new, result) in enumerate(told)]
    assert list(ran_before(entries[::-1], current)) == before
