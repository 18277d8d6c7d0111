"""Giving way: the platform's own processes leave processor and disk to the app, which serves at the same time."""

from collections.abc import Callable

import psutil

from station.fleet import Points

NICENESS = 10
LAST_IN_CLASS = 7  # of the best-effort class; the idle class might never get to read on a busy disk


def give_way(points: Points, say: Callable[[str], None]) -> None:
    """Make this process wait for others, if the app's points are to be taken so. What the system refuses is said.

    To be called at the start, before any thread is: threads begin as polite as the one that starts them.
    """
    if not points.polite:
        return
    me = psutil.Process()
    try:
        if me.nice() < NICENESS:
            me.nice(NICENESS)
        if me.ionice() != (psutil.IOPRIO_CLASS_BE, LAST_IN_CLASS):  # where systemd did it, it may be forbidden
            me.ionice(psutil.IOPRIO_CLASS_BE, LAST_IN_CLASS)
    except (OSError, psutil.Error) as why:
        say(f"not polite: the system refuses it ({why}); the work goes on")
