"""The client: looks a few times a second, sends by the clock, quickly when something moves or the server asks."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from pivision.camera.cadence import Cadence, Orders, Why
from pivision.camera.item import Item
from pivision.camera.look import Look
from pivision.camera.numbering import Numbers
from pivision.camera.sending import Sending
from pivision.camera.server import Server
from pivision.camera.settings import CameraSettings, key_of
from pivision.camera.source import NoPicture, Picture, Source
from pivision.camera.spool import Limits, Spool

ENDS_S = 20.0
TROUBLE_S = 5.0  # between two tries of a camera that gives nothing

_log = logging.getLogger(__name__)


class Client:
    """One camera and one server, until `stop` is set."""

    def __init__(
        self, settings: CameraSettings, source: Source, stop: threading.Event, alive: Callable[[], object]
    ) -> None:
        settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._settings, self._source, self._stop, self._alive = settings, source, stop, alive
        self._cadence, self._look, self._lock = Cadence(Orders()), Look(), threading.Lock()
        self._ordered: Orders | None = None
        self._numbers = Numbers(settings.state)
        limits = Limits(int(settings.spool_mb * 1e6), settings.spool_hours * 3600)
        self._sending = Sending(
            Server(settings.server, settings.device, key_of(settings), settings.sign),
            Spool(settings.state / "spool", limits),
            self._numbers,
            self._hear,
            machine_health,
        )

    def run(self) -> None:
        """Look and send; a camera that gives nothing is tried again, for ever."""
        sending = threading.Thread(target=self._sending.run, args=(self._stop,), name="sending")
        sending.start()
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                self._alive()
                self._stop.wait(max(0.0, self._look_once() - (time.monotonic() - began)))
        finally:
            self._stop.set()
            sending.join(ENDS_S)
            self._source.close()
            with suppress(OSError):  # a full disk: a thousand numbers are left out
                self._numbers.settle()

    def _look_once(self) -> float:
        """See, and send if it is time; how long until the next look."""
        try:
            self._take_orders()
            picture = self._source.see()
            why = self._wanted(picture)
            if why is not None:
                self._put(picture, why)
        except NoPicture as trouble:
            _log.warning("no picture why=%s", trouble.message)
            return TROUBLE_S
        return self._every_s()

    def _wanted(self, picture: Picture) -> Why | None:
        grey = picture.grey if self._settings.look_fps > 0 else None
        moving = grey is not None and self._look.is_moving(grey)
        with self._lock:
            return self._cadence.wanted(time.monotonic(), moving=moving)

    def _put(self, picture: Picture, why: Why) -> None:
        width, height = picture.size
        item = Item(self._numbers.next(), time.time(), width, height, why is Why.BURST, picture.jpeg())
        self._sending.put(item)

    def _every_s(self) -> float:
        """As often as we look; without looking as often as we send."""
        with self._lock:
            orders, bursting = self._cadence.orders, self._cadence.is_bursting(time.monotonic())
        send_s = 1 / orders.burst_fps if bursting else min(orders.interval_s, 1.0)
        return min(send_s, 1 / self._settings.look_fps) if self._settings.look_fps > 0 else send_s

    def _hear(self, orders: Orders | None, burst_left_s: float) -> None:
        """From the thread that sends."""
        with self._lock:
            if orders is not None:
                self._cadence.orders = self._ordered = orders
            self._cadence.told(burst_left_s, time.monotonic())

    def _take_orders(self) -> None:
        with self._lock:
            orders, self._ordered = self._ordered, None
        if orders is not None:
            self._source.order(orders)


def machine_health() -> Mapping[str, object]:
    """What the machine beside the camera tells of itself; what it does not know is left out."""
    told: dict[str, object] = {}
    for name, file, divisor in (
        ("temp_c", "/sys/class/thermal/thermal_zone0/temp", 1000.0),
        ("uptime_s", "/proc/uptime", 0),
    ):
        try:
            number = float(Path(file).read_text(encoding="ascii").split()[0])
        except (OSError, ValueError, IndexError):
            continue
        told[name] = round(number / divisor, 1) if divisor else int(number)
    return told
