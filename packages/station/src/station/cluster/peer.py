"""Talk to the agent of a host: call a verb, follow its steps, get its answer or the very error it raised."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station import errors
from station.cluster.control import address
from station.errors import NotRunning, StationError
from station.fleet import HostPaths
from station.fleet.here import name_here

OnStep = Callable[[str], None]

START_HINT = "Start the fleet with `station up`"
ANSWER_S = 600.0  # the longest a verb may be silent: proving a database of many GB on a small machine


class Peer:
    """The agent of one host, as others see it."""

    def __init__(self, name: str, paths: HostPaths) -> None:
        self.name = name
        self.paths = paths

    def call(
        self, verb: str, *, on_step: OnStep | None = None, timeout_s: float = ANSWER_S, **arguments: Any
    ) -> dict[str, Any]:
        """Ask and wait. NotRunning when nobody answers (in time); any StationError that the agent raised."""
        self._require_here()
        try:
            return self._call(self.paths.socket, {"verb": verb, "arguments": arguments}, on_step, timeout_s)
        except TimeoutError as why:
            raise self._not_running(f"it did not answer within {timeout_s:g} s") from why
        except (OSError, ValueError) as why:
            raise self._not_running(getattr(why, "strerror", None) or str(why)) from why

    def _call(self, path: Path, asked: dict[str, Any], on_step: OnStep | None, timeout_s: float) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            with address(path) as where:
                connection.connect(where)
            with connection.makefile("rwb") as stream:
                stream.write(json.dumps(asked).encode() + b"\n")
                stream.flush()
                for line in stream:
                    answer = json.loads(line)
                    if "step" in answer and on_step is not None:
                        on_step(answer["step"])
                    if "error" in answer:
                        raise _raised(answer["error"])
                    if "done" in answer:
                        return dict(answer["done"])
        raise self._not_running("it hung up in the middle")

    def _require_here(self) -> None:
        """An agent answers on its own machine alone; its socket here would be this machine's own agent."""
        if not self.paths.is_machine or name_here(self.paths.root) == self.name:
            return
        raise NotRunning(
            f"{self.name} is another machine, and its agent is not asked from here", f"Run the command on {self.name}"
        )

    def _not_running(self, why: str) -> NotRunning:
        return NotRunning(f"The agent of {self.name} does not answer: {why}", self.paths.start_hint)


def _raised(described: dict[str, Any]) -> StationError:
    """The error as it was raised at the other end: same class, message and hint."""
    kind = _family().get(str(described.get("class")), StationError)
    return kind(str(described.get("message")), str(described.get("hint", "")))


def _family() -> dict[str, type[StationError]]:
    found: dict[str, type[StationError]] = {}
    waiting: list[type[StationError]] = [errors.StationError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind
        waiting.extend(kind.__subclasses__())
    return found
