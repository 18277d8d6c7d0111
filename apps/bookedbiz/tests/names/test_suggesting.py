"""Suggestions: the same every time, explained, and sure only where they should be."""

import pytest

from bookedbiz.names.suggesting import Name, Suggester, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Cedar Bank, Inc.", ("bank", "cedar")),
        ("Cédar & Bank Holiday Promo Q4 FY25 2026 SFO", ("bank", "cedar")),
        ("O'Hara's LLC", ("oharas",)),
        ("Q4 Promo", ("promo", "q4")),
    ],
)
def test_only_the_words_that_tell_names_apart_are_compared(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@pytest.fixture
def suggester() -> Suggester:
    names = ["Orbit Media:Cedar Bank", ":Cedar Bank", "Lumen Group:Cedar Bakery", ":Fern Tea", ":Bank of Fern"]
    return Suggester(Name(n, *name.split(":"), name.strip(":")) for n, name in enumerate(names, start=1))


def test_a_misspelt_name_is_found_and_the_score_explained(suggester: Suggester) -> None:
    best = suggester.best("Orbit Media", "Ceder Bank Inc")[0]
    assert (best.name, best.why) == ("Orbit Media:Cedar Bank", "same words: bank; alike: ceder for cedar; same agency")
    assert 0.80 < best.score < 0.92
    assert not best.is_sure


def test_the_same_words_with_the_same_agency_are_sure_and_with_another_are_not(suggester: Suggester) -> None:
    sure, direct = suggester.best("Orbit Media", "Cedar Bank LLC")[:2]
    assert (sure.score, sure.is_sure, direct.name) == (1.0, True, "Cedar Bank")
    assert not direct.is_sure
    assert not suggester.best("Somebody Else", "Cedar Bank")[0].is_sure


def test_one_word_of_two_is_no_sure_match_and_nothing_alike_is_none(suggester: Suggester) -> None:
    assert all(not one.is_sure for one in suggester.best("", "Bank"))
    assert suggester.best("", "Zither School") == []
    assert suggester.best("", "Cedar Bank") == suggester.best("", "Bank Cedar")
