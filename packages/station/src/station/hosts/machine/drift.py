"""What somebody changed by hand since the last apply: the machine beside what that apply left, whatever the manifest
says by now. Reads, and needs no manifest."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from station.errors import StationError
from station.hosts.rendering import memory, pending
from station.hosts.rendering.change import Change
from station.hosts.rendering.files import HostFiles
from station.hosts.rendering.found import Found, look
from station.hosts.rendering.memory import Memory
from station.hosts.rendering.plan import plan


@dataclass(frozen=True)
class Drifted:
    """One thing that is not as it was left. `diff`: from what is there to what was, without secrets."""

    kind: str
    name: str
    what: tuple[str, ...]
    diff: str = ""


def drift(root: Path = Path("/")) -> list[Drifted]:
    """Everything. StationError when nothing was ever applied here, or we may not look."""
    remembered = _remembered(root)
    found = look(remembered.applied, root)
    return [*_changed(remembered, found), *_units(remembered.applied, found), *_cut(found)]


def _remembered(root: Path) -> Memory:
    place = root / memory.PLACE.lstrip("/")
    try:
        return memory.read(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StationError(
            f"There is nothing to compare with: no apply has ever ended here ({place} is not there)",
            "`station plan` compares with the manifest, and `station apply` carries it out",
        ) from None
    except PermissionError as why:
        raise StationError(f"{place} cannot be read: {why.strerror}", "Run it as root") from why


def _changed(remembered: Memory, found: Found) -> Iterator[Drifted]:
    then = _as_left(remembered, found)
    given = {one.path for one in then.needed if one.made != "generate"}
    secret = {path for path, file in then.files.items() if file.secret}
    for change in plan("", then, found).changes:
        if change.kind == "secret" and change.action == "add" and change.name in given:
            continue  # a person has yet to write it: that is no drift
        what = _words(change)
        if change.name in secret and change.action == "change" and change.diff:
            yield Drifted(change.kind, change.name, what)
        else:
            yield Drifted(change.kind, change.name, what, change.diff if change.action == "change" else "")


def _as_left(remembered: Memory, found: Found) -> HostFiles:
    """What was applied; of a file with secrets only the hash is known, so the text is there when it has that hash."""
    files = dict(remembered.applied.files)
    for path, file in files.items():
        there = found.paths.get(path)
        if file.secret and there and there.text is not None and memory.digest(there.text) == remembered.files.get(path):
            files[path] = replace(file, text=there.text.decode("utf-8", errors="surrogateescape"))
    return replace(remembered.applied, files=files)


def _words(change: Change) -> tuple[str, ...]:
    """What somebody did, where a plan says what is to do."""
    if change.kind == "members":
        return tuple(
            f"{one[2:]} was {'taken out of' if one[0] == '+' else 'put into'} the group" for one in change.detail
        )
    told = {
        ("unit", "enable"): "it does not start by itself any more",
        ("unit", "retire"): "it came back: it was retired, and is not masked or runs",
        ("systemd", "reload"): f"systemd has not read {', '.join(change.detail)} again",
        ("linger", "add"): "the user's services do not run without a login any more",
    }.get((change.kind, change.action))
    if told:
        return (told,)
    if change.action == "add":
        return ("it is gone",)
    return tuple(one.replace(" -> ", ", was left as ") for one in change.detail)


def _units(applied: HostFiles, found: Found) -> Iterator[Drifted]:
    for unit, added in found.drop_ins.items():
        told = [f"somebody added {path}; apply leaves it alone, `systemctl revert {unit}` removes it" for path in added]
        yield Drifted("unit", unit, tuple(told))
    for unit in applied.enable:
        state = found.states.get(unit)
        if state is not None and state.load == "masked":
            yield Drifted("unit", unit, ("somebody masked it",))


def _cut(found: Found) -> Iterator[Drifted]:
    if found.pending != pending.Pending():
        yield Drifted("apply", pending.PLACE, ("an apply was cut: `station apply` finishes it",))
