"""What a key of a manifest may hold: the types of values, in the words in which a mistake is told. Pure."""

import ipaddress
import zoneinfo
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

NAME = r"[a-z][a-z0-9-]*"
NAME_LENGTH = 32


def _address(text: str) -> str:
    ipaddress.ip_address(text)
    return text


def _zone(text: str) -> str:
    if text == "UTC":
        return text  # where the machine has no table of time zones too
    try:
        zoneinfo.ZoneInfo(text)
    except (OSError, zoneinfo.ZoneInfoNotFoundError) as why:
        raise ValueError("is no time zone that this machine knows") from why
    return text


Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$", max_length=NAME_LENGTH)]
SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=NAME_LENGTH)]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Value = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=1000)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
FilePath = Annotated[str, StringConstraints(pattern=r"^[^~\x00][^\x00]*$")]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$")]
UrlPath = Annotated[str, StringConstraints(pattern=r"^/[!-~]*$")]
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$", max_length=60)]
Reason = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$", max_length=200)]
Argument = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
Command = Annotated[list[Argument], Field(min_length=1)]
Below = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$")]
Branch = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._/-]*$", max_length=200)]
Column = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*$")]
GitAddress = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/._~][!-~]*$", max_length=500)]
Module = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")]
Requirement = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z0-9,_-]+\])?==[A-Za-z0-9.+!]+$")
]
Address = Annotated[str, AfterValidator(_address)]
WallTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Zone = Annotated[str, AfterValidator(_zone)]

A_NAME = f"a name: a-z, 0-9 and -, a letter first, at most {NAME_LENGTH} characters"
A_PATH = "a path, relative to this file's folder or absolute (no ~)"
A_TIME = 'a time of the day in quotes, from "00:00" to "23:59"'
A_VARIABLE = "a variable's name: A-Z, 0-9 and _, a letter first"
A_COMMAND = 'a list of texts: the program and its arguments, like ["bookedbiz", "serve"]'
AN_ADDRESS = 'an IP address of the host, like "127.0.0.1", or "0.0.0.0" for all'
SECRET_NAME = f"a name: a-z, 0-9 and _, a letter first, at most {NAME_LENGTH} characters"


class Table(BaseModel):
    """A table of a manifest: only the keys that are declared, each exactly of its type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def key(must: str, meaning: str, example: str, *, default: Any = ..., names: str = "", **limits: Any) -> Any:
    """A key of a table: what the value must be, what it means, and an example in TOML.

    `names` says what the keys of a table must be that the user names (`hosts.NAME`).
    """
    more: dict[str, JsonValue] = {"must": must, "example": example, "names": names}
    if callable(default):
        return Field(default_factory=default, description=meaning, json_schema_extra=more, **limits)
    return Field(default=default, description=meaning, json_schema_extra=more, **limits)


def number(meaning: str, unit: str, low: float, high: float, *, default: Any = ..., example: str) -> Any:
    """A key with a number from `low` to `high`, both allowed; `unit` is "" for a bare number."""
    must = f"a number {f'of {unit} ' if unit else ''}from {low:.12g} to {high:.12g}"
    return key(must, meaning, example, default=default, ge=low, le=high, allow_inf_nan=False)


def count(meaning: str, low: int, high: int, *, default: int) -> Any:
    """A key with a whole number from `low` to `high`, both allowed."""
    must = f"a whole number from {low} to {high}"
    return key(must, meaning, str(default), default=default, ge=low, le=high)


def port(meaning: str, *, default: Any = ..., example: str) -> Any:
    return key("a port: a whole number from 1 to 65535", meaning, example, default=default, ge=1, le=65535)
