"""The routes: what each takes, which scope it needs, what it does. Names and shapes are the service's."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dropbox_emulator import uploads
from dropbox_emulator.account import Account
from dropbox_emulator.arguments import Check, Field, boolean, listed, nothing, optional, struct, tag, text, whole
from dropbox_emulator.commits import COMMIT_FIELDS, CONTENT_HASH, commit
from dropbox_emulator.contents import Content
from dropbox_emulator.errors import Refusal, bad_input, refused, union
from dropbox_emulator.listing import continue_arg, list_arg
from dropbox_emulator.moving import copy_or_move, delete, delete_batch, make_folder, path_and_revision, relocation
from dropbox_emulator.paths import WRITE_PATTERN, is_malformed, lower, read_path
from dropbox_emulator.tree import Node, Tree

Answer = dict[str, Any] | None
READ, WRITE = "files.content.read", "files.content.write"
META, ABOUT = "files.metadata.read", "account_info.read"


@dataclass(frozen=True)
class Call:
    """A call that passed every check."""

    account: Account
    arg: dict[str, Any]
    body: bytes
    stale_by: int = 0

    @property
    def tree(self) -> Tree:
        return self.account.tree


@dataclass(frozen=True)
class Route:
    """`style` is rpc (JSON in the body), upload (JSON in a header, bytes in the body) or download."""

    style: str
    scope: str
    arg: Check
    act: Callable[[Call], Any]
    host: str = "api"


def upload(call: Call) -> Answer:
    content = call.account.contents.keep(call.body)
    try:
        node = commit(call.tree, call.arg, content, space_bytes=call.account.space_bytes, error="upload")
    except Refusal:
        content.path.unlink()
        raise
    if node.content != content:
        content.path.unlink()
    return _untagged(node)


def session_start(call: Call) -> Answer:
    return {"session_id": call.account.uploads.start(call.arg, call.body)}


def session_start_batch(call: Call) -> Answer:
    one = {"session_type": call.arg["session_type"], "close": False}
    return {"session_ids": [call.account.uploads.start(one, b"") for _ in range(call.arg["num_sessions"])]}


def session_append(call: Call) -> Answer:
    call.account.uploads.append(call.arg, call.body)
    return None


def session_finish(call: Call) -> Answer:
    space = call.account.space_bytes
    return _untagged(call.account.uploads.finish(call.tree, call.arg, call.body, space_bytes=space))


def session_finish_batch(call: Call) -> Answer:
    space = call.account.space_bytes
    entries = [call.account.uploads.finish_entry(call.tree, entry, space) for entry in call.arg["entries"]]
    return {"entries": entries}


def get_metadata(call: Call) -> Answer:
    path = call.arg["path"]
    if path == "":
        raise bad_input("files/get_metadata", "request body: path: The root folder is unsupported.")
    if call.arg["include_deleted"] and lower(path) in call.tree.revisions and call.tree.find(path) is None:
        return {".tag": "deleted", "name": path.rpartition("/")[2], "path_lower": lower(path), "path_display": path}
    return _look_up(call.tree, path).metadata()


def list_folder(call: Call) -> Answer:
    return call.account.cursors.list(call.tree, call.arg, call.stale_by)


def list_continue(call: Call) -> Answer:
    return call.account.cursors.go_on(call.tree, call.arg)


def latest_cursor(call: Call) -> Answer:
    return call.account.cursors.latest(call.tree, call.arg)


def download(call: Call) -> tuple[dict[str, Any], Content]:
    """The metadata and what is to be sent."""
    path = f"rev:{call.arg['rev']}" if call.arg["rev"] else call.arg["path"]
    node = _look_up(call.tree, path)
    if node.content is None:
        raise refused("path", union("not_file"))
    return _untagged(node), node.content


def list_revisions(call: Call) -> Answer:
    path = call.arg["path"]
    node = _look_up(call.tree, path) if path.startswith(("id:", "rev:")) else call.tree.find(path)
    if node is not None and not node.is_file:
        raise refused("path", union("not_file"))
    found = [_untagged(one) for one in reversed(call.tree.revisions.get(lower(node.path if node else path), []))]
    if not found:
        raise refused("path", union("not_found"))
    limit = call.arg["limit"]
    return {"is_deleted": node is None, "entries": found[:limit], "has_more": len(found) > limit}


def current_account(call: Call) -> Answer:
    name = {"given_name": "Test", "surname": "Account", "familiar_name": "Test"}
    return {
        "account_id": "dbid:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "name": name | {"display_name": "Test Account", "abbreviated_name": "TA"},
        "email": "account@example.invalid",
        "email_verified": True,
        "disabled": False,
        "locale": "en",
        "referral_link": "https://example.invalid/",
        "is_paired": False,
        "account_type": union("basic"),
        "root_info": union("user", root_namespace_id="1", home_namespace_id="1"),
    }


def space_usage(call: Call) -> Answer:
    return {"used": call.tree.used_bytes, "allocation": union("individual", allocated=call.account.space_bytes)}


def check_echo(call: Call) -> Answer:
    return {"result": call.arg["query"]}


def job_of(act: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    """A route that is answered with the number of a job, to be asked for later."""

    def launch(call: Call) -> Answer:
        job = f"dbjid:{secrets.token_urlsafe(16)}"
        call.account.jobs[job] = union("complete") | (act(call) or {})
        return union("async_job_id", async_job_id=job)

    return launch


def job_check(call: Call) -> Answer:
    if call.arg["async_job_id"] not in call.account.jobs:
        raise refused("invalid_async_job_id")
    return call.account.jobs[call.arg["async_job_id"]]


def _look_up(tree: Tree, path: str) -> Node:
    if path.startswith("/") and is_malformed(path):
        raise refused("path", union("malformed_path"))
    node = tree.find(path)
    if node is None:
        raise refused("path", union("not_found"))
    return node


def _untagged(node: Node) -> dict[str, Any]:
    return {name: value for name, value in node.metadata().items() if name != ".tag"}


_folders = struct({"path": Field(text(WRITE_PATTERN)), "autorename": Field(boolean, False)})
_metadata_arg = struct(
    {
        "path": Field(lambda value: value if value == "" else read_path(value)),
        "include_media_info": Field(boolean, False),
        "include_deleted": Field(boolean, False),
        "include_has_explicit_shared_members": Field(boolean, False),
        "include_property_groups": optional(lambda value: value),
    }
)
_download_arg = struct({"path": Field(read_path), "rev": optional(text(r"[0-9a-f]{9,}"))})
_revisions_arg = struct(
    {
        "path": Field(read_path),
        "mode": Field(tag("path", "id"), ("path", None)),
        "limit": Field(whole(1, 100), 10),
        "before_rev": optional(text(r"[0-9a-f]{9,}")),
        "include_restorable_info": Field(boolean, False),
    }
)
_batch_arg = struct({"entries": Field(listed(uploads.finish_arg, 1000))})
_job_arg = struct({"async_job_id": Field(text(r".+"))})
_upload_arg = struct({**COMMIT_FIELDS, "content_hash": CONTENT_HASH})
_echo_arg = struct({"query": Field(text(r"(?s:.{0,500})"), "")})
_deletes = struct({"entries": Field(listed(path_and_revision, 1000))})

ROUTES = {
    "files/upload": Route("upload", WRITE, _upload_arg, upload, "content"),
    "files/upload_session/start": Route("upload", WRITE, uploads.start_arg, session_start, "content"),
    "files/upload_session/start_batch": Route("rpc", WRITE, uploads.start_batch_arg, session_start_batch),
    "files/upload_session/append_v2": Route("upload", WRITE, uploads.append_arg, session_append, "content"),
    "files/upload_session/finish": Route("upload", WRITE, uploads.finish_arg, session_finish, "content"),
    "files/upload_session/finish_batch_v2": Route("rpc", WRITE, _batch_arg, session_finish_batch),
    "files/upload_session/finish_batch": Route("rpc", WRITE, _batch_arg, job_of(session_finish_batch)),
    "files/upload_session/finish_batch/check": Route("rpc", WRITE, _job_arg, job_check),
    "files/download": Route("download", READ, _download_arg, download, "content"),
    "files/get_metadata": Route("rpc", META, _metadata_arg, get_metadata),
    "files/list_folder": Route("rpc", META, list_arg, list_folder),
    "files/list_folder/continue": Route("rpc", META, continue_arg, list_continue),
    "files/list_folder/get_latest_cursor": Route("rpc", META, list_arg, latest_cursor),
    "files/list_revisions": Route("rpc", META, _revisions_arg, list_revisions),
    "files/copy_v2": Route("rpc", WRITE, relocation, lambda call: copy_or_move(call.account, call.arg, keep=True)),
    "files/move_v2": Route("rpc", WRITE, relocation, lambda call: copy_or_move(call.account, call.arg, keep=False)),
    "files/delete_v2": Route("rpc", WRITE, path_and_revision, lambda call: delete(call.tree, call.arg)),
    "files/delete_batch": Route("rpc", WRITE, _deletes, job_of(lambda call: delete_batch(call.tree, call.arg))),
    "files/delete_batch/check": Route("rpc", WRITE, _job_arg, job_check),
    "files/create_folder_v2": Route("rpc", WRITE, _folders, lambda call: make_folder(call.tree, call.arg)),
    "users/get_current_account": Route("rpc", ABOUT, nothing, current_account),
    "users/get_space_usage": Route("rpc", ABOUT, nothing, space_usage),
    "check/user": Route("rpc", ABOUT, _echo_arg, check_echo),
    "check/app": Route("rpc", "", _echo_arg, check_echo),
}
