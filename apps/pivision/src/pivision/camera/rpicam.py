"""A Pi camera by its own program, one start for each picture: for where picamera2 is not installed."""

import shutil
import subprocess

from pivision.camera.cadence import Orders
from pivision.camera.greys import grey_of
from pivision.camera.settings import BadCamera
from pivision.camera.source import Encoded, NoPicture

WAIT_S = 20.0
_PROGRAMS = ("rpicam-still", "libcamera-still")  # the newer name first; both take the same options


class Rpicam:
    """Takes a second for each picture: no more than about one a second can be looked at."""

    def __init__(self) -> None:
        found = next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
        if found is None:
            raise BadCamera("Camera not started: there is no rpicam-still", "apt install rpicam-apps")
        self._program, self._orders = found, Orders()

    def see(self) -> Encoded:
        orders = self._orders
        command = [self._program, "--nopreview", "--immediate", "--timeout", "1", "--encoding", "jpg"]
        command += ["--width", str(orders.width), "--height", str(orders.height), "--quality", str(orders.quality)]
        try:
            ended = subprocess.run([*command, "--output", "-"], capture_output=True, timeout=WAIT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as why:
            raise NoPicture(f"No picture: {self._program}: {type(why).__name__}") from why
        if ended.returncode != 0 or not ended.stdout.startswith(b"\xff\xd8"):
            said = ended.stderr.decode(errors="replace").strip().splitlines()
            raise NoPicture(f"No picture: {self._program}: {said[-1] if said else f'ended with {ended.returncode}'}")
        return Encoded(ended.stdout, grey_of(ended.stdout), (orders.width, orders.height))

    def order(self, orders: Orders) -> None:
        """For the next picture."""
        self._orders = orders

    def close(self) -> None:
        """Nothing is held between two pictures."""
