"""A server for each file of tests, and a folder for one that a test starts itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pivision.testing.live import Live, make_live
from pivision.testing.pictures import picture


@pytest.fixture
def live_with(tmp_path: Path) -> Callable[..., Live]:
    """Makes a folder with the device `gate` for a server with these limits; start it with `running()`."""
    return lambda **limits: make_live(tmp_path, **limits)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that runs for all tests of the file, with the devices `gate` and `shop`."""
    made = make_live(tmp_path_factory.mktemp("live"))
    made.device("shop")
    with made.running():
        yield made


@pytest.fixture(scope="session")
def pictures() -> list[bytes]:
    return [picture(seed) for seed in range(12)]
