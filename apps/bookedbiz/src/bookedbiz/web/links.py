"""Addresses within the application. A table has hundreds: what many of them share is written once."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlencode

from flask import request, url_for


def query(args: Mapping[str, str]) -> str:
    """The part of an address after its question mark."""
    return _query(tuple(args.items()))


def path(endpoint: str, **parts: str | int) -> str:
    """The part before it."""
    return _path(request.script_root, endpoint, tuple(parts.items()))


@lru_cache(maxsize=1024)
def _query(args: tuple[tuple[str, str], ...]) -> str:
    return urlencode(args)


@lru_cache(maxsize=4096)
def _path(_root: str, endpoint: str, parts: tuple[tuple[str, str | int], ...]) -> str:
    return url_for(endpoint, **cast(dict[str, Any], dict(parts)))
