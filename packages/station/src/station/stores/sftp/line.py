"""The connection of a store: kept open between calls, opened again once when it was lost, never shared with a fork."""

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from station.errors import StoreError
from station.stores.sftp.entrance import Place, enter
from station.stores.sftp.session import ABSENT, DENIED, LOST, UNSUPPORTED, Refusal, Session
from station.stores.store import MARKER

Given = TypeVar("Given")
Call = Callable[[Session], Given]

_inherited: list[Session] = []  # of the process that forked us: if they were collected they would say goodbye for it


class ConnectionLost(StoreError):
    """The connection broke or could not be made; whether the server did what it was asked is not known."""


class Absent(StoreError):
    """There is no such file or folder, in a store that is there."""


class Line:
    """The way to one place. One thread at a time; others wait."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.place = place
        self.entered = 0  # how often a connection was made
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._open: list[Session] = []  # none or one
        weakref.finalize(self, _end, self._open, self._process)

    def run(self, what: str, call: Call[Given], again: Call[Given] | None = None) -> Given:
        """The call's result. When the connection is lost it is opened again once, and `again` (else `call`) is tried.

        StoreError when that does not help either, and for a refusal that the call did not see to.
        """
        with self.held():
            was_open = bool(self._open)
            try:
                return self.once(what, call)
            except ConnectionLost:
                if again is None and not was_open:
                    raise
                return self.once(what, again or call)

    def once(self, what: str, call: Call[Given]) -> Given:
        """As `run`, but a connection that gets lost is the caller's to see to: ConnectionLost."""
        with self.held():
            session = self._session(what)
            try:
                return call(session)
            except Refusal as why:
                raise self._refused(what, why) from None
            except LOST as why:
                self.drop()
                raise ConnectionLost(
                    f"Could not {what} in the store {self.name}: the connection to {self.place.server} was lost"
                    f" ({str(why) or 'it hung up'})",
                    "Is the network up? What was begun is gone on with by itself",
                ) from why

    @contextmanager
    def held(self) -> Iterator[None]:
        """No other thread uses the connection meanwhile."""
        self._leave_to_parent()
        with self._lock:
            yield

    def is_open(self, session: Session) -> bool:
        """Whether that is the connection that calls go through."""
        with self.held():
            return any(session is one for one in self._open)

    def drop(self) -> None:
        """Close the connection; the next call makes another."""
        with self.held():
            _end(self._open, self._process)

    def require_store(self, session: Session) -> None:
        """StoreError when the place holds no store (any more)."""
        if session.found(f"{self.place.path}/{MARKER}") is None:
            raise StoreError(
                f"The store {self.name} is gone: {self.place} does not hold one (no {MARKER} in it)",
                f"Is the disk over there mounted? If it is gone for good: `station store set-up {self.name}`",
            )

    def _session(self, what: str) -> Session:
        if not self._open:
            try:
                self._open.append(enter(self.place))
            except StoreError as why:
                raise ConnectionLost(f"Could not {what} in the store {self.name}: {why.message}", why.hint) from why
            self.entered += 1
        return self._open[0]

    def _leave_to_parent(self) -> None:
        """In a fork: the connection is the parent's. Ours has another end at the same socket and must stay silent."""
        if self._process == os.getpid():
            return
        self._process = os.getpid()
        self._lock = threading.RLock()
        _inherited.extend(self._open)
        self._open = []
        weakref.finalize(self, _end, self._open, self._process)

    def _refused(self, what: str, why: Refusal) -> StoreError:
        """The refusal in words. The server says "failure" to most things: its disk is looked at."""
        failed = f"Could not {what} in the store {self.name}"
        if why.code == ABSENT:
            with suppress(Refusal, *LOST):
                self.require_store(self._open[0])
            return Absent(f"{failed}: no such file or folder over there", "Try again; else look at the folder")
        disk = None
        with suppress(Refusal, *LOST):
            disk = self._open[0].disk(self.place.path) if self._open else None
        if disk is not None and disk.read_only:
            return StoreError(f"{failed}: the disk of {self.place} is read-only", "Mount it so that it can be written")
        if disk is not None and (disk.free_bytes < 1 << 16 or disk.free_files == 0 < disk.total_bytes):
            return StoreError(f"{failed}: the disk of {self.place} is full", "Make room there: `station db prune`")
        if why.code == DENIED:
            user = self.place.user
            return StoreError(f"{failed}: {user} may not do that in {self.place}", f"The folder must be {user}'s own")
        if why.code == UNSUPPORTED:
            return StoreError(f"{failed}: the server cannot do that ({why})", "Use OpenSSH's SFTP server")
        free = f"; {disk.free_bytes >> 20} MiB are free" if disk is not None else ""
        return StoreError(f"{failed}: the server says {why}{free}", "A quota of that user, or a failing disk?")


def _end(sessions: list[Session], process: int) -> None:
    """Close what this process opened."""
    if process != os.getpid():
        _inherited.extend(sessions)
    while sessions:
        session = sessions.pop()
        if process == os.getpid():
            with suppress(Exception):  # it may be broken in any way
                session.sock.get_transport().close()
