"""Litestream's program on this host: where it is, that it is one we know, and calls that ask it something."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from station.errors import ManifestError, StationError, StoreError
from station.fleet import StoreSpec
from station.stores.s3.credentials import read_credentials

KNOWN_VERSION = re.compile(r"v?0\.3\.\d+")
ASK_WITHIN_S = 60.0


@dataclass(frozen=True)
class Program:
    """Litestream as it is started: path and environment. The environment may hold keys and does not show."""

    path: str
    env: Mapping[str, str] = field(repr=False)

    def ask(self, *words: str, within_s: float | None = ASK_WITHIN_S) -> str:
        """What it prints. StationError with its last words when it fails."""
        try:
            done = subprocess.run(
                [self.path, *words], env=dict(self.env), capture_output=True, text=True, timeout=within_s, check=False
            )
        except subprocess.TimeoutExpired:
            raise StoreError(
                f"litestream {words[0]} did not answer within {within_s:g} s", "Is its store reachable?"
            ) from None
        except OSError as why:
            raise StationError(f"Litestream cannot be started: {self.path}: {why.strerror}") from why
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise StoreError(f"litestream {words[0]} failed: {said[-1] if said else f'exit code {done.returncode}'}")
        return done.stdout


def find_program(name: str, fleet_folder: Path, env: Mapping[str, str]) -> Program:
    """The program that the manifest names, looked up in PATH or, as a path, from the fleet's folder.

    StationError when there is none; ManifestError when it is not of a version that we know.
    """
    wanted = str(fleet_folder / name) if "/" in name else name
    path = shutil.which(wanted, path=env.get("PATH"))
    if path is None:
        raise StationError(
            f"Litestream is not there: no program {wanted}", "Install Litestream 0.3, or name it in `program`"
        )
    program = Program(path, env)
    version = program.ask("version").strip()
    if not KNOWN_VERSION.fullmatch(version):
        raise ManifestError(f"{path} is Litestream {version}, which is not supported", "Install Litestream 0.3")
    return program


def read_keys(store: StoreSpec) -> dict[str, str]:
    """The keys in the credentials file of an S3 store. StoreError when they cannot be read or are not complete."""
    if store.kind != "s3" or store.credentials is None:
        return {}
    found = read_credentials(store.credentials)
    lent = {"AWS_SESSION_TOKEN": found.session.reveal()} if found.session else {}
    return {"AWS_ACCESS_KEY_ID": found.key_id, "AWS_SECRET_ACCESS_KEY": found.secret.reveal()} | lent
