"""Whether a file may be saved at a path, and under which name: the write modes."""

from typing import Any

from dropbox_emulator.arguments import Field, boolean, optional, struct, tag, text
from dropbox_emulator.contents import Content
from dropbox_emulator.errors import union
from dropbox_emulator.paths import ancestors, check_writable, conflict, lower, numbered, write_error, write_path
from dropbox_emulator.tree import Node, Tree

CONTENT_HASH = optional(text(r"[0-9a-f]{64}"))
COMMIT_FIELDS = {
    "path": Field(write_path),
    "mode": Field(tag("add", "overwrite", "update="), ("add", None)),
    "autorename": Field(boolean, False),
    "client_modified": optional(text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "%Y-%m-%dT%H:%M:%SZ")),
    "mute": Field(boolean, False),
    "property_groups": optional(lambda value: value),
    "strict_conflict": Field(boolean, False),
}
commit_info = struct(COMMIT_FIELDS)


def commit(tree: Tree, info: dict[str, Any], content: Content, *, space_bytes: int, error: str) -> Node:
    """Save the content as the commit asks; `error` is the tag of refusals (see `paths.write_error`)."""
    path = info["path"]
    if path.startswith("id:") and (known := tree.find(path)):
        path = known.path
    check_writable(path, error)
    for folder in ancestors(path):
        above = tree.nodes.get(lower(folder))
        if above is not None and above.is_file:
            raise conflict(error, "file_ancestor")
    old = tree.nodes.get(lower(path))
    if _is_in_the_way(tree, path, old, info, content):
        if not info["autorename"]:
            raise conflict(error, "file" if old is None or old.is_file else "folder")
        path = free_name(tree, path)
        old = None
    if old is not None and old.content is not None and old.content.content_hash == content.content_hash:
        return old  # identical: nothing is written, the revision stays
    freed = old.content.size if old is not None and old.content is not None else 0
    if tree.used_bytes - freed + content.size > space_bytes:
        raise write_error(error, union("insufficient_space"))
    return tree.put_file(path, content, info["client_modified"] or "")


def free_name(tree: Tree, path: str) -> str:
    number = 1
    while lower(numbered(path, number)) in tree.nodes:
        number += 1
    return numbered(path, number)


def _is_in_the_way(tree: Tree, path: str, old: Node | None, info: dict[str, Any], content: Content) -> bool:
    mode, rev = info["mode"]
    strict = info["strict_conflict"]
    if old is not None and old.content is None:
        return True
    if old is None:
        # a file that was deleted meanwhile is a conflict only for the strict
        return bool(mode == "update" and strict)
    assert old.content is not None
    if mode == "overwrite" or (mode == "update" and old.rev == rev):
        return False
    return bool(strict or old.content.content_hash != content.content_hash)
