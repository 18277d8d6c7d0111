"""The bill code grammar, by its table of examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbiz.names.billcode import Noise, parse_bill_code
from bookedbiz.names.people import sales_person_name
from bookedbiz.names.text import name_key

NOISE = Noise(
    ("CREDIT MEMO", "(Broker Fees - DO NOT INVOICE)", "(Broker Costs - DO NOT INVOICE)"),
    ("- PRODUCTION", "- PROD", "PRODUCTION", "PROD"),
)


@pytest.mark.parametrize(
    ("raw", "agencies", "customer"),
    [
        ("Cedar Bank", (), "Cedar Bank"),
        ("Orbit Media:Cedar Bank", ("Orbit Media",), "Cedar Bank"),
        ("Orbit Media:Lumen Group:Cedar Bank", ("Orbit Media", "Lumen Group"), "Cedar Bank"),
        (" orbit media : Cedar Bank  PROD", ("orbit media",), "Cedar Bank"),
        ("Direct:Cedar Bank", (), "Cedar Bank"),
        ("DIRECT : Cedar Bank", (), "Cedar Bank"),
        ("Cedar Bank CREDIT MEMO", (), "Cedar Bank"),
        ("Cedar Bank  credit  memo", (), "Cedar Bank"),
        ("Cedar Bank (Broker Fees  - do not invoice)", (), "Cedar Bank"),
        ("Orbit Media:Cedar Bank - Production", ("Orbit Media",), "Cedar Bank"),
        ("Cedar Bank-PROD", (), "Cedar Bank"),
        ("Cedar Bank PROD CREDIT MEMO", (), "Cedar Bank"),
        ("Cedar Bank PROD PROD", (), "Cedar Bank PROD"),  # one suffix, not every one
        ("Reprod", (), "Reprod"),  # a suffix is a word of its own
        ("Production", (), "Production"),  # and never the whole name
        ("Cedar\u00a0Bank", (), "Cedar Bank"),
    ],
)
def test_the_customer_follows_the_last_colon(raw: str, agencies: tuple[str, ...], customer: str) -> None:
    parsed = parse_bill_code(raw, NOISE)
    assert (parsed.agencies, parsed.customer, parsed.readable) == (agencies, customer, True)


@pytest.mark.parametrize("raw", [":", "Orbit Media:", ":Cedar Bank", "A::B", "", " : "])
def test_a_code_that_names_no_customer_is_kept_as_it_is(raw: str) -> None:
    parsed = parse_bill_code(raw, NOISE)
    assert not parsed.readable
    assert name_key(parsed.display) == name_key(raw)


@pytest.mark.parametrize(
    ("raw", "is_worldlink"),
    [
        ("WorldLink:Smart Mop", True),
        ("worldlink Broker Fees Smart Mop", True),
        (" WORLDLINK:x", True),
        ("Orbit:WorldLink", False),
    ],
)
def test_worldlink_is_told_by_the_prefix(raw: str, is_worldlink: bool) -> None:
    assert parse_bill_code(raw, NOISE).is_worldlink is is_worldlink


@given(st.text(max_size=40))
def test_no_text_breaks_the_grammar_and_case_and_spaces_change_nothing(raw: str) -> None:
    parsed = parse_bill_code(raw, NOISE)
    assert parsed.customer or not raw.strip()
    assert parse_bill_code(f"  {raw} ", NOISE) == parsed


def test_a_sales_person_is_known_without_spaces_and_transfer() -> None:
    assert sales_person_name(" Avery  Quill - TRANSFER ") == "Avery Quill"
    assert sales_person_name("Avery Quill-transfer") == "Avery Quill"
    assert name_key("CAFÉ  Ñandú") == name_key("café ñandú")
