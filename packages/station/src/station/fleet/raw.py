"""Looking into a manifest that may be wrong elsewhere: what is not there or of another type reads as empty. Pure."""

from collections.abc import Mapping
from typing import Any

Raw = Mapping[str, Any]


def table(raw: Raw, key: str) -> Raw:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def tables(raw: Raw, key: str) -> dict[str, Raw]:
    """The tables below a table, `[key.NAME]`, by name."""
    return {name: value for name, value in table(raw, key).items() if isinstance(value, dict)}


def text(raw: Raw, key: str) -> str | None:
    value = raw.get(key)
    return value if isinstance(value, str) else None


def texts(raw: Raw, key: str) -> list[str]:
    """The texts of a list, each at its place; what is no text there reads as ""."""
    value = raw.get(key)
    return [item if isinstance(item, str) else "" for item in value] if isinstance(value, list) else []


def whole(raw: Raw, key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
