"""One thing to do on a host, as a plan shows it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One thing to do. `kind` is what it is about; `action` add, change or remove, for units also enable, disable,
    retire, start, restart or reload; `detail` says what differs.

    `diff` is a unified diff without secrets. `stamp` changes whenever what is there or what is wanted does.
    """

    kind: str
    name: str
    action: str
    detail: tuple[str, ...] = ()
    diff: str = ""
    stamp: str = ""
