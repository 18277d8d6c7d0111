"""Calls of S3 through its SDK: entered with the keys, repeated where that helps, refusals in words.

The one place where the SDK talks to the network. It reads nothing of the environment, of ~/.aws or of the machine.
"""

import io
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import botocore.parsers
import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from station.stores.meter import Meter
from station.stores.patience import Patience
from station.stores.s3.credentials import read_credentials
from station.stores.s3.errors import BRIEFLY, code_of, is_untrusted, status_of, translated

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0  # for each wait at the socket, not for a whole call
PART_BYTES = 8 * 1024 * 1024
REGION_IN_ENDPOINT = re.compile(r"https?://s3[.-](?P<region>[a-z]+-[a-z0-9-]+)\.")
PASSING = {"RequestTimeout", "ConditionalRequestConflict", "OperationAborted", "IncompleteBody", *BRIEFLY}
ALTERED = {"BadDigest", "XAmzContentSHA256Mismatch"}  # on the way: the same bytes may arrive next time
FINAL_STATUS = {501, 507}
Given = TypeVar("Given")

logging.getLogger("botocore").setLevel(logging.INFO)  # at DEBUG it writes down headers, the session token among them


@dataclass(frozen=True)
class Place:
    """Where in S3 a store is, and how it is reached. `endpoint`: of a service other than Amazon's.

    `part_bytes` is what one call sends, and at most sends again after a cut. A larger file goes in parts.
    """

    bucket: str
    credentials: Path
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    proxy: str = ""
    ca_file: Path | None = None
    part_bytes: int = PART_BYTES

    @property
    def its_region(self) -> str:
        """As the manifest says, or the endpoint's name does."""
        named = REGION_IN_ENDPOINT.match(self.endpoint)
        return self.region or (named["region"] if named else "us-east-1")

    def path(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key


class Calls:
    """One client for each process: a connection is not to be shared with a fork."""

    def __init__(self, place: Place, patience: Patience) -> None:
        self.patience = patience
        self.place = place
        self._client: Any = None
        self._process = 0

    def run(self, what: str, call: Callable[[Any], Given]) -> Given:
        """The call's result. Declined when the service refuses; the other StoreErrors when it cannot be had."""
        client = self._open()
        failures, in_doubt = 0, False
        while True:
            try:
                return call(client)
            except (ClientError, BotoCoreError, botocore.parsers.ResponseParserError) as why:
                failures += 1
                if not _may_help(why) or failures >= self.patience.tries:
                    raise translated(what, why, in_doubt=in_doubt) from None
                in_doubt = in_doubt or not isinstance(why, ClientError) or status_of(why) >= 500
            self.patience.pause(failures)

    def close(self) -> None:
        if self._client is not None and self._process == os.getpid():
            self._client.close()
        self._client = None

    def _open(self) -> Any:
        if self._client is None or self._process != os.getpid():
            self._client = _client(self.place)
            self._process = os.getpid()
        return self._client


class Body(io.BytesIO):
    """The bytes of one call, read at the pace of the meter once they are really sent: before, they are only hashed."""

    def __init__(self, content: bytes, meter: Meter) -> None:
        super().__init__(content)
        self._meter = meter
        self._most = meter.piece(max(1, len(content)))
        self._sending = False

    def begin(self) -> None:
        self._sending = True

    def read(self, size: int | None = -1, /) -> bytes:
        if not self._sending:
            return super().read(size)
        piece = super().read(self._most if size is None or size < 0 else min(size, self._most))
        if piece:
            self._meter.sent(len(piece))
        return piece


def _begin(request: Any, **_: Any) -> None:
    if isinstance(request.body, Body):
        request.body.begin()


def _settled() -> ConfigValueStore:
    """The SDK's own defaults, in place of what it would look for in the environment and in ~/.aws."""
    defaults = {name: default for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    defaults |= {"config_file": None, "credentials_file": None}
    return ConfigValueStore({name: ConstantProvider(default) for name, default in defaults.items()})


def _client(place: Place) -> Any:
    known = read_credentials(place.credentials)
    session = botocore.session.Session()
    session.register_component("config_store", _settled())
    client = session.create_client(
        "s3",
        region_name=place.its_region,
        endpoint_url=place.endpoint or None,
        verify=str(place.ca_file) if place.ca_file else True,
        aws_access_key_id=known.key_id,
        aws_secret_access_key=known.secret.reveal(),
        aws_session_token=known.session.reveal() if known.session else None,
        config=Config(
            signature_version="s3v4",
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"total_max_attempts": 1, "mode": "standard"},  # `run` tries again: it knows what may be done
            proxies={scheme: place.proxy for scheme in ("http", "https")} if place.proxy else {},
            request_checksum_calculation="when_required",  # each call brings SHA-256 and MD5, which all services know
            response_checksum_validation="when_required",
            ignore_configured_endpoint_urls=True,
            user_agent_extra="control-station",
            s3={"addressing_style": "path" if place.endpoint else "auto", "payload_signing_enabled": True},
        ),
    )
    client.meta.events.register_last("before-send.s3", _begin)
    return client


def _may_help(why: Exception) -> bool:
    """Whether the same call may succeed in a moment."""
    if isinstance(why, ClientError):
        if code_of(why) in PASSING | ALTERED:
            return True
        return status_of(why) >= 500 and status_of(why) not in FINAL_STATUS and code_of(why) != "NotImplemented"
    return isinstance(why, (HTTPClientError, NoConnection)) and not is_untrusted(why)
