"""Looks at the stores in the background, so that a page never waits for a disk that is slow or gone."""

import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from station.errors import StationError
from station.watch.storelog import StoreLog, StoreNews, StoreView

EVERY_S = 2.0
LONGEST_PAUSE_S = 15.0
SHARE = 10  # a look that takes a second is followed by ten of rest: a card has other work to do


@dataclass(frozen=True)
class _Seen:
    view: StoreView | None = None
    at_s: float | None = None
    error: str | None = None


class StoreWatch:
    """One thread per app; `news` answers at once with the last look and its age."""

    def __init__(self, logs: Mapping[str, StoreLog], every_s: float = EVERY_S) -> None:
        self._logs = logs
        self._every_s = every_s
        self._seen: dict[str, _Seen] = {app: _Seen() for app in logs}
        self._ended = threading.Event()

    def start(self) -> None:
        for app, log in self._logs.items():
            threading.Thread(target=self._watch, args=(app, log), name=f"watch {app}", daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def news(self) -> dict[str, StoreNews]:
        """The last look at every app's store."""
        now_s = time.monotonic()
        return {
            app: StoreNews(seen.view, None if seen.at_s is None else now_s - seen.at_s, seen.error)
            for app, seen in self._seen.items()
        }

    def _watch(self, app: str, log: StoreLog) -> None:
        while not self._ended.is_set():
            began_s = time.monotonic()
            self._seen[app] = self._look(log, self._seen[app], began_s)
            took_s = time.monotonic() - began_s
            self._ended.wait(min(max(self._every_s, SHARE * took_s), LONGEST_PAUSE_S))

    def _look(self, log: StoreLog, before: _Seen, began_s: float) -> _Seen:
        try:
            return _Seen(log.look(), began_s)
        except StationError as why:
            return _Seen(before.view, before.at_s, why.message)
        except Exception as why:  # noqa: BLE001 - a bug here must not blind the page for good
            traceback.print_exc()
            return _Seen(before.view, before.at_s, f"a bug: {why}")
