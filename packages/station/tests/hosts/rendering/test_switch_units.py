"""What a deploy starts, and that nothing else does."""

from collections.abc import Callable

from station.hosts.rendering import HostFiles

OVERLAP = '[deploy]\nswitch = "overlap"\n'
HELD = '[deploy]\nmigrate = "migrate"\n[commands]\nmigrate = ["notes", "migrate"]\n'
UNITS = {"notes-web-next.service", "notes-web-next.socket", "notes-web-overlap.service", "notes-migrate.service"}
Made = Callable[..., HostFiles]


def of_a_deploy(files: HostFiles) -> set[str]:
    return {path.rpartition("/")[2] for path in files.files} & UNITS


def test_there_are_the_units_that_the_apps_switch_needs(with_socket: Made) -> None:
    trial = {"notes-web-next.service", "notes-web-next.socket"}
    assert of_a_deploy(with_socket()) == trial
    assert of_a_deploy(with_socket(HELD)) == trial | {"notes-migrate.service"}
    assert of_a_deploy(with_socket(OVERLAP)) == trial | {"notes-web-overlap.service"}
    assert of_a_deploy(with_socket(HELD, its="")) == {"notes-migrate.service"}


def test_an_app_whose_code_a_deploy_does_not_put_there_has_none(with_socket: Made) -> None:
    assert of_a_deploy(with_socket(HELD, more='[apps.notes.files]\ncode = "/srv/notes"\n')) == set()


def test_they_run_the_next_release_for_a_deploy_alone_and_no_other_way(with_socket: Made, unit) -> None:
    for files in (with_socket(HELD), with_socket(OVERLAP)):
        for name in of_a_deploy(files):
            its = unit(files, name)
            assert "ConditionPathExists=/run/station/next-notes" in its["Unit"], name
            assert "Install" not in its
            assert not [line for line in its["Unit"] if line.startswith("OnFailure")]  # the deploy tells
            assert name not in files.enable
            if name.endswith(".service"):
                assert "WorkingDirectory=/opt/apps/notes/next" in its["Service"]
                assert [line for line in its["Service"] if line.startswith("ExecStart=/opt/venvs/notes/next/bin/notes")]


def test_the_new_release_is_tried_on_a_socket_that_only_root_can_ask(with_socket: Made, unit) -> None:
    files = with_socket()
    socket = unit(files, "notes-web-next.socket")["Socket"]
    assert {"ListenStream=/run/station/notes-web-next.sock", "SocketMode=0600"} <= set(socket)
    trial = unit(files, "notes-web-next.service")["Service"]
    assert [line for line in trial if line.startswith("Sockets=")] == ["Sockets=notes-web-next.socket"]
    assert "Restart=no" in trial


def test_what_is_tried_is_shut_in_as_what_runs(with_socket: Made, unit) -> None:
    files = with_socket(HELD)
    ours = {"Sockets", "ExecCondition", "Restart", "RestartSec", "SyslogIdentifier"}

    def told(name: str) -> list[str]:
        lines = [line for line in unit(files, name)["Service"] if line.partition("=")[0] not in ours]
        return [line.replace("/next", "/current") for line in lines]

    assert told("notes-web-next.service") == told("notes-web.service")


def test_without_a_release_every_unit_of_the_app_is_skipped(with_socket: Made, unit) -> None:
    job = '[jobs.tidy]\ncommand = ["notes", "tidy"]\nat = "02:05"\n[processes.watch]\ncommand = ["notes", "watch"]\n'
    files = with_socket(job)
    for name in ("web.service", "web.socket", "web-hold.service", "watch.service", "tidy.service"):
        its = unit(files, f"notes-{name}")["Unit"]
        for path in ("/opt/apps/notes/current", "/opt/venvs/notes/current"):
            assert f"ConditionPathExists={path}" in its, name
