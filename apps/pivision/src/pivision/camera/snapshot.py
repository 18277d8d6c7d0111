"""Sources that give whole JPEGs: a network camera's snapshot address, a file that something else writes, a folder."""

import base64
import http.client
import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pivision.camera.cadence import Orders
from pivision.camera.greys import grey_of
from pivision.camera.source import Encoded, NoPicture

WAIT_S = 10.0
MOST_BYTES = 16_000_000


class Snapshot:
    """Asks an address for each picture; a name and password in the address are sent as Basic, and shown nowhere."""

    def __init__(self, address: str) -> None:
        self._parts = urlsplit(address)

    def see(self) -> Encoded:
        headers = {}
        if self._parts.username:
            pair = f"{unquote(self._parts.username)}:{unquote(self._parts.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        path = self._parts.path or "/"
        connection = self._connect()
        try:
            connection.request("GET", f"{path}?{self._parts.query}" if self._parts.query else path, headers=headers)
            response = connection.getresponse()
            content = response.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as why:
            raise NoPicture(f"No picture: {self._parts.hostname} does not answer: {type(why).__name__}") from None
        finally:
            connection.close()
        if response.status != 200:
            raise NoPicture(f"No picture: {self._parts.hostname} answered {response.status}")
        return _whole(content, str(self._parts.hostname))

    def order(self, orders: Orders) -> None:
        """The other camera decides."""

    def close(self) -> None:
        """Nothing is held."""

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=WAIT_S, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=WAIT_S)


class Folder:
    """One file, read anew each time; or a folder's JPEGs by name, one after the other, from the first again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = 0

    def see(self) -> Encoded:
        path = self._path
        if path.is_dir():
            files = sorted(each for each in path.iterdir() if each.suffix.lower() in (".jpg", ".jpeg"))
            if not files:
                raise NoPicture(f"No picture: {path} holds no .jpg")
            path = files[self._next % len(files)]
            self._next += 1
        try:
            return _whole(path.read_bytes(), str(path))
        except OSError as why:
            raise NoPicture(f"No picture: {path}: {why.strerror}") from why

    def order(self, orders: Orders) -> None:
        """They are as they are."""

    def close(self) -> None:
        """Nothing is held."""


def _whole(content: bytes, where: str) -> Encoded:
    if not content.startswith(b"\xff\xd8") or b"\xff\xd9" not in content[-64:]:
        raise NoPicture(f"No picture: {where} gave no whole JPEG")
    return Encoded(content, grey_of(content))
