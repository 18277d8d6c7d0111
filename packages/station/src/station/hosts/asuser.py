"""Run a program as another user of this machine, with that user's groups and nothing of ours."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from station.errors import StationError


@dataclass(frozen=True)
class Ended:
    """How it ended. `code` None: it was still at it when the time was up, and was killed."""

    code: int | None
    out: str
    err: str

    @property
    def last_line(self) -> str:
        """Of what it complained about."""
        return next((line for line in reversed(self.err.splitlines()) if line.strip()), f"exit code {self.code}")


def as_user(
    user: str,
    command: Sequence[str | Path],
    *,
    within_s: float,
    folder: str | Path = "/",
    env: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
) -> Ended:
    """Run the command as that user, "" for ourselves, giving way to others. `stdin`: what it reads, an open file.

    StationError when there is no such user, OSError when we may not be that one.
    """
    try:
        account = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
    except KeyError as why:
        raise StationError(f"there is no user {user}", "`station apply` makes the users of apps") from why
    changes = os.geteuid() != account.pw_uid
    process = subprocess.Popen(
        ["/usr/bin/nice", *map(str, command)],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": account.pw_dir, "LANG": "C.UTF-8", **(env or {})},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        user=account.pw_uid if changes else None,
        group=account.pw_gid if changes else None,
        extra_groups=os.getgrouplist(account.pw_name, account.pw_gid) if changes else None,
    )
    with process:
        try:
            out, err = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return Ended(None, "", "")
    return Ended(process.returncode, out, err)


def python(code: str, *arguments: str | Path) -> list[str | Path]:
    """A command that runs the code in our own interpreter."""
    return [sys.executable, "-I", "-c", code, *arguments]
