"""What would change on a host: a pure comparison of what it should have with what is there."""

import difflib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from station.hosts.rendering.change import Change
from station.hosts.rendering.files import Account, File, Folder, HostFiles, Needed
from station.hosts.rendering.found import Found, FoundFile
from station.hosts.rendering.hiding import hidden
from station.hosts.rendering.memory import digest
from station.hosts.rendering.unit_changes import running, standing

__all__ = ["Change", "Plan", "plan"]
NO_LOGIN = "/usr/sbin/nologin"


@dataclass(frozen=True)
class Plan:
    """Everything to do on the host, in the order in which it can be done; nothing when it has all it should have."""

    host: str
    changes: tuple[Change, ...]

    @property
    def digest(self) -> str:
        """Of the plan and of all it is based on: a later plan with the same one would do the same."""
        said = json.dumps([self.host, [asdict(change) for change in self.changes]], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def plan(host: str, wanted: HostFiles, found: Found) -> Plan:
    """What has to be done so that a next plan has nothing to do."""
    return Plan(
        host,
        (
            *_groups(wanted, found),
            *(change for account in wanted.accounts for change in _account(account, found)),
            *_members(wanted, found),
            *(change for path, folder in wanted.folders.items() for change in _folder(path, folder, found)),
            *(change for one in wanted.needed for change in _secret(one, found)),
            *(change for path, file in wanted.files.items() for change in _file(path, file, found)),
            *standing(wanted, found),
            *_removed(wanted, found),
            *running(wanted, found),
        ),
    )


def _groups(wanted: HostFiles, found: Found) -> Iterator[Change]:
    for group in wanted.groups:
        if group not in found.groups:
            yield Change("group", group, "add")


def _account(account: Account, found: Found) -> Iterator[Change]:
    there = found.users.get(account.name)
    if there is None:
        yield Change("user", account.name, "add", (f"{account.about}: {_kind(account)}",))
        return
    if account.person:
        if account.name in found.homeless and not account.required:
            yield Change("user", account.name, "change", (f"the home {there.home} is missing",))
        return
    differing = [("home", there.home, account.home), ("shell", there.shell, NO_LOGIN)]
    detail = tuple(f"{what} {is_} -> {should}" for what, is_, should in differing if is_ != should)
    if detail:
        yield Change("user", account.name, "change", detail)


def _kind(account: Account) -> str:
    if account.required:
        return "it lives in that person's home, and the account is missing: a person has to make it"
    return f"a person's account, with the home {account.home}" if account.person else "a user that nobody signs in as"


def _members(wanted: HostFiles, found: Found) -> Iterator[Change]:
    for group, members in wanted.groups.items():
        there = found.groups.get(group, ())
        detail = [f"+ {name}" for name in members if name not in there]
        if group in wanted.managed:
            detail += [f"- {name}" for name in there if name not in members]
        if detail:
            yield Change("members", group, "change", tuple(detail))


def _folder(path: str, folder: Folder, found: Found) -> Iterator[Change]:
    there = found.paths.get(path)
    if there is None:
        yield Change("folder", path, "add", (f"{folder.mode:04o} {folder.owner}:{folder.group}", *_lists(folder)))
        return
    detail = [] if there.kind == "folder" else [f"it is a {there.kind}"]
    detail += _rights(there, folder)
    if folder.inherited and there.inherited != frozenset(folder.inherited.split(",")):
        detail += [f"inherited rights {','.join(sorted(there.inherited)) or 'none'} -> {folder.inherited}"]
    if detail:
        yield Change("folder", path, "change", tuple(detail))


def _lists(folder: Folder) -> list[str]:
    return [f"inherited rights {folder.inherited}"] if folder.inherited else []


def _secret(one: Needed, found: Found) -> Iterator[Change]:
    """Whether it is there, and closed to others; never what is in it."""
    there = found.paths.get(one.path)
    if there is None or not there.text:
        how = "will be made" if one.made == "generate" else "is missing: a person has to write it"
        yield Change("secret", one.path, "add", (f"{one.about}: it {how}", f"{one.mode:04o} {one.owner}:{one.group}"))
    elif detail := _rights(there, one):
        yield Change("secret", one.path, "change", tuple(detail))


def _file(path: str, file: File, found: Found) -> Iterator[Change]:
    there = found.paths.get(path)
    text = there.text if there is not None and there.text is not None else b""
    diff = _diff(path, text, file.text.encode(), secret=file.secret)
    stamp = f"{digest(text)} {digest(file.text.encode())}"
    if there is None:
        yield Change("file", path, "add", (f"{file.mode:04o} {file.owner}:{file.group}",), diff, stamp)
        return
    known = found.remembered.files.get(path)
    differs = there.text is None or there.text != file.text.encode()
    detail = [] if there.kind == "file" else [f"it is a {there.kind}"]
    if differs and there.text is not None and known is None:
        detail.append("it was there before and is not ours: it will be kept aside")
    elif differs and there.text is not None and known != digest(there.text):
        detail.append("somebody changed it by hand")
    detail += _rights(there, file)
    if differs or detail:
        yield Change("file", path, "change", tuple(detail), diff, stamp)


def _rights(there: FoundFile, should: File | Folder | Needed) -> list[str]:
    differing = [
        ("mode", f"{there.mode:04o}", f"{should.mode:04o}"),
        ("owner", there.owner, should.owner),
        ("group", there.group, should.group),
    ]
    return [f"{what} {is_} -> {wanted}" for what, is_, wanted in differing if is_ != wanted]


def _removed(wanted: HostFiles, found: Found) -> Iterator[Change]:
    """Only what an earlier rendering of ours left there."""
    for path, known in sorted(found.remembered.files.items()):
        there = found.paths.get(path)
        if path in wanted.files or there is None or there.text is None:
            continue
        detail = () if digest(there.text) == known else ("somebody changed it by hand",)
        diff = _diff(path, there.text, b"", secret=path.endswith(".env"))
        yield Change("file", path, "remove", detail, diff, digest(there.text))


def _diff(path: str, there: bytes, wanted: bytes, *, secret: bool) -> str:
    before, after = (_shown(text, secret=secret) for text in (there, wanted))
    lines = difflib.unified_diff(before, after, f"{path} (there)", f"{path} (wanted)", lineterm="")
    return "\n".join(lines)


def _shown(text: bytes, *, secret: bool) -> list[str]:
    return [hidden(line, secret=secret) for line in text.decode("utf-8", errors="replace").splitlines()]
