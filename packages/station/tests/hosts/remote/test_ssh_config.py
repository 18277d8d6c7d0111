"""The lines for ~/.ssh/config, as ssh itself reads them."""

import subprocess
from pathlib import Path

from station.fleet import load_fleet
from station.hosts.remote.ssh_config import ssh_config


def read_by_ssh(text: str, name: str, folder: Path) -> list[str]:
    config = folder / "config"
    config.write_text(text)
    asked = ["ssh", "-G", "-F", config, name]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()


def test_ssh_finds_each_machine(fleet_path: Path, tmp_path: Path) -> None:
    fleet = load_fleet(fleet_path)
    text = ssh_config(fleet, list(fleet.hosts.values()), "daseme", "~/.ssh/id_ed25519")
    known = read_by_ssh(text, "pi-ctv", tmp_path)
    assert {"hostname pi-ctv.tail", "user daseme", "serveraliveinterval 60", "identityfile ~/.ssh/id_ed25519"} <= {
        *known
    }
    assert [line for line in known if line.startswith("localforward")] == []


def test_what_listens_there_alone_is_brought_here_by_another_entry(fleet_path: Path, tmp_path: Path) -> None:
    fleet = load_fleet(fleet_path)
    text = ssh_config(fleet, list(fleet.hosts.values()))

    def forwards(name: str) -> list[str]:
        return [line for line in read_by_ssh(text, name, tmp_path) if line.startswith("localforward")]

    assert forwards("pi-ctv-ports") == ["localforward [127.0.0.1]:5100 [127.0.0.1]:5100"]
    assert forwards("pi2-ports") == [
        "localforward [127.0.0.1]:5001 [127.0.0.1]:5001",
        "localforward [127.0.0.1]:8001 [127.0.0.1]:8001",
    ]
