"""Listing a folder page by page, and what changed since: `list_folder` and its cursors."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from dropbox_emulator.arguments import Field, boolean, optional, struct, text, whole
from dropbox_emulator.errors import refused, union
from dropbox_emulator.paths import folder_path, is_malformed, lower
from dropbox_emulator.tree import Tree

PAGE = 500  # entries of an answer when the caller does not say

list_arg = struct(
    {
        "path": Field(folder_path),
        "recursive": Field(boolean, False),
        "include_media_info": Field(boolean, False),
        "include_deleted": Field(boolean, False),
        "include_restorable_info": Field(boolean, False),
        "include_has_explicit_shared_members": Field(boolean, False),
        "include_mounted_folders": Field(boolean, True),
        "limit": optional(whole(1, 2000)),
        "shared_link": optional(lambda value: value),
        "include_property_groups": optional(lambda value: value),
        "include_non_downloadable_files": Field(boolean, True),
    }
)
continue_arg = struct({"cursor": Field(text(r".+"))})
Page = dict[str, Any]


@dataclass
class Cursor:
    """Where a listing is: what is still to be given, then which change is the next."""

    path: str
    recursive: bool
    include_deleted: bool
    limit: int
    moment: int
    left: list[dict[str, Any]] = field(default_factory=list)


class Cursors:
    """The cursors that were given out."""

    def __init__(self) -> None:
        self._cursors: dict[str, Cursor] = {}

    def list(self, tree: Tree, arg: dict[str, Any], stale_by: int = 0) -> Page:
        """The first page. `stale_by`: as it was so many changes ago."""
        path = _folder(tree, arg["path"])
        moment = max(0, len(tree.journal) - stale_by)
        found = tree.listing(path, recursive=arg["recursive"], moment=moment if stale_by else None)
        entries = [node.metadata() for node in found]
        limit = arg["limit"] or PAGE
        cursor = Cursor(path, arg["recursive"], arg["include_deleted"], limit, moment, entries)
        return self._page(cursor)

    def latest(self, tree: Tree, arg: dict[str, Any]) -> Page:
        """A cursor that gives only what changes from now on."""
        path = _folder(tree, arg["path"])
        cursor = Cursor(path, arg["recursive"], arg["include_deleted"], arg["limit"] or PAGE, len(tree.journal))
        return {"cursor": self._keep(cursor)}

    def go_on(self, tree: Tree, arg: dict[str, Any]) -> Page:
        known = self._cursors.get(arg["cursor"])
        if known is None:
            raise refused("reset")
        cursor = Cursor(known.path, known.recursive, known.include_deleted, known.limit, known.moment, [*known.left])
        if not cursor.left:
            cursor.left = _changes(tree, cursor)
            cursor.moment = len(tree.journal)
        return self._page(cursor)

    def forget(self) -> None:
        """Every cursor is void from now on: `reset`."""
        self._cursors.clear()

    def _page(self, cursor: Cursor) -> Page:
        entries, cursor.left = cursor.left[: cursor.limit], cursor.left[cursor.limit :]
        return {"entries": entries, "cursor": self._keep(cursor), "has_more": bool(cursor.left)}

    def _keep(self, cursor: Cursor) -> str:
        name = secrets.token_urlsafe(24)
        self._cursors[name] = cursor
        return name


def _folder(tree: Tree, path: str) -> str:
    """The folder's path, as it is shown; the root is ""."""
    if path == "":
        return ""
    path = re.sub("/{2,}", "/", path)  # taken by the service, and sent by rclone
    if path.startswith("/") and is_malformed(path):
        raise refused("path", union("malformed_path"))
    node = tree.find(path)
    if node is None:
        raise refused("path", union("not_found"))
    if node.is_file:
        raise refused("path", union("not_folder"))
    return node.path


def _changes(tree: Tree, cursor: Cursor) -> list[dict[str, Any]]:
    start = f"{lower(cursor.path)}/" if cursor.path else "/"
    entries = []
    for key in dict.fromkeys(tree.journal[cursor.moment :]):
        if not key.startswith(start) or (not cursor.recursive and "/" in key[len(start) :]):
            continue
        node = tree.nodes.get(key)
        name = key.rpartition("/")[2]
        gone = {".tag": "deleted", "name": name, "path_lower": key, "path_display": key}
        entries.append(node.metadata() if node else gone)
    return entries
