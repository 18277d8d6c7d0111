"""How the pruning of backups and of records of drills is shown. Pure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.points.backups import CopiesPlan


def copies_lines(name: str, decided: "CopiesPlan") -> Iterator[str]:
    """What goes besides points; nothing when nothing does."""
    if decided.freed_backups:
        yield f"  goes: {len(decided.freed_backups)} of {decided.backups} backups of {name} with a time for a name"
        yield from (f"    {backup}" for backup in decided.freed_backups)
    if decided.freed_drills:
        yield f"  goes: {len(decided.freed_drills)} of {decided.drills} records of drills of {name}"
    if rest := len(decided.keys) - 2 * len(decided.freed_backups) - len(decided.freed_drills):
        yield f"  goes: {rest} records of backups of {name} that are gone"


def copies_json(decided: "CopiesPlan") -> dict[str, object]:
    return {
        "backups": decided.backups,
        "drills": decided.drills,
        "freed_backups": list(decided.freed_backups),
        "freed_drills": list(decided.freed_drills),
        "freed_bytes": decided.freed_bytes,
    }
