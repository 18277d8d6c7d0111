"""Programs of this machine, run to their end. A failing one is a LabError that holds what it said."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from lab.errors import LabError

# Where Debian keeps `ip`, `bridge`, `mkfs.ext4` and `debootstrap`; not on the PATH of every shell that becomes root.
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def with_sbin(env: Mapping[str, str]) -> dict[str, str]:
    """The environment with the folders of system programs at the end of its PATH."""
    return {**env, "PATH": os.pathsep.join([env.get("PATH", "/usr/bin:/bin"), *SBIN])}


def run(command: Sequence[object], *, timeout_s: float = 60.0, env: Mapping[str, str] = os.environ) -> str:
    """What the program printed. LabError when it fails or does not end in time."""
    words = [str(word) for word in command]
    try:
        ended = subprocess.run(
            words,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env=with_sbin(env),
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise LabError(f"{words[0]} did not run: there is no such program here") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{' '.join(words)} did not end within {timeout_s:.0f} s") from error
    if ended.returncode != 0:
        said = (ended.stderr.strip() or ended.stdout.strip())[-2000:]
        raise LabError(f"{' '.join(words)} failed with status {ended.returncode}: {said}")
    return ended.stdout
