"""Small real JPEGs."""

import cv2
import numpy as np


def picture(seed: int, width: int = 64, height: int = 48) -> bytes:
    """A small real JPEG; another for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width), dtype=np.uint8)
    return bytes(cv2.imencode(".jpg", pixels)[1].tobytes())
