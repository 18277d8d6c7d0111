"""Send text gzipped to whoever takes it: a table of numbers shrinks to a fifth."""

import gzip

from flask import Response, request

SMALLEST_BYTES = 1024  # below that the header costs more than it saves
LEVEL = 5  # measured on the customer report: 6 and above save under 2 % more for twice the time
_TYPES = ("text/", "application/json", "application/javascript", "image/svg+xml")


def compress(response: Response) -> Response:
    """The same answer, gzipped where that is wanted and worth it."""
    if not (response.mimetype or "").startswith(_TYPES):
        return response
    response.headers.add("Vary", "Accept-Encoding")
    takes_gzip = request.accept_encodings["gzip"] > 0
    if not takes_gzip or response.status_code != 200 or "Content-Encoding" in response.headers:
        return response
    response.direct_passthrough = False  # static files come as open files
    content = response.get_data()
    if len(content) >= SMALLEST_BYTES:
        response.set_data(gzip.compress(content, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        if etag := response.get_etag()[0]:
            response.set_etag(f"{etag}-gzip")
    return response
