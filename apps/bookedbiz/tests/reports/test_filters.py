"""An address and the question it asks are the same thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbiz.reports.filters import SORTS, Filters, Measure, Span, exactly, from_args

_TEXT = st.none() | st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=40)


@given(
    st.builds(
        Filters,
        year=st.integers(1990, 2099),
        measure=st.sampled_from(Measure),
        span=st.sampled_from(Span),
        ae=_TEXT,
        revenue_type=_TEXT,
        sector=_TEXT,
        market=_TEXT,
        customer=_TEXT,
        sort=st.sampled_from(SORTS),
    )
)
def test_an_address_asks_again_exactly_what_was_asked(filters: Filters) -> None:
    assert from_args(filters.to_args(), default_year=1999) == filters


@pytest.mark.parametrize(
    "wrong",
    [
        {"year": "20x6"},
        {"year": "٢٠٢٦"},
        {"measure": "profit"},
        {"months": "some"},
        {"sort": "m13"},
        {"customer": "  "},
        {"ae": ""},
        {"only_ae_id": "3"},
    ],
)
def test_what_an_address_says_wrongly_is_left_at_its_default(wrong: dict[str, str]) -> None:
    assert from_args(wrong, default_year=2026) == Filters(2026)


def test_a_question_is_only_changed_in_what_it_has() -> None:
    asked = Filters(2026, ae="House")
    assert asked.having(market="SFO", ae=None) == Filters(2026, market="SFO")
    assert asked == Filters(2026, ae="House")
    with pytest.raises(TypeError, match="colour"):
        asked.having(colour="red")


def test_what_is_left_at_its_default_does_not_lengthen_the_address() -> None:
    assert Filters(2026, only_ae_id=4).to_args() == {"year": "2026"}


def test_whose_business_is_seen_never_comes_from_the_address() -> None:
    filters = from_args({"only_ae_id": "9", "year": "2025"}, default_year=2026, only_ae_id=4)
    assert filters.only_ae_id == 4


def test_the_head_of_an_export_names_every_filter() -> None:
    filters = Filters(2026, Measure.NET, Span.CLOSED, "Mei Tan", "Other", "Retail", "SEA", exactly("Acme"))
    words = " ".join(filters.words())
    for part in ("2026", "net", "closed months only", "Mei Tan", "Other", "Retail", "SEA", '"Acme"'):
        assert part in words
