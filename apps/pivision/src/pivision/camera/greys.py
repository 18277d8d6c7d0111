"""From a JPEG to something to look at, where OpenCV is installed; elsewhere the client sends by the clock alone."""

import importlib.util

from pivision.camera.look import Grey

_HAS_OPENCV = importlib.util.find_spec("cv2") is not None


def grey_of(jpeg: bytes) -> Grey | None:
    """The picture in grey, an eighth of its size; None when nobody can decode it here, or it is no picture."""
    if not _HAS_OPENCV:
        return None
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    return None if found is None else np.asarray(found, np.uint8)
