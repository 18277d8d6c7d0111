"""How a deploy speaks: sizes, and a line for each step."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str], None]
LONG_S = 20.0


def size(count: float) -> str:
    """`12.3 MB`, in the units that disks are sold in."""
    for unit in ("kB", "MB"):
        count /= 1000
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} GB"


def line(title: str, said: str) -> str:
    """What was done, with what result."""
    return f"  {title:<14} {said}"


@contextmanager
def step(title: str, tell: Tell, *, long_s: float = LONG_S) -> Iterator[list[str]]:
    """Tells a step when it is done, with its time and what is put into the list; of a long one that it is at work."""
    began_s, said, done = time.monotonic(), list[str](), threading.Event()

    def wait() -> None:
        while not done.wait(long_s):
            tell(line(title, f"at work for {time.monotonic() - began_s:.0f} s"))

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    try:
        yield said
    finally:
        done.set()
        waiting.join()
    tell(line(title, f"{' '.join(said)}  ({time.monotonic() - began_s:.1f} s)"))
