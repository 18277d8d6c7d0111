"""Made-up values: another one for another, the same for the same, of the same look."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.sqlite.madeup import MadeUp, Value, folded
from station.sqlite.permute import Permutation

KEY = bytes(range(32))
MADE = MadeUp(KEY)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("size", [1, 2, 10, 1000, 1025, 5003])
def test_every_number_of_a_range_has_one_counterpart_in_it(size: int) -> None:
    order = Permutation(KEY)
    assert sorted(order.of(number, size) for number in range(size)) == list(range(size))


def test_another_key_is_another_order() -> None:
    one, other = Permutation(KEY), Permutation(bytes(32))
    assert [one.of(number, 5000) for number in range(50)] != [other.of(number, 5000) for number in range(50)]


def test_short_words_stay_different_though_there_are_few() -> None:
    words = [*LETTERS, *map("".join, product(LETTERS, repeat=2))]
    made = MadeUp(KEY)
    assert len({made.value("name", word) for word in words}) == len(words)


def test_a_made_up_word_is_none_that_was_there() -> None:
    first = str(MadeUp(KEY).value("name", "customer"))
    assert str(MadeUp(KEY, {first}).value("name", "customer")) != first


def test_a_long_run_of_digits_and_letters_keeps_its_look() -> None:
    code = "AB-" + "7" * 200 + "x"
    made = str(MADE.value("code", code))
    assert re.fullmatch(r"[A-Z]{2}-\d{200}[a-z]", made)
    assert made != code


@pytest.mark.parametrize(
    ("kind", "value", "look"),
    [
        ("name", "O'Brien-Smith 3rd", r"[A-Z]'[A-Z][a-z]{4}-[A-Z][a-z]{4} 3[a-z]{2}"),
        ("name", "José Ñandú", r"[A-Z][a-z]{3} [A-Z][a-z]{4}"),
        ("name", "李小龍", r"[a-z]{3}"),
        ("text", "call 206-555-0100", r"[a-z]{4} \d{3}-\d{3}-\d{4}"),
        ("email", "ann.lee@mail.acme.co", r"[a-z]{3}\.[a-z]{3}@[a-z]{9}\.example"),
        ("email", "nobody", r"[a-z]{6}"),
        ("date", "2026-02-29", r"\d{4}-\d\d-\d\d"),
        ("date", "2024-02-29", r"2024-\d\d-\d\d"),
        ("date", "11/21/2026", r"\d\d/\d\d/2026"),
        ("date", "20261121", r"2026\d{4}"),
        ("date", "2026-11-21 09:12", r"2026-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d"),
        ("code", "Ünit-7", r"[A-Z][a-z]{3}-\d"),
        ("phone", "ext. 12", r"ext\. \d\d"),
        ("number", "1.250,75", r"\d\.\d{3},\d\d"),
        ("text", "", r""),
    ],
)
def test_a_text_keeps_its_look(kind: str, value: str, look: str) -> None:
    assert re.fullmatch(look, str(MADE.value(kind, value)))


@pytest.mark.parametrize(
    ("kind", "value", "least", "most"),
    [
        ("number", 7, 1, 9),
        ("number", -1234, -9999, -1000),
        ("number", 0, 0, 0),
        ("name", 42, 10, 99),
        ("number", 2**63 - 1, 10**18, 2**63 - 1),
        ("number", 12.5, 10.1, 99.9),
        ("date", 20261121, 20260101, 20261231),
        ("date", 202611, 202601, 202612),
        ("date", 20778, 20440, 20804),
        ("date", 1795255925, 1765929600, 1797465600),
        ("date", 1795255925123, 1765929600000, 1797465600000),
    ],
)
def test_a_number_keeps_its_kind_and_size(kind: str, value: int | float, least: float, most: float) -> None:
    made = MADE.value(kind, value)
    assert type(made) is type(value)
    assert least <= float(str(made)) <= most


@pytest.mark.parametrize("value", [None, float("inf"), 0.0])
def test_what_says_nothing_stays(value: Value) -> None:
    assert MADE.value("number", value) == value


def test_bytes_become_other_bytes_as_many() -> None:
    made = MADE.value("text", b"secret of somebody")
    assert isinstance(made, bytes)
    assert (len(made), made != b"secret of somebody") == (18, True)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["name", "text", "code", "phone", "number", "email"]), st.sets(st.text(max_size=12), max_size=30)
)
def test_different_texts_stay_different(kind: str, texts: set[str]) -> None:
    different = {" ".join(folded(text).split()) for text in texts if text.isascii()}
    assert len({MADE.value(kind, text) for text in different}) == len(different)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=30))
def test_a_name_in_lower_case_is_its_name_in_lower_case(text: str) -> None:
    """As an app needs it that finds names by their folded form."""
    assert str(MADE.value("name", text)).casefold() == MADE.value("name", text.casefold())
