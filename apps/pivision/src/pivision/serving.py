"""`pivision serve`."""

import os

import click

from pivision.settings import Settings


@click.command("serve")
def serve_appliance() -> None:
    """Answer until SIGTERM, on the sockets that systemd handed over or at BIND and PORT (8080)."""
    from pivision.server import serve  # noqa: PLC0415 - the other commands need no web server

    serve(Settings.from_env(os.environ), os.environ)
