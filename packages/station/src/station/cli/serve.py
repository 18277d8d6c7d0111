"""`station serve`: the Control Station page, kept up by `station up`."""

import os
import socket
from contextvars import Context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.console import say
from station.cli.ports import PORTS_ENV, with_chosen_ports
from station.cli.session import Session, pass_session
from station.errors import PortTaken

if TYPE_CHECKING:
    from station.web import StoreWatch


@click.command(hidden=True)
@click.option(
    "--credentials",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder with operator_password and secret_key.  [default: etc/station/credentials of the control host]",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Instead of the manifest's; 0 takes a free one.")
@click.option("--bind", help="Instead of the manifest's address.")
@pass_session
def serve(session: Session, credentials: Path | None, port: int | None, bind: str | None) -> None:
    """Serve the Control Station page."""
    import uvicorn  # noqa: PLC0415
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415

    from station.clock import utc_now  # noqa: PLC0415
    from station.web.access import read_credentials  # noqa: PLC0415
    from station.web.app import Sources, create_app  # noqa: PLC0415

    fleet = with_chosen_ports(session.fleet, os.environ.get(PORTS_ENV, ""))
    address = bind or fleet.control.bind
    secrets = read_credentials(credentials or session.host(fleet.control.host).paths.credentials("station"))
    watch = _watch(session)
    page = create_app(Sources(fleet, watch.news, utc_now), secrets, bind=address)
    with _listen(address, fleet.control.port if port is None else port) as listening:
        watch.start()
        say(f"Control Station on http://{_shown(address)}:{listening.getsockname()[1]}/")
        # no proxy stands before us: a client's word on its own address is not taken
        # each request in an empty context: over a connection that brought a large body, the next request would else be
        # begun from within it, and find its `g` and its person
        wsgi = WSGIMiddleware(lambda environ, start: Context().run(page.wsgi_app, environ, start))  # type: ignore[arg-type]
        config = uvicorn.Config(
            wsgi, log_level="warning", proxy_headers=False, server_header=False, timeout_graceful_shutdown=3
        )
        uvicorn.Server(config).run(sockets=[listening])
    watch.end()


def _watch(session: Session) -> "StoreWatch":
    from station.stores.opening import open_store  # noqa: PLC0415
    from station.watch.storelog import StoreLog  # noqa: PLC0415
    from station.web import StoreWatch  # noqa: PLC0415

    fleet = session.fleet
    stores = {name: open_store(fleet.stores[app.stores[0]]) for name, app in fleet.apps.items()}  # one for each thread
    return StoreWatch({name: StoreLog(stores[name], name, tuple(app.databases)) for name, app in fleet.apps.items()})


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
    except OSError as why:
        listening.close()
        raise PortTaken(
            f"The page cannot listen on {address}:{port}: {why.strerror}", "Is another one running? Or give --port"
        ) from why
    listening.listen(128)
    return listening


def _shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address
