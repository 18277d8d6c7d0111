"""What every store promises, held by a store over SFTP on a real sshd."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from station.stores.store import Store

_FILE = Path(__file__).parents[1] / "test_contract.py"
_SPEC = importlib.util.spec_from_file_location("store_contract", _FILE)
assert _SPEC is not None and _SPEC.loader is not None
_CONTRACT = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_CONTRACT)


class TestSftp(_CONTRACT.StoreContract):  # type: ignore[name-defined,misc]  # loaded by its path: folders are no packages
    @pytest.fixture
    def store(self, sftp_store: Callable[[], Store]) -> Store:
        return sftp_store()
