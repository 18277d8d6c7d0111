"""The arguments of a route: every field of its declared kind, no unknown ones, defaults filled in. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Check = Callable[[Any], Any]


class WrongArgument(Exception):
    """The argument is not what the route takes; the text names the field."""


@dataclass(frozen=True)
class Field:
    """One field of a struct. Without a default it is required."""

    check: Check
    default: Any = ...


Struct = Mapping[str, Field]


def struct(fields: Struct) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise WrongArgument(f"expected object, got {_kind(value)}")
        for name in value:
            if name not in fields:
                raise WrongArgument(f"unknown field '{name}'")
        return {name: _field(name, field, value) for name, field in fields.items()}

    return check


def nothing(value: Any) -> dict[str, Any]:
    if value is not None:
        raise WrongArgument("expected null")
    return {}


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongArgument(f"expected boolean, got {_kind(value)}")
    return value


def whole(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise WrongArgument(f"expected integer, got {_kind(value)}")
        if not low <= value <= high:
            raise WrongArgument(f"{value} is not from {low} to {high}")
        return value

    return check


def text(pattern: str = r"(?s:.*)", shown: str = "") -> Check:
    compiled = re.compile(pattern)

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongArgument(f"expected string, got {_kind(value)}")
        if not compiled.fullmatch(value):
            raise WrongArgument(f"'{value}' did not match pattern '{shown or pattern}'")
        return value

    return check


def optional(inner: Check) -> Field:
    return Field(lambda value: None if value is None else inner(value), None)


def tag(*names: str) -> Check:
    """One of some names, alone or as an object with a tag; a name that ends in = carries a text."""
    plain = {name.rstrip("=") for name in names}

    def check(value: Any) -> tuple[str, str | None]:
        name = value.get(".tag") if isinstance(value, dict) else value
        if name not in plain:
            raise WrongArgument(f"unknown tag {name!r}")
        carried = value.get(name) if isinstance(value, dict) else None
        if (f"{name}=" in names) != isinstance(carried, str):
            raise WrongArgument(f"tag '{name}' {'misses its' if f'{name}=' in names else 'takes no'} value")
        return name, carried

    return check


def listed(inner: Check, most: int) -> Check:
    def check(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise WrongArgument(f"expected list, got {_kind(value)}")
        if len(value) > most:
            raise WrongArgument(f"list has {len(value)} items, at most {most} are allowed")
        return [inner(one) for one in value]

    return check


def _field(name: str, field: Field, raw: dict[str, Any]) -> Any:
    if name not in raw:
        if field.default is ...:
            raise WrongArgument(f"missing required field '{name}'")
        return field.default
    try:
        return field.check(raw[name])
    except WrongArgument as why:
        raise WrongArgument(f"{name}: {why}") from why


def _kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__
