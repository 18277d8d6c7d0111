"""`pivision work`: parses, calls one function."""

import logging
import os
import signal
import threading

import click

from pivision.settings import Settings
from pivision.worker.loop import work as be_worker


@click.command()
def work() -> None:
    """Look at the pictures that wait, until SIGTERM: what systemd starts."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    be_worker(Settings.from_env(os.environ, pages=False), os.environ, stop)
