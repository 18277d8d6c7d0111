"""Sending an object to Dropbox: small ones in one call, large ones in pieces that are not sent twice."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from dropbox.files import CommitInfo, UploadSessionCursor

from station.errors import StoreError
from station.stores.dropbox.calls import Calls
from station.stores.dropbox.errors import Declined, correct_offset, tags
from station.stores.dropbox.pending import BLOCK_BYTES, Fingerprint, Pending, fingerprint, pending
from station.stores.meter import Meter

MOST_SESSIONS = 3  # how often one upload is begun anew because the service has lost its session
Guard = Callable[[], None]


def _nothing() -> None:
    pass


class _SessionLost(Exception):
    """The service does not know the session any more, or it holds something else."""


class Uploads:
    """Uploads of one store. `state` is where one that was cut is remembered; None: by this process only."""

    def __init__(self, calls: Calls, name: str, meter: Meter, state: Path | None) -> None:
        self._calls = calls
        self._name = f"upload-{name}"
        self._state = state
        self._meter = meter
        self._piece_bytes = calls.piece_bytes

    def send(self, what: str, commit: CommitInfo, source: Path | bytes, guard: Guard = _nothing) -> Any:
        """Save the source as the commit says and return its metadata; what is there is what was sent.

        Declined with a conflict when something else is there that the commit may not replace. `guard` is called before
        it is saved, as late as that can be: what it raises ends the upload.
        """
        if isinstance(source, bytes):
            guard()
            return self._send_small(what, commit, source)
        with source.open("rb") as file:
            most = self._meter.piece(self._piece_bytes)
            small = file.read(most + 1)
            if len(small) <= most:
                guard()
                return self._send_small(what, commit, small)
            del small
            return self._send_large(what, commit, file, guard)

    def may_be_done(self, path: str) -> bool:
        """A run that was killed may have saved its upload there already."""
        with pending(self._state, self._name) as kept:
            return kept.left().committing == path

    def _send_small(self, what: str, commit: CommitInfo, data: bytes) -> Any:
        wanted = fingerprint(io.BytesIO(data))
        try:
            saved = self._calls.run(what, lambda client: client.files_upload(data, **_options(commit)))
        except Declined as why:
            saved = self._ours_after_all(what, commit.path, wanted, why, why.in_doubt)
        finally:
            self._meter.sent(len(data))
        return self._checked(what, saved, wanted)

    def _send_large(self, what: str, commit: CommitInfo, file: BinaryIO, guard: Guard) -> Any:
        wanted = fingerprint(file)
        with pending(self._state, self._name) as kept:
            kept.load(wanted)
            for _ in range(MOST_SESSIONS):
                try:
                    self._fill(what, kept, file, wanted)
                    guard()
                    saved = self._finish(what, kept, commit, wanted)
                except _SessionLost:
                    may_be_saved = kept.upload.committing == commit.path
                    kept.forget()
                    saved = self._same_there(what, commit.path, wanted) if may_be_saved else None
                    if saved is None:
                        continue
                kept.forget()
                return self._checked(what, saved, wanted)
        raise StoreError(f"Could not {what}: Dropbox loses the upload again and again", "Try again later")

    def _fill(self, what: str, kept: Pending, file: BinaryIO, wanted: Fingerprint) -> None:
        """Send what the session does not hold yet."""
        if not kept.upload.session:
            session = self._calls.run(what, lambda client: client.files_upload_session_start(b"").session_id)
            kept.note(session=session, begins=wanted.part(0, 0) or "", whole=wanted.content_hash)
        else:
            self._probe(what, kept, wanted)
        corrections = 0
        while kept.upload.offset < wanted.size:
            offset = kept.upload.offset
            file.seek(offset)
            piece = file.read(self._next_bytes(offset))
            try:
                self._append(what, kept.upload.session, offset, piece, wanted)
            except Declined as why:
                corrections += 1
                self._correct(why, kept, wanted, corrections)
                continue
            corrections = 0
            self._note_offset(kept, offset + len(piece), wanted)

    def _probe(self, what: str, kept: Pending, wanted: Fingerprint) -> None:
        """Ask where the session is before anything is sent: the last run may have been killed before it knew."""
        try:
            self._append(what, kept.upload.session, kept.upload.offset, b"", wanted)
        except Declined as why:
            self._correct(why, kept, wanted, 0)

    def _next_bytes(self, offset: int) -> int:
        """How much to send next. It ends where a block does whenever it can: only there may another run go on."""
        most = self._meter.piece(self._piece_bytes)
        into_block = offset % BLOCK_BYTES
        return most - into_block if most > BLOCK_BYTES else min(most, BLOCK_BYTES - into_block)

    def _append(self, what: str, session: str, offset: int, piece: bytes, wanted: Fingerprint) -> None:
        """One piece. With its hash taken from the fingerprint, the service notices a file that changed meanwhile."""
        cursor = UploadSessionCursor(session, offset)
        expected = wanted.part(offset, offset + len(piece))
        try:
            self._calls.run(
                what, lambda client: client.files_upload_session_append_v2(piece, cursor, content_hash=expected)
            )
        finally:
            self._meter.sent(len(piece))

    def _correct(self, why: Declined, kept: Pending, wanted: Fingerprint, corrections: int) -> None:
        """Go on where the service says the session is. An answer that got lost is the usual reason."""
        found = tags(why.error)
        if "not_found" in found or "closed" in found:
            raise _SessionLost
        right = correct_offset(why.error)
        if right is None:
            raise why
        is_this_file = kept.upload.whole == wanted.content_hash
        if not is_this_file or right > wanted.size or corrections > MOST_SESSIONS:
            raise _SessionLost
        self._note_offset(kept, right, wanted)

    def _note_offset(self, kept: Pending, offset: int, wanted: Fingerprint) -> None:
        begins = wanted.part(0, offset)
        if begins is None:  # not at the end of a block: known to this run, of no use to the next
            kept.upload = type(kept.upload)(kept.upload.session, offset, "", wanted.content_hash)
        else:
            kept.note(offset=offset, begins=begins, whole=wanted.content_hash)

    def _finish(self, what: str, kept: Pending, commit: CommitInfo, wanted: Fingerprint) -> Any:
        """Save the session as a file. A run that was killed here may have done it: the note says so to the next."""
        was_begun = kept.upload.committing == commit.path
        kept.note(committing=commit.path)
        cursor = UploadSessionCursor(kept.upload.session, wanted.size)
        try:
            return self._calls.run(what, lambda client: client.files_upload_session_finish(b"", cursor, commit))
        except Declined as why:
            in_doubt = why.in_doubt or was_begun
            if "lookup_failed" in tags(why.error):
                kept.note(committing=commit.path if in_doubt else "")
                raise _SessionLost from None
            if "conflict" in tags(why.error):
                kept.forget()
                return self._ours_after_all(what, commit.path, wanted, why, in_doubt)
            kept.note(committing="")
            raise

    def _ours_after_all(self, what: str, path: str, wanted: Fingerprint, why: Declined, in_doubt: bool) -> Any:
        """What stands there, when it may be what an earlier try of ours has saved, and is; else the refusal.

        Only after an answer that got lost: without one, equal bytes are somebody else's.
        """
        there = self._same_there(what, path, wanted) if in_doubt else None
        if there is None:
            raise why
        return there

    def _same_there(self, what: str, path: str, wanted: Fingerprint) -> Any:
        """The metadata of what stands there, when it is what was to be saved; else None."""
        try:
            there = self._calls.run(what, lambda client: client.files_get_metadata(path))
        except Declined:
            return None
        return there if getattr(there, "content_hash", None) == wanted.content_hash else None

    def _checked(self, what: str, saved: Any, wanted: Fingerprint) -> Any:
        """Refuse what is not what was sent, and take it away again."""
        if saved.content_hash == wanted.content_hash and saved.size == wanted.size:
            return saved
        self._calls.run(what, lambda client: client.files_delete_v2(saved.path_lower, parent_rev=saved.rev))
        raise StoreError(
            f"Could not {what}: what arrived is not what was sent", "The file changed while it was sent? Try again"
        )


def _options(commit: CommitInfo) -> dict[str, Any]:
    return {"path": commit.path, "mode": commit.mode, "strict_conflict": commit.strict_conflict, "mute": commit.mute}
