"""One store's own thread: whatever is asked of the store happens there, so that one that hangs holds up no other.

It is a daemon: a process that ends does not wait for it. What it may leave half done is finished by the next run.
"""

import queue
import threading
from collections.abc import Callable

_A_MOMENT_S = 0.1  # so long, and one call of the store, a job may have to wait for the tidying
_BREATH_S = 0.3  # between two moments of tidying: others want the disk and the processor too
_NOW_AND_THEN_S = 5.0

Job = Callable[[], None]


class StoreThread:
    """Does one job after another. In between it tidies: `tidy(for_s)` works about so long and says if there is more.

    `done` is called in the thread after each job. A job must not raise; what `tidy` raises ends the thread and is kept
    in `failure`.
    """

    def __init__(self, name: str, tidy: Callable[[float], bool], done: Callable[[], None]) -> None:
        self.failure: BaseException | None = None
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._tidy = tidy
        self._done = done
        threading.Thread(target=self._run, name=f"store {name}", daemon=True).start()

    def begin(self, job: Job) -> None:
        """Do the job after those that were begun before."""
        self._jobs.put(job)

    def _run(self) -> None:
        pause_s = _BREATH_S
        while True:
            try:
                job = self._jobs.get(timeout=pause_s)
            except queue.Empty:
                try:
                    pause_s = _BREATH_S if self._tidy(_A_MOMENT_S) else _NOW_AND_THEN_S
                except BaseException as why:  # noqa: BLE001 - raised again by whoever started the thread
                    self.failure = why
                    self._done()
                    return
                continue
            job()
            self._done()
