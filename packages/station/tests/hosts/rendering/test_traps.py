"""What goes wrong on hand-made hosts, and not on these."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from station.fleet import Fleet
from station.hosts.rendering import File, HostFiles, render
from station.hosts.rendering.files import together

Unit = Callable[[HostFiles, str], dict[str, list[str]]]

JOB = '[jobs.tidy]\ncommand = ["notes", "tidy", "100 %", "$HOME"]\nat = "02:05"\njitter_s = 300\n'
SECRET = '[secrets]\ntoken = "generate"\n'
DRIVE = '[hosts.pi1.mounts.drive]\nshare = "//server/K Drive"\nat = "/mnt/k-drive"\napp = "notes"\n'
SOCKET = "socket = true\nnotify = true\n"


@pytest.fixture
def hosts(office: Fleet) -> dict[str, HostFiles]:
    return {name: render(office, host) for name, host in office.hosts.items()}


def values(lines: list[str], name: str) -> list[str]:
    return [line.partition("=")[2] for line in lines if line.partition("=")[0] == name]


def seconds(lines: list[str], name: str) -> float:
    return float(values(lines, name)[0])


def test_a_crash_loop_reaches_its_limit_and_is_tried_again_without_a_person(rendered, unit: Unit) -> None:
    files = rendered()
    web = unit(files, "notes-web.service")
    starts = seconds(web["Unit"], "StartLimitBurst")
    pause_s = seconds(web["Service"], "RestartSec")
    assert starts * pause_s * 10 < seconds(web["Unit"], "StartLimitIntervalSec")  # 18 s to start and die, and it trips
    alert, again = values(web["Unit"], "OnFailure")[0].split()
    assert alert == "station-alert@notes-web.service.service"
    assert again == "station-again@notes-web.service.timer"
    timer = unit(files, "station-again@.timer")["Timer"]
    assert "Unit=station-again@%i.service" in timer
    assert "RemainAfterElapse=no" in timer  # else only the first failure would be tried again
    assert unit(files, "station-again@.service")["Service"][1:3] == [
        "ExecStart=-/bin/systemctl reset-failed %i",  # what reached its limit is not started by systemd any more
        "ExecStart=/bin/systemctl --no-block start %i",
    ]
    [only_if] = values(unit(files, "station-again@.service")["Service"], "ExecCondition")
    assert "is-failed %i" in only_if  # a unit that lacks what it needs would be tried for ever


def test_start_limits_stand_where_systemd_reads_them(hosts: dict[str, HostFiles]) -> None:
    for files in hosts.values():
        for path, file in files.files.items():
            section = file.text.partition("[Service]")[2]
            assert "StartLimit" not in section, path


def test_an_app_that_lives_in_a_home_can_write_its_database(hosts: dict[str, HostFiles], unit: Unit) -> None:
    for name in ("pivision-server", "pivision-worker"):
        service = unit(hosts["pi-vision"], f"{name}.service")["Service"]
        assert values(service, "ProtectHome") == ["tmpfs"]
        assert values(service, "BindReadOnlyPaths") == ["/home/djg/Projects/PiVision"]
        assert values(service, "BindPaths") == ["/home/djg/Projects/PiVision/backend/data"]


def test_the_platform_can_reach_a_database_that_lies_in_a_home(hosts: dict[str, HostFiles], unit: Unit) -> None:
    for name in ("station-agent", "pivision-points", "pivision-mirror"):
        service = unit(hosts["pi-vision"], f"{name}.service")["Service"]
        assert values(service, "ProtectHome") == ["tmpfs"]
        assert values(service, "BindPaths") == ["-/home/djg/Projects/PiVision/backend/data"]


@pytest.mark.parametrize("data", ["/var/lib/notes", "/srv/notes/data"])
def test_what_is_shut_in_may_write_where_the_database_is_and_nowhere_else(rendered, unit: Unit, data: str) -> None:
    files = rendered(f'files.data = "{data}"\n', JOB)
    for name in ("notes-web", "notes-tidy"):
        service = unit(files, f"{name}.service")["Service"]
        assert values(service, "ProtectSystem") == ["strict"]
        assert values(service, "ReadWritePaths") == [data]
    allowed = values(unit(files, "notes-points.service")["Service"], "ReadWritePaths")[0].split()
    assert any(Path(data).is_relative_to(path.removeprefix("-")) for path in allowed)


def test_the_platform_may_write_to_a_store_that_is_a_folder_and_to_the_apps_log(rendered, unit: Unit) -> None:
    more = (
        'log = "/srv/logs/notes.log"\n[apps.notes.copy]\n[stores.other]\nkind = "directory"\npath = "/srv/not ours"\n'
    )
    files = rendered(more)
    for name in ("station-agent", "notes-points", "notes-copy@"):
        [allowed] = values(unit(files, f"{name}.service")["Service"], "ReadWritePaths")
        assert allowed.split()[:4] == ["/var/lib", "/var/log/station", "/run/station", "-/srv/logs"]
        assert allowed.endswith("/store")  # the store of the app, which lies beside the manifest here
        assert "not ours" not in allowed


def test_nothing_secret_stands_in_any_text(rendered) -> None:
    files = rendered(DRIVE, SECRET)
    for path, file in files.files.items():
        assert not re.search(r"(?i)passw|token=|secret=", file.text), path
    [drive] = [one for one in files.needed if one.path == "/etc/station/cifs/drive"]
    assert (drive.made, drive.mode, drive.owner) == ("given", 0o600, "root")
    mount = files.files["/etc/systemd/system/mnt-k\\x2ddrive.mount"].text
    assert "What=//server/K Drive\n" in mount
    assert "Options=credentials=/etc/station/cifs/drive,uid=notes," in mount


def test_secrets_are_handed_over_as_credentials_that_only_root_reads(rendered, unit: Unit) -> None:
    files = rendered(more_app=SECRET)
    service = unit(files, "notes-web.service")["Service"]
    assert values(service, "LoadCredential") == ["token:/etc/notes/credentials/token"]
    assert [(one.path, one.mode, one.owner) for one in files.needed] == [
        ("/etc/notes/credentials/token", 0o600, "root"),
    ]
    assert files.folders["/etc/notes/credentials"].mode == 0o700


def test_the_page_gets_the_keys_of_its_stores_where_the_manifest_has_them(
    hosts: dict[str, HostFiles], unit: Unit
) -> None:
    page = unit(hosts["pi2"], "station-page.service")["Service"]
    assert "User=station" in page
    assert "cloud-credentials:/etc/station/dropbox.env" in values(page, "LoadCredential")
    bound = "/run/credentials/station-page.service/cloud-credentials:/etc/station/dropbox.env"
    assert values(page, "BindReadOnlyPaths") == [bound]
    assert [one.mode for one in hosts["pi2"].needed if one.path == "/etc/station/dropbox.env"] == [0o600]


def test_variables_are_in_a_file_of_roots(rendered) -> None:
    file = rendered("environment.COLOUR = \"a 'b' $c\"\n").files["/etc/notes/notes.env"]
    assert (file.mode, file.owner, file.group, file.secret) == (0o600, "root", "root", True)
    assert "DATABASE_PATH=/var/lib/notes/notes.db\n" in file.text
    assert "COLOUR=\"a 'b' \\$c\"\n" in file.text
    assert "CREDENTIALS_DIRECTORY" not in file.text


def test_nothing_listens_on_every_address_unless_the_manifest_says_so(rendered, hosts: dict[str, HostFiles]) -> None:
    asked = rendered('[apps.notes.datasette]\n[apps.notes.dev]\nuser = "ann"\n[team]\nmembers = ["ann"]\n')
    assert not any("0.0.0.0" in file.text for file in asked.files.values())
    open_to_all = {path for files in hosts.values() for path, file in files.files.items() if "0.0.0.0" in file.text}
    assert open_to_all == {  # what fleets/office.toml says it of
        "/etc/ctv-bookedbiz-db/ctv-bookedbiz-db.env",
        "/etc/pivision/pivision.env",
        "/etc/systemd/system/ctv-bookedbiz-db.socket",
        "/etc/systemd/user/spotops-dev.service",
    }


def test_datasette_reads_a_copy_as_nobody_in_particular(hosts: dict[str, HostFiles], unit: Unit) -> None:
    service = unit(hosts["pi2"], "ctv-bookedbiz-db-datasette.service")["Service"]
    [start] = values(service, "ExecStart")
    assert "DynamicUser=yes" in service
    assert "--immutable /var/lib/station-copies/ctv-bookedbiz-db/production.db --host 127.0.0.1 --port 8001" in start
    assert "--setting sql_time_limit_ms 300000 --setting max_returned_rows 10000" in start
    assert "/etc/systemd/system/ctv-bookedbiz-db-datasette.service" not in hosts["pi-ctv"].files


def test_developers_may_change_code_and_only_the_apps_user_its_data(hosts: dict[str, HostFiles]) -> None:
    files = hosts["pi-ctv"]
    code = files.folders["/opt/apps/ctv-bookedbiz-db/releases"]
    assert (code.mode, code.owner, code.group) == (0o2775, "ctvbooked", "apps-deploy")
    assert "group:apps-deploy:rwx" in code.inherited  # whatever the umask of who makes the file
    data = files.folders["/var/lib/ctv-bookedbiz-db"]
    assert (data.mode, data.owner, data.group) == (0o750, "ctvbooked", "ctvbooked")
    assert files.groups["apps-deploy"] == ("daseme", "jellee26")
    assert "apps-deploy" in files.managed


def test_the_apps_user_cannot_sign_in_and_people_are_not_made_by_a_line(hosts: dict[str, HostFiles]) -> None:
    lines = hosts["pi-ctv"].files["/etc/sysusers.d/station.conf"].text
    assert 'u ctvbooked - "BookedBiz" /var/lib/ctv-bookedbiz-db /usr/sbin/nologin\n' in lines
    assert "daseme" not in lines
    assert "djg" not in hosts["pi-vision"].files["/etc/sysusers.d/station.conf"].text


def test_only_a_primary_serves(rendered, unit: Unit) -> None:
    files = rendered(more_app=f"[processes.watch]\ncommand = ['notes']\n{JOB}")
    for name in ("notes-web", "notes-watch", "notes-tidy", "notes-points"):
        service = unit(files, f"{name}.service")["Service"]
        guard = "+/opt/venvs/station/current/bin/station guard notes --host pi1"
        assert values(service, "ExecCondition") == [guard], name
    assert values(unit(files, "notes-mirror.service")["Service"], "ExecCondition") == []


def test_a_socket_stays_open_while_its_app_is_stopped_and_is_closed_on_a_standby(machines, unit: Unit) -> None:
    fleet = machines()
    app = fleet.apps["notes"]
    from dataclasses import replace

    web = replace(app.processes["web"], socket=True, notify=True)
    fleet = replace(fleet, apps={"notes": replace(app, processes={"web": web})})
    files = render(fleet, fleet.hosts["pi1"])
    socket = unit(files, "notes-web.socket")
    assert socket["Socket"] == ["ListenStream=127.0.0.1:8100", "NoDelay=yes", "Service=notes-web-hold.service"]
    assert "BindsTo=notes-primary.service" in socket["Unit"]
    service = unit(files, "notes-web.service")
    assert {"Type=notify", "Sockets=notes-web.socket", "NonBlocking=yes"} <= set(service["Service"])
    assert "Requires=notes-web.socket" in service["Unit"]
    assert "Install" not in service  # started by the unit that says who is primary
    assert "notes-primary.service" in files.enable
    assert "notes-web.service" not in files.enable


def test_a_command_is_taken_word_by_word(rendered, unit: Unit) -> None:
    service = unit(rendered(more_app=JOB), "notes-tidy.service")["Service"]
    assert values(service, "ExecStart") == ['/opt/venvs/notes/current/bin/notes tidy "100 %%" "$$HOME"']


def test_a_job_runs_at_its_time_in_the_fleets_zone_and_is_made_up_when_missed(machines, unit: Unit) -> None:
    from dataclasses import replace

    fleet = replace(machines(more_app=JOB), time_zone="Europe/Berlin")
    timer = unit(render(fleet, fleet.hosts["pi1"]), "notes-tidy.timer")["Timer"]
    assert timer == ["OnCalendar=*-*-* 02:05:00 Europe/Berlin", "Persistent=yes", "RandomizedDelaySec=300"]


def test_two_processes_with_ports_have_each_its_own(rendered, unit: Unit) -> None:
    files = rendered(more_app='[processes.api]\ncommand = ["notes", "api"]\nport = 8101\n')
    assert "PORT" not in files.files["/etc/notes/notes.env"].text
    assert "Environment=PORT=8101" in unit(files, "notes-api.service")["Service"]
    assert "PORT=8100\n" in rendered().files["/etc/notes/notes.env"].text


def test_a_folder_host_has_nothing_of_a_machine(fleet: Fleet) -> None:
    with pytest.raises(ValueError, match="is a folder"):
        render(fleet, fleet.hosts["pi2"])


def test_the_path_of_a_mount_is_escaped_as_systemd_does() -> None:
    from station.hosts.rendering.unitfile import escaped_path

    assert escaped_path("/mnt/k-drive") == "mnt-k\\x2ddrive"
    assert escaped_path("/srv/über_1.2/x") == "srv-\\xc3\\xbcber_1.2-x"
    assert escaped_path("/.hidden") == "\\x2ehidden"


def test_two_parts_may_not_want_one_path() -> None:
    one = HostFiles(files={"/etc/x": File("1")})
    with pytest.raises(ValueError, match="two parts want /etc/x"):
        together([one, one])


SFTP = """
[stores.nas]
kind = "sftp"
server = "nas"
user = "keeper"
path = "/srv/station"
private_key = "/etc/station/ssh/id_ed25519"
known_hosts = "/etc/station/ssh/known_hosts"
"""


def test_the_page_can_reach_the_place_of_a_key_and_root_alone_the_key(machines) -> None:
    fleet = machines("[apps.notes.points]\nevery_s = 10\n" + SFTP)
    fleet = replace(fleet, apps={"notes": replace(fleet.apps["notes"], stores=("nas",))})
    for host in fleet.hosts.values():
        files = render(fleet, host)
        assert files.folders["/etc/station/ssh"].mode == 0o755
        key = next(one for one in files.needed if one.path == "/etc/station/ssh/id_ed25519")
        assert (key.mode, key.owner) == (0o600, "root")


def test_a_copy_for_datasette_that_failed_is_tried_again_soon(hosts: dict[str, HostFiles], unit: Unit) -> None:
    copy = "ctv-bookedbiz-db-datasette-copy.service"
    assert f"station-again@{copy}.timer" in values(unit(hosts["pi2"], copy)["Unit"], "OnFailure")[0].split()
