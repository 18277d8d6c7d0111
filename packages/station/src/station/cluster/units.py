"""What the agent asks of whatever runs processes on its host: children in the foreground, or systemd."""

from collections.abc import Callable
from typing import Literal, Protocol

Loop = Literal["points", "mirror"]
Job = Literal["copy", "drill"]


class Units(Protocol):
    """The processes of one host, by app. Only the main thread calls these."""

    outlive_agent: bool
    """Whether they run on when the agent ends, and the next one finds them running."""

    def run(self, app: str, *, processes: bool, loop: Loop | None) -> None:
        """Exactly these units of the app run from now on: its own processes or none, and one loop or none.

        What is not wanted any more is gone when this returns, the app's processes before its loop. A job that runs
        goes on only beside the processes and the loop `points`; beside both runs Litestream too, if the app has it.
        """

    def held(self, app: str) -> str:
        """Why the app has to be left alone for the moment, in words; "" when it has not. `run` would raise Busy."""

    def waits_for(self, app: str) -> str:
        """What the app waits for before it can run here, in words; "" when for nothing."""

    def require_ports(self, app: str) -> None:
        """PortTaken, naming the owner, when a port that the app's processes need does not become free soon."""

    def gate(self, app: str, pulse: Callable[[], None]) -> None:
        """Wait until the app is healthy, calling `pulse` meanwhile. GateFailed with the last lines it logged."""

    def nudge(self, app: str, loop: Loop) -> bool:
        """Tell the loop to do its work now. False when it does not run."""

    def start_job(self, app: str, job: Job, due: str) -> None:
        """Run the job once, for the moment (UTC text) at which it was due. One that still runs is left alone."""

    def job_code(self, app: str, job: Job) -> int | None:
        """How the job ended last. None while it runs, and when it never ran here."""

    def supervise(self) -> list[tuple[str, str]]:
        """Start again what died. (app, what happened) for each event."""

    def status(self, app: str) -> dict[str, dict[str, object]]:
        """By unit: state, pid, since, restarts, port, healthy (None: not known or nothing to ask)."""
