"""Upload sessions: data that is collected in pieces and saved at the end."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dropbox_emulator.arguments import Field, boolean, optional, struct, tag, text, whole
from dropbox_emulator.commits import CONTENT_HASH, commit, commit_info
from dropbox_emulator.contents import BLOCK_BYTES, Contents
from dropbox_emulator.errors import Refusal, Tagged, refused, union
from dropbox_emulator.tree import Node, Tree

LARGEST_FILE = 2**41 - 2**22
MOST_SESSIONS = 1000

cursor = struct({"session_id": Field(text()), "offset": Field(whole(0, 2**63))})
start_arg = struct(
    {
        "close": Field(boolean, False),
        "session_type": optional(tag("sequential", "concurrent")),
        "content_hash": CONTENT_HASH,
    }
)
start_batch_arg = struct(
    {"num_sessions": Field(whole(1, 1000)), "session_type": optional(tag("sequential", "concurrent"))}
)
append_arg = struct({"cursor": Field(cursor), "close": Field(boolean, False), "content_hash": CONTENT_HASH})
finish_arg = struct({"cursor": Field(cursor), "commit": Field(commit_info), "content_hash": CONTENT_HASH})


@dataclass
class Session:
    """What was collected so far; a concurrent one takes its pieces in any order."""

    path: Path
    concurrent: bool
    closed: bool = False
    collected: int = 0
    pieces: dict[int, int] = field(default_factory=dict)

    @property
    def is_gapless(self) -> bool:
        end = 0
        for start, length in sorted(self.pieces.items()):
            if start != end:
                return False
            end = start + length
        return True


class Uploads:
    """The open sessions of an account, together never more than `most_bytes`."""

    def __init__(self, contents: Contents, most_bytes: int) -> None:
        self.sessions: dict[str, Session] = {}
        self._contents = contents
        self._most_bytes = most_bytes

    def start(self, arg: dict[str, Any], data: bytes) -> str:
        concurrent = bool(arg["session_type"] and arg["session_type"][0] == "concurrent")
        if concurrent and data:
            raise refused("concurrent_session_data_not_allowed")
        if concurrent and arg["close"]:
            raise refused("concurrent_session_close_not_allowed")
        if len(self.sessions) >= MOST_SESSIONS:
            self.sessions.pop(next(iter(self.sessions))).path.unlink()
        name = f"pid_upload_session:{secrets.token_urlsafe(24)}"
        self.sessions[name] = Session(self._contents.new_file(), concurrent)
        if data:
            self._write(self.sessions[name], 0, data)
        self.sessions[name].closed = arg["close"]
        return name

    def append(self, arg: dict[str, Any], data: bytes) -> None:
        found = self._session(arg["cursor"])
        if isinstance(found, dict):
            raise Refusal(409, found)
        if found.closed:
            raise refused("closed")
        offset = arg["cursor"]["offset"]
        if found.concurrent:
            if offset % BLOCK_BYTES:
                raise refused("concurrent_session_invalid_offset")
            if len(data) % BLOCK_BYTES and not arg["close"]:
                raise refused("concurrent_session_invalid_data_size")
        elif offset != found.collected:
            raise refused("incorrect_offset", correct_offset=found.collected)
        if self._is_too_much(offset, data):
            raise refused("too_large")
        self._write(found, offset, data)
        found.closed = arg["close"]

    def finish(self, tree: Tree, arg: dict[str, Any], data: bytes, *, space_bytes: int, closed: bool = False) -> Node:
        """Save what was collected, with `data` at its end. `closed`: the session must be closed (batches)."""
        session = self._session(arg["cursor"])
        if isinstance(session, dict):
            raise refused("lookup_failed", session)
        offset = arg["cursor"]["offset"]
        if session.concurrent:
            self._check_concurrent(session, data)
        elif closed and not session.closed:
            raise refused("lookup_failed", union("not_closed"))
        elif session.closed and data:
            raise refused("lookup_failed", union("closed"))
        if offset != session.collected:
            raise refused("lookup_failed", union("incorrect_offset", correct_offset=session.collected))
        if self._is_too_much(offset, data):
            raise refused("lookup_failed", union("too_large"))
        if data:
            self._write(session, offset, data)
        content = self._contents.adopt(session.path)
        node = commit(tree, arg["commit"], content, space_bytes=space_bytes, error="path")
        del self.sessions[arg["cursor"]["session_id"]]
        if node.content != content:
            session.path.unlink()
        return node

    def finish_entry(self, tree: Tree, arg: dict[str, Any], space_bytes: int) -> Tagged:
        """One entry of a batch: its file, or why not."""
        try:
            node = self.finish(tree, arg, b"", space_bytes=space_bytes, closed=True)
        except Refusal as why:
            if why.error is None:
                raise
            return union("failure", why.error)
        return {**node.metadata(), ".tag": "success"}

    def _session(self, at: dict[str, Any]) -> Session | Tagged:
        return self.sessions.get(at["session_id"]) or union("not_found")

    def _check_concurrent(self, session: Session, data: bytes) -> None:
        if data:
            raise refused("concurrent_session_data_not_allowed")
        if not session.closed:
            raise refused("concurrent_session_not_closed")
        if not session.is_gapless:
            raise refused("concurrent_session_missing_data")

    def _is_too_much(self, offset: int, data: bytes) -> bool:
        held = sum(session.collected for session in self.sessions.values())
        return offset + len(data) > LARGEST_FILE or held + len(data) > self._most_bytes

    def _write(self, session: Session, offset: int, data: bytes) -> None:
        with session.path.open("r+b") as file:
            file.seek(offset)
            file.write(data)
        if data:
            session.pieces[offset] = len(data)
        session.collected = max(session.collected, offset + len(data))
