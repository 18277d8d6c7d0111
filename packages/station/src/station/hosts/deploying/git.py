"""An app's repository on a host: a bare mirror that root keeps, from which a commit's files are packed.

Nothing in a repository can steer it: there is no working tree, no hook runs, and what is unpacked is unpacked by
somebody else, as the app's user (`code.py`).
"""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from station.errors import StationError
from station.fleet import Host

KEYS = Path("/etc/station/git")
FETCH_S = 900.0
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHORT = re.compile(r"[0-9a-f]{7,39}")
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+@-]{0,199}")
_PASSED_ON = ("SSH_AUTH_SOCK", "HOME", "HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "NO_PROXY", "no_proxy")


@dataclass(frozen=True)
class Commit:
    """A commit of the mirror. `ref` is what was asked for; `subject` the first line of its message."""

    id: str
    ref: str
    subject: str


class Mirror:
    """The bare mirror of one app's repository; only who holds the lock of its deploys may use it."""

    def __init__(self, host: Host, app: str, address: str, environment: Mapping[str, str]) -> None:
        self.folder = host.paths.state(app) / "git"
        self._app, self._address = app, address
        self._environment = _environment(app, environment)

    def fetch(self, ref: str) -> Commit:
        """Bring what a branch, a tag or a commit names. StationError when it cannot be had, or is not there."""
        if not _REF.fullmatch(ref) or ".." in ref:
            raise StationError(f"{ref!r} can not be the name of a branch, a tag or a commit")
        self._prepare()
        found = self._known(ref) if _COMMIT.fullmatch(ref) else ""
        found = found or self._named(ref) or self._by_digits(ref)
        if not found:
            raise StationError(f"There is no branch, tag or commit {ref} in {self._address}", self._names())
        subject = self._git("log", "--max-count=1", "--format=%s", found).strip()
        return Commit(found, ref, subject[:120])

    def pack(self, commit: str, into: Path) -> None:
        """The files of the commit as a tar file, the way Git's own `archive` makes it."""
        self._git("archive", "--format=tar", f"--output={into}", commit)

    def since(self, old: str, new: str) -> int | None:
        """How many commits lie between two; None when it is not known."""
        try:
            return int(self._git("rev-list", "--count", f"{old}..{new}"))
        except StationError:
            return None

    def _prepare(self) -> None:
        if not (self.folder / "HEAD").is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare", "--template=")
        for left in self.folder.rglob("*.lock"):  # of a git that was killed: we hold the lock of the app's deploys
            left.unlink(missing_ok=True)

    def _known(self, commit: str) -> str:
        try:
            return self._git("rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}").strip()
        except StationError:
            return ""

    def _named(self, ref: str) -> str:
        """The commit of a branch or a tag of that name, fetched; a branch goes before a tag."""
        wanted = [ref] if ref.startswith("refs/") else [f"refs/heads/{ref}", f"refs/tags/{ref}"]
        told = {name: commit for commit, name in self._listed(*wanted)}
        for name in wanted:
            if name in told:
                self._git("fetch", "--quiet", "--no-tags", "--force", self._address, f"{name}:{name}")
                return self._known(name)
        return ""

    def _by_digits(self, ref: str) -> str:
        if _COMMIT.fullmatch(ref):
            try:
                self._git("fetch", "--quiet", "--no-tags", self._address, f"{ref}:refs/asked/{ref}")
            except StationError:  # not every server gives a commit that is no branch's last
                self._fetch_all()
            return self._known(ref)
        if not _SHORT.fullmatch(ref):
            return ""
        self._fetch_all()
        return self._known(ref)

    def _fetch_all(self) -> None:
        everything = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        self._git("fetch", "--quiet", "--no-tags", "--prune", self._address, *everything)

    def _listed(self, *patterns: str) -> list[tuple[str, str]]:
        lines = self._git("ls-remote", "--quiet", self._address, *patterns).splitlines()
        return [(commit, name) for commit, _, name in (line.partition("\t") for line in lines)]

    def _names(self) -> str:
        known = [name.removeprefix("refs/heads/") for _, name in self._listed("refs/heads/*")]
        return f"It has the branches {', '.join(sorted(known)[:10])}" if known else "It has no branch at all"

    def _git(self, *words: str) -> str:
        safe = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.autoDetach=false")
        patient = ("http.lowSpeedLimit=1000", "http.lowSpeedTime=60")  # a line that brings nothing for a minute is dead
        command = ["git", *(word for setting in (*safe, *patient) for word in ("-c", setting)), *words]
        try:
            ended = subprocess.run(
                command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=FETCH_S,
                check=False,
            )
        except FileNotFoundError as why:
            raise StationError("The code was not fetched: this machine has no git", "apt install git") from why
        except subprocess.TimeoutExpired as why:
            raise StationError(f"git {words[0]} of {self._address} did not end within {FETCH_S:g} s") from why
        if ended.returncode != 0:
            raise _failed(self._app, self._address, words, ended.stderr.strip())
        return ended.stdout


def _failed(app: str, address: str, words: Sequence[str], said: str) -> StationError:
    last = "; ".join(said.splitlines()[-3:]) or "it said nothing"
    hint = "Can this machine reach it? `git ls-remote` says more"
    if "Host key verification failed" in said:
        hint = f"Put the server's key into {KEYS}/known_hosts (ssh-keyscan), after comparing its fingerprint"
    elif "Permission denied" in said or "could not read Username" in said or "Authentication failed" in said:
        hint = f"Put a deploy key that may read it into {KEYS / app} (root's, 0600), or bring your agent: ssh -A"
    elif "dubious ownership" in said:
        hint = f"The repository is another user's: chown it to root, or name {address} as an ssh address"
    return StationError(f"git {words[0]} of {address} failed: {last}", hint)


def _environment(app: str, given: Mapping[str, str]) -> dict[str, str]:
    """Root's own settings of Git count (proxies, certificates), the caller's variables do not."""
    environment = {name: given[name] for name in _PASSED_ON if name in given}
    ssh = ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15"]
    ssh += ["-o", f"UserKnownHostsFile={KEYS}/known_hosts ~/.ssh/known_hosts"]
    if (KEYS / app).is_file():
        ssh += ["-o", "IdentitiesOnly=yes", "-i", str(KEYS / app)]
    return environment | {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "GIT_SSH_COMMAND": " ".join(f"'{word}'" if " " in word else word for word in ssh),
        "GIT_DIR": ".",
    }
