"""The platform on a host, from wheels alone."""

from pathlib import Path

from lab.host import Host
from lab.installed import install_platform

ROOT = Path(__file__).parents[2]


def test_a_host_without_a_way_to_a_package_index_runs_station(host: Host, wheels: str) -> None:
    install_platform(host, wheels, ROOT / "fleets" / "office.toml")
    planned = host.run("station", "plan", "pi-ctv", "--json", check=False)
    assert planned.returncode == 3, planned.stderr
    assert '"host": "pi-ctv"' in planned.stdout
