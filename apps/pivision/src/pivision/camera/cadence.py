"""When a picture is sent: by the clock while nothing happens, quickly while something does. Pure; in seconds."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Why(StrEnum):
    """Why a picture is sent now."""

    BASELINE = "baseline"
    BURST = "burst"


@dataclass(frozen=True)
class Orders:
    """What the server wants. Version -1: it never said anything yet, and these are the appliance's own defaults."""

    version: int = -1
    interval_s: float = 30.0
    burst_fps: float = 2.0
    burst_s: float = 15.0
    cooldown_s: float = 60.0
    poll_s: float = 15.0
    quality: int = 80
    width: int = 640
    height: int = 480


def orders_of(config: dict[str, Any], version: int) -> Orders:
    """From the configuration that the server serves. KeyError, TypeError when it is none."""
    return Orders(
        version=version,
        interval_s=config["capture_interval_ms"] / 1000,
        burst_fps=float(config["burst_fps"]),
        burst_s=config["burst_duration_ms"] / 1000,
        cooldown_s=config["burst_cooldown_ms"] / 1000,
        poll_s=config["config_poll_interval_ms"] / 1000,
        quality=int(config["jpeg_quality"]),
        width=int(config["width"]),
        height=int(config["height"]),
    )


class Cadence:
    """Asked at every picture that is looked at."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self._sent_s = float("-inf")
        self._local_until = self._server_until = float("-inf")
        self._agreed = True  # whether the server saw something, too, in the last burst of our own

    def told(self, burst_left_s: float, now_s: float) -> None:
        """The server wants pictures quickly for so long; 0: it does not."""
        self._server_until = now_s + burst_left_s
        if burst_left_s > 0:
            self._agreed = True

    def is_bursting(self, now_s: float) -> bool:
        """Whether something goes on, as we or the server see it."""
        return now_s < max(self._local_until, self._server_until)

    def wanted(self, now_s: float, *, moving: bool) -> Why | None:
        """Whether to send the picture of now. When something begins to move, at once."""
        if moving:
            self._notice(now_s)
        if self.is_bursting(now_s):
            if now_s - self._sent_s < 1 / self.orders.burst_fps - 1e-6:
                return None
            self._sent_s = now_s
            return Why.BURST
        if now_s - self._sent_s < self.orders.interval_s - 1e-6:
            return None
        self._sent_s = now_s
        return Why.BASELINE

    def _notice(self, now_s: float) -> None:
        """A burst goes on while it moves. After one that the server saw nothing in comes a rest: a tree in the wind."""
        is_new = now_s >= self._local_until
        if is_new and not self._agreed and now_s < self._local_until + self.orders.cooldown_s:
            return
        if is_new:
            self._agreed = now_s < self._server_until
        self._local_until = now_s + self.orders.burst_s
