"""Answers that take much memory are made one after the other."""

import threading
import time

import pytest

from bookedbiz.reports.heavy import heavy


def test_nobody_makes_one_while_another_is_made() -> None:
    making = 0
    most = 0

    def make() -> None:
        nonlocal making, most
        with heavy():
            making += 1
            most = max(most, making)
            time.sleep(0.01)  # long enough for the others to come in if they could
            making -= 1

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_one_that_fails_lets_the_next_one_begin() -> None:
    with pytest.raises(ValueError, match="broken"), heavy():
        raise ValueError("broken")
    with heavy(), heavy():  # and what makes one may call what makes one
        pass
