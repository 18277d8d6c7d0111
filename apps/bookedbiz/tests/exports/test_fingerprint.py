"""The hash that workbooks keep acknowledgements by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbiz.exports.fingerprint import normalised, row_hash

texts = st.none() | st.text()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            ("Orbit Media:Cedar Lotus Hospital", "LAX", "Internal Ad Sales", "Avery Quill", "Y", "Healthcare"),
            "a5293bdd2a5d35f3f688b323095a7fe26e848381",
        ),
        (
            ("  ORBIT MEDIA:Cedar Lotus Hospital ", "lax", "INTERNAL AD SALES", "avery quill", "y", " healthcare "),
            "a5293bdd2a5d35f3f688b323095a7fe26e848381",
        ),
        (("Direct Shop", "SFO", None, "", "N", None), "d4d7510c069b3744547c7a4daf68cab50e6e0d71"),
        (
            ("Caf\u00e9 \u00d1and\u00fa", "NYC", "Paid Programming", "Jos\u00e9", "N", "Retail"),
            "524a9c5aa1889cf03ceb55ade92e2b75a000d789",
        ),
        (("I\u015eIK \u0130stanbul", "NYC", "Other", "House", "N", None), "c5b5e3b0b0871f984e1d491db0efd51abe96820a"),
    ],
)
def test_the_hash_is_the_one_that_workbooks_know(fields, expected) -> None:
    assert row_hash(tuple(map(normalised, fields))) == expected


@given(fields=st.tuples(texts, texts, texts, texts, texts, texts), pad=st.sampled_from(["", " ", "\t", "\u00a0\n"]))
def test_outer_spaces_and_case_change_no_hash(fields, pad) -> None:
    padded = tuple(None if text is None else f"{pad}{text}{pad}" for text in fields)
    lowered = tuple(None if text is None else text.strip().lower() for text in fields)
    expected = row_hash(tuple(map(normalised, fields)))
    assert row_hash(tuple(map(normalised, padded))) == expected
    assert row_hash(tuple("" if text is None else text for text in lowered)) == expected
