"""An emulator, and ways to call it: the official SDK, and plain HTTP for what no SDK would send."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dropbox
import pytest
import requests

from dropbox_emulator.emulator import Emulator

Raw = Callable[..., requests.Response]


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator(tmp_path / "emulator") as running:
        yield running


@pytest.fixture
def session(emulator: Emulator) -> Iterator[requests.Session]:
    made = dropbox.create_session(proxies={"https": emulator.proxy}, ca_certs=str(emulator.ca_file))
    made.trust_env = False
    with made:
        yield made


@pytest.fixture
def client(emulator: Emulator, session: requests.Session) -> dropbox.Dropbox:
    tokens = emulator.tokens
    return dropbox.Dropbox(
        oauth2_refresh_token=tokens.refresh_token,
        app_key=tokens.app_key,
        app_secret=tokens.app_secret,
        session=session,
        max_retries_on_error=0,
        max_retries_on_rate_limit=0,
    )


@pytest.fixture
def raw(emulator: Emulator, session: requests.Session) -> Raw:
    """Calls a route with any argument and headers; with a body it is one of the content host's."""

    def call(route: str, arg: Any = None, body: bytes | None = None, **headers: str) -> requests.Response:
        given = {"Authorization": f"Bearer {emulator.tokens.issue()}"}
        if body is None:
            given["Content-Type"] = "application/json"
            data, host = json.dumps(arg).encode(), "api"
        else:
            given |= {"Content-Type": "application/octet-stream", "Dropbox-API-Arg": json.dumps(arg)}
            data, host = body, "content"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"https://{given.pop('host', host)}.dropboxapi.com/2/{route}"
        return session.post(url, data=data, headers={name: value for name, value in given.items() if value})

    return call
