"""The worker's side: hands over a candidate picture now and then, never waits for the answer, and remembers answers."""

import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pivision.config import Region
from pivision.presence.boxes import Box, PresenceBroken

EVERY_S = 1.0
LIMIT_S = 5.0  # for one picture
LOAD_S = 60.0  # for the model: a large one on a small board
AGAIN_S = 60.0  # after trouble
_REMEMBERED = 400  # answers
_ENDS_S = 5.0


@dataclass(frozen=True)
class _Asked:
    device_id: int
    at_s: float
    jpeg: bytes
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class _Answer:
    device_id: int
    at_s: float
    boxes: tuple[Box, ...]


class Presence:
    """Asks `model` (None: nobody is asked, and nothing is known) in a process of its own."""

    def __init__(self, model: Path | None, *, limit_s: float = LIMIT_S, every_s: float = EVERY_S) -> None:
        self._model, self._limit_s, self._every_s = model, limit_s, every_s
        self._tasks: SimpleQueue[_Asked | None] = SimpleQueue()
        self._answers: deque[_Answer] = deque(maxlen=_REMEMBERED)
        self._busy, self._ends = False, False
        self._next_s = 0.0
        self._trouble: PresenceBroken | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)
        if model is not None:
            self._busy = True
            self._thread.start()

    def offer(self, device_id: int, at_s: float, jpeg: bytes, regions: tuple[Region, ...]) -> bool:
        """Whether this picture is looked at: one a second at most, none while the model works or is in trouble."""
        now_s = time.monotonic()
        if self._model is None or self._busy or now_s < self._next_s:
            return False
        self._busy, self._next_s = True, now_s + self._every_s
        self._tasks.put(_Asked(device_id, at_s, jpeg, regions))
        return True

    def evidence(self, device_id: int, begin_s: float, end_s: float) -> Mapping[str, object] | None:
        """What was seen of a camera from one moment to another; None when nothing was asked, or not answered yet."""
        found = [each for each in list(self._answers) if each.device_id == device_id and begin_s <= each.at_s <= end_s]
        if not found:
            return None
        best = max(found, key=lambda each: (len(each.boxes), max((box.score for box in each.boxes), default=0.0)))
        boxes = [[round(value, 3) for value in asdict(box).values()] for box in best.boxes]
        return {"persons": len(best.boxes), "pictures": len(found), "boxes": boxes}

    def check(self) -> None:
        """PresenceBroken while the model cannot be asked."""
        if self._trouble is not None:
            raise self._trouble

    def close(self) -> None:
        """The process ends, whatever it does."""
        self._ends = True
        self._tasks.put(None)
        child = self._child
        if child is not None:
            child.kill()
        if self._model is not None:
            self._thread.join(_ENDS_S)

    def _run(self) -> None:
        task: _Asked | None = None
        while not self._ends:
            try:
                if self._child is None:
                    self._begin()
                if task is not None:
                    self._answers.append(self._ask(task))
                self._trouble = None
            except PresenceBroken as why:
                self._suffer(why)
            except (OSError, ValueError) as why:
                self._suffer(PresenceBroken(f"Nobody is looked for: {why}"))
            self._busy = False
            task = self._tasks.get()
        self._end_child()

    def _suffer(self, why: PresenceBroken) -> None:
        self._trouble, self._next_s = why, time.monotonic() + AGAIN_S
        self._end_child()

    def _begin(self) -> None:
        command = [sys.executable, "-m", "pivision.presence.child", str(self._model)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._ends:
            self._child.kill()
        self._read(b"", LOAD_S)

    def _ask(self, task: _Asked) -> _Answer:
        head = {"bytes": len(task.jpeg), "regions": [asdict(each) for each in task.regions]}
        told = self._read(json.dumps(head).encode() + b"\n" + task.jpeg, self._limit_s)
        return _Answer(task.device_id, task.at_s, tuple(Box(*each) for each in told["boxes"]))

    def _read(self, content: bytes, limit_s: float) -> dict[str, Any]:
        """Its next line; PresenceBroken when it says what is wrong, or nothing within the time."""
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None
        late = threading.Timer(limit_s, child.kill)
        late.start()
        try:
            child.stdin.write(content)
            child.stdin.flush()
            line = child.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            late.cancel()
        if not line:
            raise PresenceBroken(
                f"Nobody is looked for: the model ended, or took longer than {limit_s:g} s",
                "Take a smaller model, or unset PRESENCE_MODEL",
            )
        told: dict[str, Any] = json.loads(line)
        if "error" in told:
            raise PresenceBroken(str(told["error"]), str(told.get("hint") or ""))
        return told

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()
