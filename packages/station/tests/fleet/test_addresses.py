"""Where a person on the same machine finds what listens."""

import pytest

from station.fleet.addresses import address


@pytest.mark.parametrize(
    ("bind", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("100.81.73.46", "http://100.81.73.46:8000"),
    ],
)
def test_an_address_can_be_opened_wherever_it_listens(bind: str, shown: str) -> None:
    assert address(bind, 8000) == shown
