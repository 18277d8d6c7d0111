"""What a person sees on a narrow terminal can still be read and copied."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

STATION = Path(sys.executable).with_name("station")


def test_a_narrow_terminal_gets_the_names_of_points_whole(yard) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 60))
    command = [STATION, "--fleet", yard.folder / "fleet.toml", "db", "list-points"]
    try:
        subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, timeout=60, check=True)
        seen = os.read(ours, 100_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert yard.points[-1].name in seen
