"""Another port for one run."""

import pytest

from station.errors import ManifestError
from station.fleet import claimed_ports, with_control_port, with_port


def test_another_port_is_taken_and_the_first_fleet_stays_as_it_was(changed) -> None:
    fleet = changed()
    other = with_control_port(with_port(fleet, "notes", "web", 9000), 9001)
    assert claimed_ports(other) == {"control": 9001, "notes web": 9000}
    assert claimed_ports(fleet) == {"control": 5001, "notes web": 8100}


def test_the_port_of_somebody_else_is_refused(changed) -> None:
    with pytest.raises(ManifestError, match="notes web cannot have port 5001: control has it"):
        with_port(changed(), "notes", "web", 5001)
    with pytest.raises(ManifestError, match="control cannot have port 8100: notes web has it"):
        with_control_port(changed(), 8100)


def test_ones_own_port_is_no_conflict(changed) -> None:
    fleet = changed()
    assert with_control_port(fleet, 5001) == fleet
    assert with_port(fleet, "notes", "web", 8100) == fleet


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_number_that_is_no_port_is_refused(changed, port: int) -> None:
    with pytest.raises(ManifestError, match=f"{port} is no port"):
        with_control_port(changed(), port)


@pytest.mark.parametrize(("app", "process"), [("note", "web"), ("notes", "wbe")])
def test_a_process_that_is_not_there_is_refused(changed, app: str, process: str) -> None:
    with pytest.raises(ManifestError, match=f"{app} has no process {process} with a port") as refused:
        with_port(changed(), app, process, 9000)
    assert refused.value.hint == "There are: notes.web, control"
