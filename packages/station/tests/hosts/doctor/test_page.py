"""docs/doctor.md names every check, with what it means and what mends it."""

from pathlib import Path

import pytest

from station.hosts.doctor.checks import CHECKS
from station.hosts.doctor.page import parts, render

PAGE = Path(__file__).parents[5] / "docs" / "doctor.md"


def test_the_page_is_what_the_checks_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run ./scripts/docs"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_says_what_it_means_and_what_mends_it(check) -> None:
    meaning, _, remedy = parts(check)
    assert meaning.endswith(".")
    assert remedy


def test_no_two_checks_have_one_name() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
