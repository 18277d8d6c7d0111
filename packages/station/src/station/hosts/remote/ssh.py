"""The way to a host: the `ssh` of this machine, with this person's own settings, keys and known hosts.

One connection serves many commands, so that a password or a second factor is asked for once.
"""

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from station.errors import NotRunning, StationError

COMMAND_ENV = "STATION_SSH"  # the command in place of `ssh`, for example `ssh -F FILE`
CONNECT_S = 15
LOST = 255  # ssh's own exit code: the command did not run, or its end is not known
NOT_THERE = 127  # the shell's: there is no such program
_WAITS = ("-o", f"ConnectTimeout={CONNECT_S}", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4")


@dataclass(frozen=True)
class Place:
    """A host by its `name` in the fleet, and how ssh finds it; `user` "" is whom ssh's own settings name."""

    name: str
    address: str
    user: str = ""

    @property
    def destination(self) -> str:
        return f"{self.user}@{self.address}" if self.user else self.address


def program(env: Mapping[str, str]) -> list[str]:
    """The command line that ssh begins with."""
    return shlex.split(env.get(COMMAND_ENV, "")) or ["ssh"]


class Ssh:
    """An open connection. Commands are given as words; the shell on the other side gets each of them whole."""

    def __init__(self, place: Place, words: Sequence[str]) -> None:
        self.place = place
        self._words = [*words]

    def run(self, *command: str, source: "IO[bytes] | None" = None) -> str:
        """What the command prints. StationError with what it said when it fails."""
        stdin = source if source is not None else subprocess.DEVNULL
        ended = self._spawn([*self._words, *self._there(command)], stdin)
        if ended.returncode != 0:
            raise self._failed(ended)
        return ended.stdout.decode(errors="replace")

    def feed(self, *command: str, write: Callable[[IO[bytes]], None]) -> str:
        """What the command prints; `write` gives it its input."""
        with (
            TemporaryDirectory() as folder,
            Path(folder, "out").open("w+b") as out,
            Path(folder, "err").open("w+b") as err,
        ):
            running = subprocess.Popen(
                [*self._words, *self._there(command)], stdin=subprocess.PIPE, stdout=out, stderr=err
            )
            assert running.stdin is not None
            try:
                with running, running.stdin:
                    write(running.stdin)
            except BrokenPipeError:
                running.wait()
            out.seek(0)
            err.seek(0)
            ended = subprocess.CompletedProcess(running.args, running.returncode, out.read(), err.read())
        if ended.returncode != 0:
            raise self._failed(ended)
        return ended.stdout.decode(errors="replace")

    def show(self, *command: str, tty: bool) -> int:
        """Run it with our own input and output, and return its exit code."""
        terminal = ["-t", "-o", "RequestTTY=yes"] if tty else []
        return subprocess.run([*self._words, *terminal, *self._there(command)], check=False).returncode

    def _there(self, command: Sequence[str]) -> list[str]:
        return ["--", self.place.destination, shlex.join(command)]

    def _spawn(self, words: list[str], source: "IO[bytes] | int") -> "subprocess.CompletedProcess[bytes]":
        # files, not pipes: the process that keeps the connection open would keep a pipe open, too
        with (
            TemporaryDirectory() as folder,
            Path(folder, "out").open("w+b") as out,
            Path(folder, "err").open("w+b") as err,
        ):
            try:
                ended = subprocess.run(words, stdin=source, stdout=out, stderr=err, check=False)
            except OSError as why:
                raise StationError(f"{words[0]} was not started: {why.strerror}", "apt install openssh-client") from why
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(words, ended.returncode, out.read(), err.read())

    def _failed(self, ended: "subprocess.CompletedProcess[bytes]") -> StationError:
        said = ended.stderr.decode(errors="replace").strip()
        if ended.returncode == LOST:
            return unreached(self.place, said)
        message, _, hint = said.rpartition("error: ")[2].partition("\n\n  hint: ")
        return StationError(f"{self.place.name}: {message.strip() or f'status {ended.returncode}'}"[-2000:], hint)


@contextmanager
def connected(place: Place, env: Mapping[str, str] = os.environ) -> Iterator[Ssh]:
    """A connection, ended with the block. NotRunning when there is no way, saying why and what to do."""
    with TemporaryDirectory(prefix="station-ssh-") as folder:
        shared = ["-o", "ControlMaster=auto", "-o", f"ControlPath={folder}/c", "-o", "ControlPersist=60"]
        plain = ["-o", "RemoteCommand=none", "-o", "RequestTTY=no", "-o", "ForwardX11=no", "-o", "LogLevel=ERROR"]
        words = [*program(env), *shared, *plain, "-o", "ClearAllForwardings=yes", *_WAITS]
        ssh = Ssh(place, words)
        try:
            ssh.run("true")
            yield ssh
        finally:
            subprocess.run([*words, "-O", "exit", "--", place.destination], capture_output=True, check=False)


def passed_through(place: Place, command: Sequence[str], env: Mapping[str, str], *, tty: bool) -> int:
    """Run one command there with our own input and output: its exit code, or `LOST`."""
    words = [*program(env), "-t" if tty else "-T", "-o", "RemoteCommand=none", *_WAITS]
    try:
        return subprocess.run([*words, "--", place.destination, shlex.join(command)], check=False).returncode
    except OSError as why:
        raise StationError(f"{words[0]} was not started: {why.strerror}", "apt install openssh-client") from why


def unreached(place: Place, said: str) -> NotRunning:
    """Why ssh did not get there, from what it said, and what to do."""
    by_hand = f"ssh {place.destination}"
    known = (
        (
            "REMOTE HOST IDENTIFICATION HAS CHANGED",
            "it shows another key than before",
            f"If it was installed anew: ssh-keygen -R {place.address}; if not, find out who answers there",
        ),
        (
            "Host key verification failed",
            "its key is not known here",
            f"Compare its fingerprint once, by hand: {by_hand}",
        ),
        (
            "Permission denied",
            f"nobody is let in as {place.user or 'this user'} with the keys that ssh has",
            f"ssh-copy-id {place.destination}, or name another user with --user",
        ),
        ("Could not resolve", f"nobody knows the name {place.address}", "Name an address that works: --address"),
        ("Connection refused", "no ssh server listens there", "On the host: sudo systemctl enable --now ssh"),
    )
    for sign, why, hint in known:
        if sign in said:
            return NotRunning(f"{place.name} was not reached: {why}", hint)
    last = said.splitlines()[-1] if said else "ssh ended, and said nothing"
    return NotRunning(f"{place.name} was not reached: {last}", f"Is it on, and in the network? Try: {by_hand}")
