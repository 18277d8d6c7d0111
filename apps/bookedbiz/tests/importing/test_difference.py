"""The difference of a month: what stays, what comes, what goes, and how it is told."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bookedbiz.importing.difference import difference, tell_changes
from bookedbiz.importing.spots import Spot
from bookedbiz.workbook.rows import Row


def row(row_hash: int) -> Row:
    return Row("Commercials", 2, (None,) * 29, 202611, False, row_hash, ())


hashes = st.lists(st.integers(0, 8), max_size=30)


@given(hashes, hashes)
def test_what_stays_comes_and_goes_makes_the_new_month_of_the_old(stored: list[int], wanted: list[int]) -> None:
    found = difference(enumerate(stored), [row(value) for value in wanted])
    left = Counter(value for spot_id, value in enumerate(stored) if spot_id not in set(found.removed))
    assert left + Counter(new.row_hash for new in found.added) == Counter(wanted)
    assert found.unchanged == sum((Counter(stored) & Counter(wanted)).values()) == len(stored) - len(found.removed)


def spot(**replaced: object) -> Spot:
    plain = Spot(**dict.fromkeys(Spot._fields))  # type: ignore[arg-type]
    usual = {"month": 202611, "bill_code_id": 1, "sales_person_id": 1, "contract_id": 7, "line": "1", "unit": "1"}
    return plain._replace(**(usual | {"gross_cents": 100, "net_cents": 85, "air_day": 5} | replaced))


def told(removed: list[Spot], added: list[Spot]) -> list[tuple[str, str, int]]:
    lines = tell_changes(removed, added).lines
    return [(key.kind, key.columns, sums.gross_after_cents - sums.gross_before_cents) for key, sums in lines.items()]


def test_a_new_price_of_the_same_airing_is_repriced() -> None:
    assert told([spot()], [spot(gross_cents=150)]) == [("repriced", "gross_cents", 50)]


def test_another_day_of_the_same_line_is_moved() -> None:
    assert told([spot()], [spot(air_day=6)]) == [("moved", "air_day", 0)]


def test_another_text_is_edited() -> None:
    assert told([spot()], [spot(media_id=3)]) == [("edited", "media_id", 0)]


def test_without_a_contract_nothing_is_paired() -> None:
    changes = told([spot(contract_id=None)], [spot(contract_id=None, gross_cents=150)])
    assert changes == [("cancelled", "", -100), ("booked", "", 150)]


def test_the_closest_partner_is_taken_first() -> None:
    removed = [spot(air_day=5), spot(air_day=6)]
    added = [spot(air_day=6, gross_cents=120)]
    assert told(removed, added) == [("repriced", "gross_cents", 20), ("cancelled", "", -100)]


spots = st.lists(
    st.builds(
        spot,
        contract_id=st.sampled_from([None, 7, 8]),
        air_day=st.integers(0, 2),
        gross_cents=st.sampled_from([None, -50, 0, 100]),
        bill_code_id=st.integers(1, 2),
    ),
    max_size=8,
)


@given(spots, spots)
def test_changes_always_add_up(removed: list[Spot], added: list[Spot]) -> None:
    lines = tell_changes(removed, added).lines.values()
    gained = sum(line.gross_after_cents - line.gross_before_cents for line in lines)
    assert gained == sum(new.gross_cents or 0 for new in added) - sum(old.gross_cents or 0 for old in removed)
    assert max(len(removed), len(added)) <= sum(line.spots for line in lines) <= len(removed) + len(added)
