"""Tests on booted hosts. All of this folder is marked `lab`."""

from pathlib import Path

import pytest

from lab.plugin import host, lab_here, two_hosts, wheels

__all__ = ["host", "lab_here", "two_hosts", "wheels"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.lab)
