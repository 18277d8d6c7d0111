"""A plan and its changes, as text for people and as JSON; `plan`, `apply`, `drift` and `remove` show them alike."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.hosts.rendering.plan import Change

CHANGES = 3  # as `diff` and others have an exit code for "there are differences"
_SIGNS = {"add": "+", "change": "~", "remove": "-", "enable": "+", "disable": "-", "retire": "-"}
_UNIT_VERBS = ("enable", "disable", "retire", "start", "restart", "reload")


def change_lines(changes: "Iterable[Change]", *, diffs: bool = True) -> list[str]:
    """A line for each, and its diff below it."""
    return [line for change in changes for line in _lines(change, diffs=diffs)]


def change_json(changes: "Iterable[Change]") -> list[dict[str, object]]:
    """Each as an object, without what is only there to be compared."""
    return [
        {"kind": one.kind, "name": one.name, "action": one.action, "detail": list(one.detail), "diff": one.diff}
        for one in changes
    ]


def counted(number: int) -> str:
    return f"{number} changes" if number > 1 else "a change"


def _lines(change: "Change", *, diffs: bool) -> list[str]:
    told = f": {', '.join(change.detail)}" if change.detail else ""
    verb = f" {change.action}" if change.action in _UNIT_VERBS else ""
    diff = [f"    {line}".rstrip() for line in change.diff.splitlines() if diffs]
    return [f"{_SIGNS.get(change.action, '~')} {change.kind} {change.name}{verb}{told}", *diff]
