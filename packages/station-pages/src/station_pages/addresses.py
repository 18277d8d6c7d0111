"""Addresses of our own: static files that browsers may keep for good, and paths that lead nowhere else."""

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app, url_for


def static_address(name: str) -> str:
    """Where a static file is; the address changes with its content, so that browsers may keep it for good."""
    return url_for("static", filename=name, v=_digest(str(current_app.static_folder), name))


def local_path(text: str, home: str) -> str:
    """`text` when it is a path on this site, else `home`: nobody is sent elsewhere after signing in."""
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return home
    parts = urlsplit(text)
    return home if parts.scheme or parts.netloc else text


@cache
def _digest(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:12]
