"""Ctrl-C at a moment when stopping would do harm: the first is answered with a sentence, the second is obeyed."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def patient(why: str, say: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, the first Ctrl-C only says `why`. KeyboardInterrupt at the second."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def first(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        say(why)

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
