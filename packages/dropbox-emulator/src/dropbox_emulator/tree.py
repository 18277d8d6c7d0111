"""Files and folders under paths that do not tell upper from lower case, with revisions and a journal of changes."""

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dropbox_emulator.contents import Content
from dropbox_emulator.paths import ancestors, lower

MOST_REVISIONS = 10  # of one path; the contents of older ones are deleted


@dataclass(frozen=True)
class Node:
    """A file (with a content) or a folder, as it was at one moment."""

    path: str
    id: str
    content: Content | None = None
    rev: str = ""
    client_modified: str = ""
    server_modified: str = ""

    @property
    def is_file(self) -> bool:
        return self.content is not None

    def metadata(self) -> dict[str, Any]:
        about = {
            ".tag": "file" if self.content else "folder",
            "name": self.path.rpartition("/")[2],
            "path_lower": lower(self.path),
            "path_display": self.path,
            "id": self.id,
        }
        if self.content is None:
            return about
        return about | {
            "client_modified": self.client_modified,
            "server_modified": self.server_modified,
            "rev": self.rev,
            "size": self.content.size,
            "is_downloadable": True,
            "content_hash": self.content.content_hash,
        }


class Tree:
    """Everything of one account. Whoever calls holds the account's lock."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.revisions: dict[str, list[Node]] = {}
        self.journal: list[str] = []  # the path, in lower case, of every change
        self.before: list[Node | None] = []  # what was there before each change
        self._revs = itertools.count(0x5F000000001)

    @property
    def used_bytes(self) -> int:
        return sum(node.content.size for node in self.nodes.values() if node.content)

    def find(self, path: str) -> Node | None:
        """The node at a path, of an `id:`, or the file of a `rev:`."""
        if path.startswith("id:"):
            return next((node for node in self.nodes.values() if node.id == path), None)
        if path.startswith("rev:"):
            every = itertools.chain.from_iterable(self.revisions.values())
            return next((node for node in every if f"rev:{node.rev}" == path), None)
        return self.nodes.get(lower(path))

    def put_file(self, path: str, content: Content, client_modified: str = "") -> Node:
        """The file at the path, in a new revision; folders above are made."""
        self.make_folders(path)
        old = self.nodes.get(lower(path))
        now = _now()
        node = Node(
            path=old.path if old else self._as_written(path),
            id=old.id if old else _new_id(),
            content=content,
            rev=f"{next(self._revs):x}",
            client_modified=client_modified or now,
            server_modified=now,
        )
        self._set(node)
        kept = self.revisions.setdefault(lower(path), [])
        kept.append(node)
        while len(kept) > MOST_REVISIONS:
            self._drop(kept.pop(0))
        return node

    def make_folders(self, path: str) -> None:
        """The folders above a path."""
        for folder in ancestors(path):
            if lower(folder) not in self.nodes:
                self.make_folder(folder)

    def make_folder(self, path: str) -> Node:
        node = Node(self._as_written(path), _new_id())
        self._set(node)
        return node

    def remove(self, path: str) -> Node:
        """Take a node away, and everything below it."""
        gone = self.nodes[lower(path)]
        for node in [gone, *self.below(path)]:
            key = lower(node.path)
            self.journal.append(key)
            self.before.append(self.nodes.pop(key))
        return gone

    def transfer(self, source: str, target: str, *, keep: bool) -> Node:
        """Copy or move a node and all that is below it."""
        top = self.nodes[lower(source)]
        nodes = [top, *self.below(source)]
        if not keep:
            self.remove(source)
        for node in nodes:
            path = target + node.path[len(top.path) :]
            self.make_folders(path)
            if node.content is None:
                self._set(Node(self._as_written(path), _new_id() if keep else node.id))
            else:
                made = self.put_file(path, node.content, node.client_modified)
                if not keep:
                    self._set(replace(made, id=node.id))
        return self.nodes[lower(target)]

    def below(self, path: str) -> list[Node]:
        start = f"{lower(path)}/"
        return [node for key, node in sorted(self.nodes.items()) if key.startswith(start)]

    def listing(self, path: str, *, recursive: bool, moment: int | None = None) -> Iterator[Node]:
        """What lies in a folder, not in order of path; as it was when the journal had `moment` entries."""
        start = f"{lower(path)}/" if path else "/"
        nodes = self.nodes if moment is None else self._as_of(moment)
        for key, node in nodes.items():
            if key.startswith(start) and (recursive or "/" not in key[len(start) :]):
                yield node

    def _as_of(self, moment: int) -> dict[str, Node]:
        then = dict(self.nodes)
        for key, old in zip(reversed(self.journal[moment:]), reversed(self.before[moment:]), strict=True):
            if old is None:
                then.pop(key, None)
            else:
                then[key] = old
        return then

    def _set(self, node: Node) -> None:
        key = lower(node.path)
        self.journal.append(key)
        self.before.append(self.nodes.get(key))
        self.nodes[key] = node

    def _as_written(self, path: str) -> str:
        """The path as it is shown: its last name as given, the folders as they were first written."""
        folder, _, name = path.rpartition("/")
        above = self.nodes.get(lower(folder))
        return f"{above.path if above else folder}/{name}"

    def _drop(self, old: Node) -> None:
        used = {node.content for nodes in self.revisions.values() for node in nodes}
        if old.content is not None and old.content not in used:
            old.content.path.unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _new_id() -> str:
    return f"id:{secrets.token_urlsafe(16)}"
