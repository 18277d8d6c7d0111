"""An apply only touches the machine that it is meant for."""

from pathlib import Path

import pytest

from station.errors import Refused, StationError
from station.fleet import Fleet
from station.hosts.machine.here import require_here, require_root


def test_another_machine_is_refused(office: Fleet) -> None:
    pi2 = office.hosts["pi2"]
    require_here(pi2, "apply", known="pi2", called="whatever")
    require_here(pi2, "apply", known="", called="pi2")
    for known, called in (("pi-ctv", "pi2"), ("", "laptop")):
        with pytest.raises(Refused, match="this machine is not that host"):
            require_here(pi2, "apply", known=known, called=called)


def test_only_root_applies_and_only_where_systemd_runs(tmp_path: Path) -> None:
    require_root("apply", user_id=lambda: 0, booted=tmp_path)
    with pytest.raises(StationError, match="files and units of the whole machine"):
        require_root("apply", user_id=lambda: 1000, booted=tmp_path)
    with pytest.raises(StationError, match="systemd does not run this machine"):
        require_root("apply", user_id=lambda: 0, booted=tmp_path / "nowhere")
