"""`pivision sample-camera`: parses, enrols, runs the ordinary camera client."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import click

from pivision.camera.settings import CameraSettings
from pivision.database import open_durable, prepare
from pivision.datafolder import DataFolder
from pivision.devices.audit import By
from pivision.errors import PiVisionError
from pivision.sample.enrolling import NAME, enrol
from pivision.settings import Settings
from station_kit import serving

_LOOKS_S = 0.25
_STATE = "sample-camera"


@click.command("sample-camera")
@click.option("--server", help="Default: where this appliance's own server listens.")
@click.option("--wait", "wait_s", default=60.0, show_default=True, help="Seconds, for a server that is starting.")
def sample_camera(server: str | None, wait_s: float) -> None:
    """A made-up stand with visitors, sent by the ordinary camera client until SIGTERM.

    For an appliance to try out. Makes the camera `sample-stand`, with regions drawn, when it is not there.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = Settings.from_env(os.environ, pages=False)
    folder = settings.folder
    folder.make()
    address = server or _own_server(folder, wait_s, stop.wait)
    camera = CameraSettings(address, NAME, "sample", folder.root / _STATE)
    prepare(settings.database)
    with closing(open_durable(settings.database)) as db:
        if enrol(db, camera, By("the sample", datetime.now(UTC))):
            click.echo(f"{NAME} is enrolled at {address}", err=True)
    _run(camera, stop)


def _run(camera: CameraSettings, stop: threading.Event) -> None:
    from pivision.camera.client import Client  # noqa: PLC0415 -- OpenCV and numpy
    from pivision.sample.stand import SampleStand  # noqa: PLC0415

    client = Client(camera, SampleStand(lambda: datetime.now(UTC)), stop, lambda: serving.alive(os.environ))
    serving.ready(os.environ)
    client.run()


def _own_server(folder: DataFolder, wait_s: float, wait: Callable[[float], bool]) -> str:
    """The address that the server of this data folder wrote down as it began. PiVisionError when there is none."""
    for _ in range(1 + round(wait_s / _LOOKS_S)):
        if folder.server_address.exists():
            return f"http://{folder.server_address.read_text(encoding='utf-8').strip()}"
        if wait(_LOOKS_S):
            break
    raise PiVisionError(
        f"No sample camera: no server listens for {folder.root}",
        "Start it first: pivision serve. Or say where it is: --server http://127.0.0.1:8080",
    )
