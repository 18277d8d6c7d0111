"""What the service answers when it does not do what it was asked, in the service's own shapes. Pure."""

from typing import Any

Tagged = dict[str, Any]


class Refusal(Exception):
    """An answer other than 200. `error` is the tagged value of the API; text answers have none."""

    def __init__(
        self, status: int, error: Tagged | None = None, *, text: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, error, text)
        self.status = status
        self.error = error
        self.text = text
        self.headers = headers or {}


def union(tag: str, value: Tagged | None = None, **fields: Any) -> Tagged:
    """A tagged value: with another one below its own name, or with the fields of a struct beside the tag."""
    below = {} if value is None else {tag: value}
    return {".tag": tag, **below, **fields}


def refused(tag: str, value: Tagged | None = None, **fields: Any) -> Refusal:
    """A route's own error (409)."""
    return Refusal(409, union(tag, value, **fields))


def unauthorised(tag: str, **fields: Any) -> Refusal:
    return Refusal(401, union(tag, **fields))


def bad_input(route: str, why: str) -> Refusal:
    """The request is no call of the API (400, text)."""
    return Refusal(400, text=f'Error in call to API function "{route}": {why}')


def summary(error: Tagged) -> str:
    """`path/conflict/file/..`, as the service sums up an error."""
    tags: list[str] = []
    here: Any = error
    while isinstance(here, dict) and ".tag" in here:
        tag = str(here[".tag"])
        tags.append(tag)
        here = here.get(tag, here.get("reason"))
    return "/".join(tags) + "/.."
