"""What the shell completes, as the shell asks for it."""

import os
import subprocess
import sys
from pathlib import Path


def _completed(words: str, folder: Path) -> list[str]:
    env = os.environ | {"_STATION_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    env.pop("STATION_FLEET", None)
    program = Path(sys.executable).with_name("station")
    done = subprocess.run([program], env=env, cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_commands_are_completed(tmp_path: Path) -> None:
    assert _completed("station fail", tmp_path) == ["failover", "failback"]


def test_apps_of_the_fleet_are_completed(fleet, tmp_path: Path) -> None:
    assert _completed("station db info ", tmp_path) == ["bookedbiz"]


def test_without_a_fleet_nothing_is_completed_and_nothing_breaks(tmp_path: Path) -> None:
    assert _completed("station db info ", tmp_path) == []


def test_the_stores_of_the_app_on_the_line_are_completed(fleet, with_usb, tmp_path: Path) -> None:
    assert _completed("station db info bookedbiz --store ", tmp_path) == ["disk"]
    with_usb()
    assert _completed("station db info bookedbiz --store ", tmp_path) == ["disk", "usb"]
    assert _completed("station db test --store u", tmp_path) == ["usb"]
    with (tmp_path / "fleet.toml").open("a") as manifest:
        manifest.write('[stores.spare]\nkind = "directory"\npath = "spare"\n')
    assert _completed("station db info bookedbiz --store ", tmp_path) == ["disk", "usb"]
    assert _completed("station db list --store s", tmp_path) == ["spare"]
