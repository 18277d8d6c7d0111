"""The command `pivision-camera`: enroll, run, look."""

import logging
import os
import signal
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import click

from pivision import ending
from pivision.camera import settings as told
from pivision.camera.client import Client
from pivision.camera.greys import grey_of
from pivision.camera.opening import open_source
from pivision.camera.server import Server
from pivision.camera.server import enroll as exchange
from station_kit import serving

DEFAULT_FILE = Path("/etc/pivision-camera.toml")


@dataclass(frozen=True)
class Given:
    """What stands before the command's name."""

    config: Path
    sign: bool

    def settings(self) -> told.CameraSettings:
        """The file's, with what was said here. BadCamera."""
        found = told.read(self.config, os.environ)
        return replace(found, sign=found.sign or self.sign)


def main() -> None:
    """Entry point."""
    ending.run(camera)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), default=DEFAULT_FILE, show_default=True)
@click.option(
    "--sign", is_flag=True, help="Sign each request instead of sending the key; as `sign = true` in the file."
)
@click.version_option(package_name="pivision")
@click.pass_context
def camera(context: click.Context, config: Path, *, sign: bool) -> None:
    """The client beside a camera: looks, and hands pictures to a PiVision."""
    context.obj = Given(config, sign)


@camera.command()
@click.argument("code", required=False)
@click.pass_obj
def enroll(given: Given, code: str | None) -> None:
    """Exchange a one-time CODE for this camera's key; asked for when it is not given."""
    settings = given.settings()
    key = exchange(settings.server, settings.device, code or click.prompt("Code", hide_input=True))
    told.keep_key(settings, key)
    click.echo(f"{settings.device} is enrolled at {settings.server}")


@camera.command()
@click.pass_obj
def run(given: Given) -> None:
    """Look and send until SIGTERM: what systemd starts."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = given.settings()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    client = Client(settings, open_source(settings.source), stop, lambda: serving.alive(os.environ))
    serving.ready(os.environ)
    client.run()


@camera.command()
@click.option("--save", type=click.Path(path_type=Path), help="Write the picture here.")
@click.pass_obj
def look(given: Given, save: Path | None) -> None:
    """Take one picture and ask the server who we are: is everything ready?"""
    settings = given.settings()
    source = open_source(settings.source)
    try:
        jpeg = source.see().jpeg()
    finally:
        source.close()
    if save:
        save.write_bytes(jpeg)
    by_itself = "it looks by itself" if grey_of(jpeg) is not None else "it sends by the clock (no OpenCV here)"
    click.echo(f"camera: {len(jpeg):,} bytes; {by_itself}")
    server = Server(settings.server, settings.device, told.key_of(settings), settings.sign)
    try:
        found = server.configuration()
    finally:
        server.close()
    click.echo(f"server: {settings.server} knows {settings.device}, configuration {found.body.get('version')}")


if __name__ == "__main__":
    main()
