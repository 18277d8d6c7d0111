"""Calls of Dropbox's API through its SDK: entered with the credentials, repeated where that helps, refusals in words.

The one place where the SDK talks to the network. It reads nothing of the environment.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import dropbox
import requests
from dropbox.exceptions import ApiError, DropboxException, InternalServerError, RateLimitError

from station.stores.dropbox.credentials import read_credentials
from station.stores.dropbox.errors import is_untrusted, tags, translated
from station.stores.patience import Patience

PIECE_BYTES = 8 * 1024 * 1024  # two blocks of Dropbox's hash
TIMEOUT_S = 60.0  # for each wait at the socket, not for a whole call
DEFAULT_RETRY_AFTER_S = 5.0
Given = TypeVar("Given")


@dataclass(frozen=True)
class Entrance:
    """How Dropbox is reached. `ca_file` and `proxy` for those whose network has its own.

    `piece_bytes` is what one call sends, and at most sends again after a cut. A larger file goes in pieces.
    """

    credentials: Path
    proxy: str = ""
    ca_file: Path | None = None
    piece_bytes: int = PIECE_BYTES


class Calls:
    """One client for each process: a connection is not to be shared with a fork."""

    def __init__(self, entrance: Entrance, patience: Patience) -> None:
        self.patience = patience
        self.piece_bytes = entrance.piece_bytes
        self._entrance = entrance
        self._client: Any = None
        self._process = 0

    def run(self, what: str, call: Callable[[Any], Given]) -> Given:
        """The call's result. Declined when the route refuses; the other StoreErrors when it cannot be had."""
        client = self._open()
        failures, limited_s, in_doubt = 0, 0.0, False
        while True:
            try:
                return call(client)
            except RateLimitError as why:  # nothing was done
                wait = max(0.0, DEFAULT_RETRY_AFTER_S if why.backoff is None else float(why.backoff))
                limited_s += wait
                if limited_s > self.patience.limited_s:
                    raise translated(what, why, in_doubt=in_doubt) from None
                self.patience.sleep(wait * random.uniform(1.0, 1.1))
                continue
            except (DropboxException, requests.RequestException, AssertionError, ValueError) as why:
                failures += 1
                if not _may_help(why) or failures >= self.patience.tries:
                    raise translated(what, why, in_doubt=in_doubt) from None
                in_doubt = in_doubt or not isinstance(why, ApiError)
            self.patience.pause(failures)

    def close(self) -> None:
        if self._client is not None and self._process == os.getpid():
            self._client.close()
        self._client = None

    def _open(self) -> Any:
        if self._client is None or self._process != os.getpid():
            self._client = _client(self._entrance)
            self._process = os.getpid()
        return self._client


def _client(entrance: Entrance) -> Any:
    known = read_credentials(entrance.credentials)
    ca_file = str(entrance.ca_file) if entrance.ca_file else None
    session = dropbox.create_session(proxies={"https": entrance.proxy} if entrance.proxy else None, ca_certs=ca_file)
    session.trust_env = False  # a REQUESTS_CA_BUNDLE or HTTPS_PROXY of whoever started us decides nothing
    return dropbox.Dropbox(
        oauth2_refresh_token=known.refresh_token.reveal(),
        app_key=known.app_key,
        app_secret=known.app_secret.reveal(),
        session=session,
        timeout=TIMEOUT_S,
        user_agent="control-station",
        max_retries_on_error=0,  # `run` tries again: only there is known whether a try may have been done
        max_retries_on_rate_limit=0,
    )


def _may_help(why: Exception) -> bool:
    """Whether the same call may succeed in a moment."""
    if isinstance(why, ApiError):
        return "too_many_write_operations" in tags(why.error)
    if isinstance(why, requests.RequestException):
        return not is_untrusted(why)
    return isinstance(why, InternalServerError)
