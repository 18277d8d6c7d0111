"""What can be done inside a running host, all of it through nsenter: commands, files, units, processes."""

import os
import subprocess
import time
from pathlib import Path

from lab.commands import with_sbin
from lab.errors import LabError

RUN_S = 120.0
SOON_S = 60.0  # for what takes a moment: long enough for a machine with other work


class Inside:
    """The inside of a host. `Host` sets the process whose namespaces are entered."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._leader: int | None = None

    def run(
        self, *command: object, user: str = "root", check: bool = True, timeout_s: float = RUN_S, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command and wait for it; `text` is its input. LabError when it fails, unless `check` is off.

        With `user` it has that user's groups, HOME and, if the user's systemd runs, XDG_RUNTIME_DIR.
        """
        words = self.entering(*command, user=user)
        try:
            ended = subprocess.run(
                words, input=text, text=True, capture_output=True, timeout=timeout_s, check=False, env=_bare(os.environ)
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{_shown(command)} on {self.name} did not end within {timeout_s:.0f} s") from error
        if check and ended.returncode != 0:
            said = (ended.stderr.strip() or ended.stdout.strip())[-4000:]
            raise LabError(f"{_shown(command)} on {self.name} failed with status {ended.returncode}: {said}")
        return ended

    def entering(self, *command: object, user: str = "root") -> list[str]:
        """The command line, for this machine, that runs the command inside: for Popen, or a shell at a terminal."""
        if self._leader is None:
            raise LabError(f"{_shown(command)} was not run: {self.name} is off", hint="boot() switches it on")
        return entering(self._leader, *command, user=user)

    def python(self, code: str, *arguments: object, user: str = "root", timeout_s: float = RUN_S) -> str:
        """What a piece of Python prints, run by Debian's python3 inside."""
        return self.run("python3", "-c", code, *arguments, user=user, timeout_s=timeout_s).stdout

    def read(self, path: str) -> str:
        return self.run("cat", path).stdout

    def write(self, path: str, text: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        """Make the file what it says here, in folders that are made if need be. `owner` is USER:GROUP."""
        user, _, group = owner.partition(":")
        owned = ["-o", user, "-g", group or user]
        self.run("install", "-D", "-m", f"{mode:o}", *owned, "/dev/stdin", path, text=text)

    def put(self, tree: Path, target: str, *, owner: str = "root:root") -> None:
        """Copy a file, or what a folder holds, from this machine into the folder `target`."""
        source = ["-C", tree, "."] if tree.is_dir() else ["-C", tree.parent, tree.name]
        self.run("mkdir", "-p", target)
        packed = subprocess.Popen(
            ["tar", "-c", "--owner=root:0", "--group=root:0", *map(str, source)], stdout=subprocess.PIPE
        )
        assert packed.stdout is not None
        with packed, packed.stdout:
            command = self.entering("tar", "-x", "-C", target, "--no-same-owner")
            subprocess.run(command, stdin=packed.stdout, check=True, env=_bare(os.environ))
        if packed.returncode != 0:
            raise LabError(f"{tree} was not copied to {self.name}: tar failed with status {packed.returncode}")
        if owner != "root:root":
            self.run("chown", "-R", owner, target)

    def fetch(self, path: str, target: Path) -> None:
        """Copy a file of the host to this machine."""
        with target.open("wb") as file:
            ended = subprocess.run(self.entering("cat", path), stdout=file, check=False, env=_bare(os.environ))
        if ended.returncode != 0:
            raise LabError(f"{path} was not fetched from {self.name}: cat failed with status {ended.returncode}")

    def journal(self, unit: str = "", *, this_boot: bool = False) -> str:
        """What the unit, or everything, wrote to the journal."""
        chosen = [*(["--unit", unit] if unit else []), *(["--boot"] if this_boot else [])]
        return self.run("journalctl", "--no-pager", "--quiet", "--output=short-iso", *chosen).stdout

    def show(self, unit: str, *names: str, user: str = "root") -> dict[str, str]:
        """Properties of a unit as systemd tells them, such as ActiveState, MainPID, NRestarts."""
        manager = [] if user == "root" else ["--user"]
        told = self.run("systemctl", *manager, "show", unit, f"--property={','.join(names)}", user=user).stdout
        return dict(line.split("=", 1) for line in told.splitlines())

    def failed_units(self) -> list[str]:
        told = self.run("systemctl", "list-units", "--state=failed", "--plain", "--no-legend").stdout
        return [line.split()[0] for line in told.splitlines()]

    def processes(self, pattern: str) -> list[int]:
        """The numbers, as the host counts, of the processes whose whole command line matches."""
        return [int(line) for line in self.run("pgrep", "--full", "--", pattern, check=False).stdout.split()]

    def until(self, *command: object, user: str = "root", within_s: float = SOON_S) -> float:
        """Run the command again and again until it ends well: the seconds that it took. LabError after `within_s`."""
        began = time.monotonic()
        while (ended := self.run(*command, user=user, check=False)).returncode != 0:
            if time.monotonic() - began > within_s:
                said = ended.stderr.strip() or ended.stdout.strip() or f"status {ended.returncode}"
                raise LabError(f"{_shown(command)} on {self.name} did not end well within {within_s:.0f} s: {said}")
            time.sleep(0.05)
        return time.monotonic() - began


def entering(leader: int, *command: object, user: str = "root") -> list[str]:
    """The command line that runs a command in the namespaces of a host's process 1, as that user."""
    nsenter = ["nsenter", "--target", str(leader), "--all", "--"]
    uid, gid, home = _account(leader, user)
    runtime = f"/run/user/{uid}"
    session = [f"XDG_RUNTIME_DIR={runtime}"] if Path(f"/proc/{leader}/root{runtime}").is_dir() and uid else []
    known = [f"HOME={home}", f"USER={user}", f"LOGNAME={user}", *session]
    change = [] if uid == 0 else ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--init-groups", "--"]
    return [*nsenter, "env", *known, *change, *map(str, command)]


def _account(leader: int, user: str) -> tuple[int, int, str]:
    """Number, group and home of a user, from the host's own /etc/passwd."""
    for line in Path(f"/proc/{leader}/root/etc/passwd").read_text().splitlines():
        name, _, uid, gid, _, home, _ = line.split(":")
        if name == user:
            return int(uid), int(gid), home
    raise LabError(f"There is no user {user} on this host")


def _bare(env: "os._Environ[str]") -> dict[str, str]:
    """Nothing of this machine's environment goes into a host but the way to find programs."""
    return {"PATH": with_sbin({})["PATH"] + ":/usr/local/bin", "LANG": "C.UTF-8", "TERM": env.get("TERM", "dumb")}


def _shown(command: tuple[object, ...]) -> str:
    shown = " ".join(map(str, command))
    return shown if len(shown) <= 200 else f"{shown[:200]}…"
