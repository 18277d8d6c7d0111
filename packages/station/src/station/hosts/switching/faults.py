"""Where a test may end a deploy as a power cut would: the steps of a switch, by name. Nothing happens otherwise."""

import os
import signal

VARIABLE = "STATION_DEPLOY_FAULT"  # STEP=SIGNAL, for example migrated=SIGKILL


def reached(step: str) -> None:
    """The switch has come this far. The only place that looks whether somebody wants it to end, or to stand, here."""
    wanted, _, name = os.environ.get(VARIABLE, "").partition("=")
    if wanted == step:
        os.kill(os.getpid(), signal.Signals[name])
