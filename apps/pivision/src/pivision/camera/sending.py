"""The thread that sends: pictures in their order, heartbeats, and the questions for new orders."""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from pivision.camera.cadence import Orders, orders_of
from pivision.camera.item import Item
from pivision.camera.numbering import Numbers
from pivision.camera.server import Answer, Away, Never, NotLetIn, Server
from pivision.camera.spool import Spool

MOST_IN_MEMORY = 8  # pictures that are not on the disk yet while all goes well: a card wears out by writing
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 120.0
HEARTBEAT_S = 60.0
NOT_LET_IN_S = 60.0
LOOKED_AT_S = 1.0  # so long after a picture the server has looked at it, and may want a burst
RARE_S = 5.0  # where pictures come more often, the answer to the next one tells soon enough

_log = logging.getLogger(__name__)


class Sending:
    """`hear` is called with every answer that carries orders: the new ones or None, and how long a burst is wanted."""

    def __init__(
        self,
        server: Server,
        spool: Spool,
        numbers: Numbers,
        hear: Callable[[Orders | None, float], None],
        health: Callable[[], Mapping[str, object]],
    ) -> None:
        self._server, self._spool, self._numbers, self._hear, self._health = server, spool, numbers, hear, health
        self._interval_s = Orders().interval_s
        self._memory: deque[Item] = deque()
        self._lock, self._more = threading.Lock(), threading.Event()
        self._failures = 0
        self._version, self._tag = -1, ""
        self._poll_s = Orders().poll_s
        self._ask_at_s = self._beat_s = float("-inf")
        self._is_online = True

    def put(self, item: Item) -> None:
        """To be sent. While nobody answers, and behind what waits on the disk already, it goes to the disk."""
        with self._lock:
            if self._is_online and not len(self._spool) and len(self._memory) < MOST_IN_MEMORY:
                self._memory.append(item)
            else:
                self._to_disk([*self._memory, item])
                self._memory.clear()
        self._more.set()

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; what is not sent by then goes to the disk."""
        while not stop.is_set():
            wait_s = self._step()
            self._more.wait(wait_s) if self._is_online else stop.wait(wait_s)
            self._more.clear()
        with self._lock:
            self._to_disk(list(self._memory))
            self._memory.clear()
        self._server.close()

    @property
    def waiting(self) -> int:
        return len(self._spool) + len(self._memory)

    def _step(self) -> float:
        """Do one thing; how long to wait until the next."""
        try:
            self._ask_for_orders()
            item = self._next()
            if item is not None:
                self._send(item)
            elif time.monotonic() - self._beat_s >= HEARTBEAT_S:
                self._server.heartbeat({**self._health(), "spool_depth": self.waiting})
                self._beat_s = time.monotonic()
        except (Away, NotLetIn) as why:
            return self._after(why)
        except Never as why:
            _log.warning("not taken why=%s", why.message)
            return FIRST_WAIT_S
        self._came_back()
        return 0.0 if self.waiting else min(self._poll_s, LOOKED_AT_S, max(0.05, self._ask_at_s - time.monotonic()))

    def _ask_for_orders(self) -> None:
        if time.monotonic() < self._ask_at_s:
            return
        found = self._server.configuration(self._tag)
        self._tag = found.tag or self._tag
        if found.status != 304:
            self._take_orders(found)
        self._ask_at_s = time.monotonic() + self._poll_s

    def _send(self, item: Item) -> None:
        try:
            answer = self._server.send(item, self._numbers.life, time.time())
        except Never as why:  # a picture that nobody will take must not hold up those behind it
            _log.warning("picture dropped seq=%d why=%s", item.seq, why.message)
            self._remove(item)
            return
        self._remove(item)
        self._beat_s = time.monotonic()
        told = answer.body.get("command", {})
        self._hear(None, float(told.get("burst_ms", 0)) / 1000)
        if answer.body.get("config_version", self._version) != self._version:
            self._ask_at_s = float("-inf")
        elif not item.burst and not self.waiting and self._interval_s > RARE_S:
            self._ask_at_s = min(self._ask_at_s, time.monotonic() + LOOKED_AT_S)

    def _take_orders(self, found: Answer) -> None:
        try:
            orders = orders_of(found.body["config"], int(found.body["version"]))
        except (KeyError, TypeError, ValueError):
            _log.warning("orders not understood")
            return
        self._version, self._poll_s, self._interval_s = orders.version, orders.poll_s, orders.interval_s
        self._hear(orders, float(found.body.get("command", {}).get("burst_ms", 0)) / 1000)

    def _next(self) -> Item | None:
        with self._lock:
            return self._spool.oldest() or (self._memory[0] if self._memory else None)

    def _remove(self, item: Item) -> None:
        with self._lock:
            if self._memory and self._memory[0].seq == item.seq:
                self._memory.popleft()
            else:
                self._spool.remove(item.seq)

    def _after(self, why: Away | NotLetIn) -> float:
        self._failures += 1
        if self._is_online:
            _log.warning("offline why=%s", why.message)
        self._is_online = False
        with self._lock:
            self._to_disk(list(self._memory))
            self._memory.clear()
        if isinstance(why, NotLetIn):
            return NOT_LET_IN_S
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(self._failures - 1, 10))
        return max(why.retry_after_s or 0.0, wait_s * random.uniform(0.5, 1.0))

    def _came_back(self) -> None:
        if not self._is_online:
            _log.info("online waiting=%d", self.waiting)
        self._is_online, self._failures = True, 0

    def _to_disk(self, items: list[Item]) -> None:
        for item in items:
            try:
                self._spool.put(item, time.time())
            except OSError as why:
                _log.warning("picture lost seq=%d why=%s", item.seq, why.strerror)
