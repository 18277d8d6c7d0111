"""Secrets that were made, and that another host has to have as well."""

import pytest

from station.fleet import Fleet
from station.hosts.machine.secrets import the_same_elsewhere


@pytest.mark.parametrize("made_on", ["pi-ctv", "pi2"])
def test_whichever_host_made_a_secret_the_primarys_is_brought_to_the_standby(office: Fleet, made_on: str) -> None:
    host = office.hosts[made_on]
    path = str(host.paths.credentials("ctv-bookedbiz-db") / "secret_key")
    [told] = the_same_elsewhere(office, host, [path])
    assert f"`ssh pi-ctv sudo cat {path} | ssh pi2 sudo tee {path} >/dev/null`" in told


def test_of_what_one_host_alone_has_nothing_is_said(office: Fleet) -> None:
    assert list(the_same_elsewhere(office, office.hosts["pi2"], ["/etc/station/credentials/secret_key"])) == []
