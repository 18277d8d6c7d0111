"""The process that asks the model: a model that hangs, crashes or swells ends this process and no other.

    python -m pivision.presence.child MODEL.onnx

It reads a line of JSON and then so many bytes of JPEG, and answers each with a line of JSON. Its first line says that
the model was read, or `error`.
"""

import json
import os
import sys
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import IO

import cv2
import numpy as np

from pivision.config import from_json
from pivision.presence.boxes import Colour, PresenceBroken
from pivision.presence.model import OpenCvDnn, config_beside

_NICER = 5  # the detector of the worker goes first


def main(model: Path, asked: IO[bytes], told: IO[bytes]) -> None:
    """Until `asked` ends."""
    with suppress(OSError):  # a sandbox may forbid it
        os.nice(_NICER)
    cv2.setNumThreads(1)
    try:
        net = OpenCvDnn(model, config_beside(model))
        net.detect(np.zeros((64, 64, 3), np.uint8), ())  # what it cannot take is known now
    except PresenceBroken as why:
        _tell(told, {"error": why.message, "hint": why.hint})
        return
    _tell(told, {"ready": True})
    for line in iter(asked.readline, b""):
        head = json.loads(line)
        found = cv2.imdecode(np.frombuffer(asked.read(head["bytes"]), np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
        if found is None:
            _tell(told, {"boxes": []})
            continue
        picture: Colour = np.asarray(found, np.uint8)
        try:
            boxes = net.detect(picture, from_json(json.dumps({"regions": head["regions"]})).regions)
        except PresenceBroken as why:
            _tell(told, {"error": why.message, "hint": why.hint})
            return
        _tell(told, {"boxes": [astuple(each) for each in boxes]})


def _tell(told: IO[bytes], what: dict[str, object]) -> None:
    told.write(json.dumps(what).encode() + b"\n")
    told.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
