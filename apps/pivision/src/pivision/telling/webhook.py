"""One message to one address over HTTP. Its address and what it answers never reach a log: they may be keys."""

import http.client
import json
import ssl
import uuid
from urllib.parse import urlsplit

from pivision.errors import PiVisionError
from pivision.telling.messages import Message
from pivision.telling.subscribers import Form
from station_kit.environment import Secret

WAIT_S = 10.0


class NotTold(PiVisionError):
    """The message did not arrive; it is told again later."""


def post(address: Secret, form: Form, about: Message, picture: bytes | None) -> None:
    """Tell it. NotTold with the status, or what the network said; redirects are not followed."""
    body, headers = _body(form, about, picture)
    parts = urlsplit(address.reveal())
    try:
        connection = _connect(parts.scheme, parts.hostname or "", parts.port)
        try:
            path = parts.path or "/"
            connection.request("POST", f"{path}?{parts.query}" if parts.query else path, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as why:
        reason = why.strerror if isinstance(why, OSError) and why.strerror else type(why).__name__
        raise NotTold(f"{parts.hostname} not told: {reason}", "See whether it is there, at that address") from None
    if not 200 <= status < 300:
        raise NotTold(f"{parts.hostname} not told: it answered {status}", "Look at its address, and at what it takes")


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=WAIT_S, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=WAIT_S)


def _body(form: Form, about: Message, picture: bytes | None) -> tuple[bytes, dict[str, str]]:
    if form is Form.CHAT:
        return json.dumps({"text": about.headline}).encode(), {"Content-Type": "application/json"}
    if form is Form.NTFY:
        headers = {"Title": _ascii(about.headline), "Tags": about.kind}
        if picture is None:
            return f"{about.summary} at {about.started_at}".encode(), headers
        return picture, headers | {"Filename": f"{about.kind}.jpg", "Content-Type": "image/jpeg"}
    if picture is None:
        return about.to_json().encode(), {"Content-Type": "application/json"}
    return _multipart(about, picture)


def _multipart(about: Message, picture: bytes) -> tuple[bytes, dict[str, str]]:
    """`event` as JSON, `picture` as JPEG."""
    border = uuid.uuid4().hex
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="event"\r\nContent-Type: application/json\r\n\r\n'
        f'{about.to_json()}\r\n--{border}\r\nContent-Disposition: form-data; name="picture"; filename="event.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    body = head.encode() + picture + f"\r\n--{border}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={border}"}


def _ascii(text: str) -> str:
    """As a header may be."""
    return text.encode("ascii", "replace").decode()
