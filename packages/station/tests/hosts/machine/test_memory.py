"""What is remembered of an apply: all but secrets; and what of it is one app's."""

import pytest

from station.fleet import Fleet
from station.hosts.machine.apply import shares_of, without_app
from station.hosts.rendering import memory, render

APP = "ctv-bookedbiz-db"


@pytest.mark.parametrize("name", ["pi-ctv", "pi2", "pi-vision"])
def test_all_comes_back_as_it_was_but_the_text_of_secret_files(office: Fleet, name: str) -> None:
    host = office.hosts[name]
    wanted = render(office, host)
    kept = memory.memory_of(wanted, shares_of(office, host))
    back = memory.read(memory.written(kept))
    assert back == kept
    assert back.applied.folders == wanted.folders
    secret = [path for path, file in wanted.files.items() if file.secret]
    assert secret
    assert {back.applied.files[path].text for path in secret} == {""}
    assert {back.applied.files[path].mode for path in secret} == {0o600}


@pytest.mark.parametrize("name", ["pi-ctv", "pi2"])
def test_what_is_an_apps_alone_lies_in_its_own_folders(office: Fleet, name: str) -> None:
    share = shares_of(office, office.hosts[name])[APP]
    shared = {"/opt", "/opt/apps", "/opt/venvs", "/var/lib", "/var/lib/station", "/etc/station", "/etc"}
    assert not shared & set(share.folders)
    assert f"/etc/systemd/system/{APP}.service" in share.files
    assert share.accounts[0] == "ctvbooked"
    assert all("station-agent" not in path and "station-page" not in path for path in share.files)


def test_the_share_of_an_app_is_what_is_missing_without_it(office: Fleet) -> None:
    host = office.hosts["pi-ctv"]
    rest = render(*without_app(office, host, APP))
    assert not [path for path in rest.files if APP in path]
    assert not [path for path in rest.files if "k\\x2ddrive" in path]


def test_what_is_forgotten_of_an_app_leaves_the_rest_as_it_was(office: Fleet) -> None:
    host = office.hosts["pi2"]
    kept = memory.memory_of(render(office, host), shares_of(office, host))
    rest = memory.forgotten(kept, APP, kept.apps[APP], {})
    assert APP not in rest.apps
    assert not set(kept.apps[APP].files) & set(rest.files)
    assert set(kept.files) - set(rest.files) == set(kept.apps[APP].files)
    assert "station-agent.service" in rest.enabled
    assert rest.applied.retire == kept.applied.retire
