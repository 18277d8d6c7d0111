"""How long a service that is asked over the network is waited for."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How often a call is tried, and how long is waited: `first_s`, then twice as long each time, a random part less.

    `limited_s` is the longest that the service's own requests to wait (429) are followed for one call, all together.
    """

    tries: int = 6
    first_s: float = 0.5
    longest_s: float = 20.0
    limited_s: float = 300.0
    sleep: Callable[[float], None] = time.sleep

    def pause(self, failures: int) -> None:
        wait = min(self.longest_s, self.first_s * 2 ** (failures - 1))
        self.sleep(wait * random.uniform(0.5, 1.0))
