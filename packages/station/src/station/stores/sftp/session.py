"""One SFTP session over one SSH connection, with the server's refusals as values and the extensions it offers.

With `sftp_entrance.py` the only place that is built on paramiko, whose own files lose the errors of writes that are
sent ahead: what is read and written here goes through `Window`.
"""

import stat
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import paramiko
from paramiko import sftp
from paramiko.sftp_attr import SFTPAttributes

READ, WRITE, CREATE, TRUNCATE, EXCLUSIVE = 1, 2, 8, 16, 32  # flags of SFTP's OPEN
BLOCK_BYTES = 32 * 1024  # of one request: what every server takes
AHEAD = 32  # requests that may wait for their answers: 1 MiB under way, 30 MB/s at 30 ms; what a cut can cost
END, ABSENT, DENIED, FAILED, UNSUPPORTED = 1, 2, 3, 4, 8  # status codes of SFTP

HARD_LINK = "hardlink@openssh.com"
RENAME_OVER = "posix-rename@openssh.com"
SYNC = "fsync@openssh.com"
STAT_DISK = "statvfs@openssh.com"
COPY_BYTES = "copy-data"

LOST = (paramiko.SSHException, EOFError, OSError, sftp.SFTPError)  # the connection is gone; first ask for `Refusal`


class Refusal(Exception):
    """The server's answer is no. `code` is SFTP's; most reasons are FAILED, whatever they are."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Disk:
    """The file system that the store's folder is on."""

    total_bytes: int
    free_bytes: int
    free_files: int
    read_only: bool


class Session(paramiko.SFTPClient):  # type: ignore[misc]  # paramiko has no types
    """A session; not to be used by two threads at once, nor by a fork."""

    extensions: frozenset[str]

    def _send_version(self) -> int:
        """As paramiko does it, and keep what the server offers."""
        hello = paramiko.Message()
        hello.add_int(sftp._VERSION)
        self._send_packet(sftp.CMD_INIT, hello)
        kind, content = self._read_packet()
        if kind != sftp.CMD_VERSION:
            raise sftp.SFTPError("the server does not speak SFTP")
        answer = paramiko.Message(content)
        version = int(answer.get_int())
        offered = set()
        while answer.get_remainder():
            offered.add(answer.get_binary().decode(errors="replace"))
            answer.get_binary()
        self.extensions = frozenset(offered)
        return version

    def _convert_status(self, message: Any) -> None:
        code, text = message.get_int(), message.get_text()
        if code != sftp.SFTP_OK:
            raise Refusal(code, text or "no reason given")

    def open_handle(self, path: str, flags: int) -> bytes:
        """A file of the server; what is made is its owner's alone."""
        attributes = SFTPAttributes()
        attributes.st_mode = 0o600
        kind, answer = self._request(sftp.CMD_OPEN, path, flags, attributes)
        return _handle(kind, answer)

    def close_handle(self, handle: bytes) -> None:
        """Its answer is not waited for."""
        self._async_request(type(None), sftp.CMD_CLOSE, handle)

    def size_of(self, handle: bytes) -> tuple[int, int, bool]:
        """Size, time of the last change, and whether it is a file."""
        _, answer = self._request(sftp.CMD_FSTAT, handle)
        found = SFTPAttributes._from_msg(answer)
        return int(found.st_size or 0), int(found.st_mtime or 0), not stat.S_ISDIR(found.st_mode or 0)

    def sync(self, handle: bytes) -> None:
        """Have the server write the file to its disk, where it offers that."""
        if SYNC in self.extensions:
            self._request(sftp.CMD_EXTENDED, SYNC, handle)

    def link(self, path: str, name: str) -> None:
        """A second name for a file. Refusal when the name is taken."""
        self._request(sftp.CMD_EXTENDED, HARD_LINK, path, name)

    def rename_over(self, path: str, name: str) -> None:
        """Move a file to a name, in place of what has it."""
        self._request(sftp.CMD_EXTENDED, RENAME_OVER, path, name)

    def copy_bytes(self, source: bytes, target: bytes, offset: int, length: int) -> None:
        """Have the server copy part of one open file into another."""
        place = sftp.int64(offset)
        self._request(sftp.CMD_EXTENDED, COPY_BYTES, source, place, sftp.int64(length), target, place)

    def found(self, path: str) -> SFTPAttributes | None:
        """What there is under a path; None when there is nothing."""
        try:
            return self.lstat(path)
        except Refusal as why:
            if why.code != ABSENT:
                raise
            return None

    def disk(self, path: str) -> Disk | None:
        """The file system; None when the server does not tell."""
        if STAT_DISK not in self.extensions:
            return None
        _, answer = self._request(sftp.CMD_EXTENDED, STAT_DISK, path)
        _, unit, blocks, _, free, _, _, free_files, _, flags, _ = struct.unpack(">11Q", answer.get_remainder()[:88])
        return Disk(blocks * unit, free * unit, free_files, bool(flags & 1))

    def entries(self, folder: str) -> Iterator[SFTPAttributes]:
        """What is in a folder, in no order. Nothing when there is no such folder."""
        try:
            kind, answer = self._request(sftp.CMD_OPENDIR, folder)
        except Refusal as why:
            if why.code != ABSENT:
                raise
            return
        handle = _handle(kind, answer)
        window = Window(self)
        try:
            while True:
                while window.waiting < 8:
                    window.ask(sftp.CMD_READDIR, handle)
                _, answer = window.answer()
                for _ in range(answer.get_int()):
                    name, longname = answer.get_text(), answer.get_text()
                    yield SFTPAttributes._from_msg(answer, name, longname)
        except Refusal as why:
            if why.code != END:
                raise
        finally:
            self.close_handle(handle)


class Window:
    """Requests that are sent ahead of their answers, which come in the same order."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._asked: deque[int] = deque()
        self._answers: dict[int, tuple[int, Any]] = {}

    @property
    def waiting(self) -> int:
        return len(self._asked)

    def ask(self, *request: Any) -> None:
        self._asked.append(self._session._async_request(self, *request))

    def answer(self) -> tuple[int, Any]:
        """The answer to the oldest request. Refusal."""
        number = self._asked.popleft()
        while number not in self._answers:
            self._session._read_response()
        kind, message = self._answers.pop(number)
        if kind == sftp.CMD_STATUS:
            self._session._convert_status(message)
        return kind, message

    def _async_response(self, kind: int, message: Any, number: int) -> None:
        """Called by paramiko with every answer to what this window asked, whoever was reading."""
        self._answers[number] = (kind, message)

    def _check_exception(self) -> None:
        pass


def _handle(kind: int, answer: Any) -> bytes:
    if kind != sftp.CMD_HANDLE:
        raise sftp.SFTPError("the server's answer is none to what was asked")
    return bytes(answer.get_binary())
