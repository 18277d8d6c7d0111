"""`systemd-analyze security` of every service that is rendered for the office, beside the units written by hand."""

import re
import subprocess
import tomllib
from pathlib import Path

from ground import ROOT, Ground, Told

from station.fleet import load_fleet
from station.hosts.rendering import render

OF_UNIT = ("Description=", "After=", "Wants=", "Requires=")


def scores(ground: Ground) -> Told:
    """Score by unit: `ours` for each host, `by hand` as fleets/office/by-hand.toml has them. Less is better."""
    fleet = load_fleet(ROOT / "fleets" / "office.toml")
    folder = ground.work / "units"
    ours = {
        name: {
            Path(path).name: _score(folder / name, Path(path).name, file.text)
            for path, file in sorted(render(fleet, host).files.items())
            if path.startswith("/etc/systemd/system/") and path.endswith(".service")
        }
        for name, host in fleet.hosts.items()
    }
    written = tomllib.loads((ROOT / "fleets" / "office" / "by-hand.toml").read_text())["unit"]
    by_hand = {
        unit["name"]: _score(folder / "by-hand", unit["name"], _by_hand([line["was"] for line in unit["lines"]]))
        for unit in written
        if unit["file"].startswith("/etc/systemd/system/") and unit["name"].endswith(".service")
    }
    return {"ours": ours, "by hand": by_hand}


def _score(folder: Path, name: str, text: str) -> float:
    """What systemd says of a unit that it does not run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    command: list[str | Path] = ["systemd-analyze", "security", "--no-pager", "--offline=true", folder / name]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"exposure level for .*: ([0-9.]+)", answer.stdout)
    if found is None:
        raise SystemExit(f"systemd-analyze says nothing of {name}: {answer.stderr}")
    return float(found[1])


def _by_hand(lines: list[str]) -> str:
    """The unit again, of its lines."""
    unit = [line for line in lines if line.startswith(OF_UNIT)]
    install = [line for line in lines if line.startswith("WantedBy=")]
    service = [line for line in lines if line not in unit + install]
    return "\n".join(["[Unit]", *unit, "[Service]", *service, "[Install]", *install, ""])
