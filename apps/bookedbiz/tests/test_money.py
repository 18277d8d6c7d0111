"""Money: cents from whatever a cell holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbiz.money import dollars, to_cents


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        (12.0, 1200), (0.1 + 0.2, 30), (38.7175, 3872), (1.005, 101), (-45.5, -4550), (0.0, 0),
        ("$1,234.50", 123_450), ("(45.00)", -4500), ("($1,045.00)", -104_500), ("-12", -1200), ("- 12.5", -1250),
        ("12-", -1200), ("-", 0), ("$ -", 0), ("$ (12.00)", -1200), ("$(12)", -1200),
        ("\u2013", 0), ("1234", 123_400), (".5", 50), ("\u22125", -500),
    ],
)  # fmt: skip
def test_an_amount_is_read_to_the_cent(cell: float | str, cents: int) -> None:
    assert to_cents(cell) == cents


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "n/a",
        "see contract",
        "1,23",
        "1.2.3",
        "#N/A",
        "12 $ 5",
        "12 5",
        "--5",
        "$",
        "(5",
        float("nan"),
        1e15,
        "(-)5",
    ],
)
def test_what_is_no_amount_is_refused(cell: float | str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        to_cents(cell)


@given(st.integers(-(10**11), 10**11))
def test_cents_survive_being_printed_and_being_a_cell(cents: int) -> None:
    assert to_cents(dollars(cents)) == cents
    assert to_cents(cents / 100) == cents
