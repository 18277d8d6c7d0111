"""Copying, moving, deleting, making folders."""

from typing import Any

from dropbox_emulator.account import Account
from dropbox_emulator.arguments import Field, boolean, optional, struct, text
from dropbox_emulator.commits import free_name
from dropbox_emulator.errors import Refusal, Tagged, refused, union
from dropbox_emulator.paths import ancestors, check_writable, conflict, is_malformed, lower, write_path
from dropbox_emulator.tree import Node, Tree

relocation = struct(
    {
        "from_path": Field(write_path),
        "to_path": Field(write_path),
        "allow_shared_folder": Field(boolean, False),
        "autorename": Field(boolean, False),
        "allow_ownership_transfer": Field(boolean, False),
    }
)
path_and_revision = struct({"path": Field(write_path), "parent_rev": optional(text(r"[0-9a-f]{9,}"))})


def copy_or_move(account: Account, arg: dict[str, Any], *, keep: bool) -> Tagged:
    tree, target = account.tree, arg["to_path"]
    source = _existing(tree, arg["from_path"], "from_lookup")
    check_writable(target, "to")
    if lower(target).startswith(f"{lower(source.path)}/"):
        raise refused("cant_move_folder_into_itself" if not keep else "duplicated_or_nested_paths")
    _check_ancestors(tree, target, "to")
    in_the_way = tree.nodes.get(lower(target))
    if in_the_way is not None and not (in_the_way is source and not keep):
        if not arg["autorename"]:
            raise conflict("to", "file" if in_the_way.is_file else "folder")
        target = free_name(tree, target)
    if keep:
        more = sum(node.content.size for node in [source, *tree.below(source.path)] if node.content)
        if tree.used_bytes + more > account.space_bytes:
            raise refused("insufficient_quota")
    return {"metadata": tree.transfer(source.path, target, keep=keep).metadata()}


def delete(tree: Tree, arg: dict[str, Any]) -> Tagged:
    node = _existing(tree, arg["path"], "path_lookup")
    rev = arg["parent_rev"]
    if rev is not None and node.rev != rev:
        raise conflict("path_write", "file" if node.is_file else "folder")
    return {"metadata": tree.remove(node.path).metadata()}


def delete_batch(tree: Tree, arg: dict[str, Any]) -> Tagged:
    return {"entries": [_delete_entry(tree, entry) for entry in arg["entries"]]}


def make_folder(tree: Tree, arg: dict[str, Any]) -> Tagged:
    path = arg["path"]
    check_writable(path, "path")
    _check_ancestors(tree, path, "path")
    old = tree.nodes.get(lower(path))
    if old is not None:
        if not arg["autorename"]:
            raise conflict("path", "file" if old.is_file else "folder")
        path = free_name(tree, path)
    tree.make_folders(path)
    made = tree.make_folder(path).metadata()
    return {"metadata": {name: value for name, value in made.items() if name != ".tag"}}


def _delete_entry(tree: Tree, entry: dict[str, Any]) -> Tagged:
    try:
        return union("success") | delete(tree, entry)
    except Refusal as why:
        if why.error is None:
            raise
        return union("failure", why.error)


def _existing(tree: Tree, path: str, error: str) -> Node:
    if path.startswith("/") and is_malformed(path):
        raise refused(error, union("malformed_path"))
    node = tree.find(path)
    if node is None:
        raise refused(error, union("not_found"))
    return node


def _check_ancestors(tree: Tree, path: str, error: str) -> None:
    for folder in ancestors(path):
        above = tree.nodes.get(lower(folder))
        if above is not None and above.is_file:
            raise conflict(error, "file_ancestor")
