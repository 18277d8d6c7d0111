"""`station up`: one command brings the fleet up, Ctrl-C ends all of it, and a second start finds its state again."""

import signal
import socket
import stat
import time

import psutil
import pytest


def secrets_of(fleet):
    folder = fleet.folder / fleet.hosts[0] / "etc" / "counter" / "credentials"
    return [file.read_text().strip() for file in folder.iterdir()]


def test_three_lines_say_what_runs_where(fleet):
    lines = [line for line in fleet.said().splitlines() if "runs on" in line or "Restore points" in line]
    app, page, points = lines[-3:]
    assert f"Counter runs on one: http://127.0.0.1:{fleet.port}" in app
    assert "sign-in.txt" in app
    assert f"Control Station runs on two: http://127.0.0.1:{fleet.control_port}" in page
    assert "store, mirrored by two" in points


def test_the_sign_in_stands_in_a_private_file_and_is_never_printed(fleet):
    file = fleet.folder / "sign-in.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    passwords = secrets_of(fleet)
    assert passwords
    assert all(password in file.read_text() for password in passwords)
    logs = [log.read_text() for host in fleet.hosts for log in (fleet.folder / host / "var" / "log").iterdir()]
    assert not any(password in text for password in passwords for text in [fleet.said(), *logs])


def test_what_the_apps_know_is_for_the_owner_alone(fleet):
    folders = [fleet.folder / name for name in (*fleet.hosts, "store")]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3


def test_secrets_are_the_same_on_all_hosts(fleet):
    folders = [fleet.folder / host / "etc" / "counter" / "credentials" for host in fleet.hosts]
    one, two = ({file.name: file.read_text() for file in folder.iterdir()} for folder in folders)
    assert one == two


def test_points_appear_and_the_standby_follows(fleet):
    fleet.add("followed")
    fleet.wait_for_mirror()
    records = list((fleet.folder / "store" / "counter" / "main").glob("*/*.json"))
    assert records
    assert fleet.role("one") == "primary"
    assert fleet.role("two") == "standby"


def test_an_app_without_a_first_run_makes_its_own_database(new_fleet, wait_for):
    fleet = new_fleet(first_run=False).up()
    assert f"Counter runs on one: http://127.0.0.1:{fleet.port}\n" in fleet.said()  # nobody has to sign in
    fleet.add("the first row")
    fleet.wait_for_mirror()
    fleet.station("failover", "--yes")
    assert fleet.rows() == ("two", ["the first row"])
    fleet.stop(signal.SIGKILL)
    wait_for(lambda: not fleet.processes(), what="the end of everything")
    fleet.up()
    assert fleet.rows() == ("two", ["the first row"])


def test_a_second_up_is_told_who_runs_the_first(fleet):
    second = fleet.station("up", check=False)
    assert second.returncode == 12
    assert f"pid {fleet.process.pid}" in second.stderr


def test_a_second_agent_is_told_who_runs_the_host(fleet):
    second = fleet.station("agent", "one", check=False)
    assert second.returncode == 12
    assert f"pid {fleet.agent('one').pid}" in second.stderr


def test_a_dead_agent_and_a_dead_page_come_back(fleet, wait_for):
    page = next(process for process in fleet.processes() if process.cmdline()[-1] == "serve")
    agent = fleet.agent("two")
    page.kill()
    agent.kill()
    wait_for(lambda: fleet.status("two")["pid"] not in (agent.pid, None), what="another agent")
    wait_for(lambda: [p for p in fleet.processes() if p.cmdline()[-1:] == ["serve"] and p.pid != page.pid])
    wait_for(lambda: fleet.role("two") == "standby", what="the standby")


def test_a_host_whose_disk_is_full_serves_on(fleet, wait_for):
    agents = [fleet.agent(host) for host in fleet.hosts]
    loops = [process for process in fleet.processes() if {"points", "mirror"} & set(process.cmdline())]
    web = next(process for process in fleet.processes() if process.cmdline()[-1] == "serve")
    for process in (*agents, *loops):
        process.rlimit(psutil.RLIMIT_FSIZE, (0, psutil.RLIM_INFINITY))  # no file of theirs takes a byte more
    try:
        fleet.add("while the disk was full")
        time.sleep(4)
        assert all(process.is_running() for process in (*agents, *loops, web))
        assert "while the disk was full" in fleet.rows()[1]
    finally:
        for process in (*agents, *loops):
            process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    fleet.wait_for_mirror(40)


@pytest.mark.slow
def test_a_store_that_is_gone_is_reported_and_survived(fleet, wait_for):
    store, away = fleet.folder / "store", fleet.folder / "away"
    store.rename(away)
    try:
        fleet.add("while the store was gone")
        wait_for(lambda: fleet.app_status("one")["databases"]["main"]["error"], what="the report")
        wait_for(lambda: "gone" in (fleet.app_status("one")["lease_error"] or ""), what="the lease's error")
        assert fleet.role("one") == "primary"
        assert fleet.missing_rows() == []
    finally:
        away.rename(store)
    fleet.wait_for_mirror(60)
    assert fleet.app_status("one")["lease_error"] is None
    assert fleet.app_status("one")["databases"]["main"]["error"] is None


def test_a_taken_port_is_named_with_its_owner(new_fleet):
    fleet = new_fleet()
    with socket.create_server(("127.0.0.1", fleet.port)):
        done = fleet.station("up", check=False)
    assert done.returncode == 18
    assert f"Port {fleet.port} of counter/web is taken: by " in done.stderr
    assert f"(pid {psutil.Process().pid}, " in done.stderr
    assert "--port counter.web=" in done.stderr


def test_another_port_can_be_chosen(new_fleet, free_port):
    fleet = new_fleet()
    with socket.create_server(("127.0.0.1", fleet.port)):
        fleet.port = free_port()
        fleet.up(f"--port=counter.web={fleet.port}")
        assert fleet.rows()[0] == "one"


def test_ctrl_c_ends_everything_and_the_next_start_finds_its_state(new_fleet):
    fleet = new_fleet().up()
    fleet.add("before the end")
    assert fleet.stop(signal.SIGINT) == 130
    assert fleet.processes() == []
    fleet.up()
    assert fleet.missing_rows() == []
    assert [epoch["reason"] for epoch in fleet.epochs()] == ["first start"]
    assert fleet.stop(signal.SIGTERM) == 0
    assert fleet.processes() == []


@pytest.mark.slow
def test_the_last_point_is_taken_at_the_end(new_fleet):
    fleet = new_fleet(every_s=600).up()
    before = len(list((fleet.folder / "store" / "counter" / "main").glob("*/*.json")))
    fleet.add("just before the end")
    fleet.stop()
    assert len(list((fleet.folder / "store" / "counter" / "main").glob("*/*.json"))) == before + 1


@pytest.mark.slow
def test_nothing_is_left_of_a_supervisor_that_is_killed(new_fleet, wait_for):
    fleet = new_fleet().up()
    fleet.add("kept")
    fleet.stop(signal.SIGKILL)
    wait_for(lambda: not fleet.processes(), 60, "the end of all processes")
    fleet.up()
    assert fleet.missing_rows() == []


@pytest.mark.slow
def test_an_app_that_never_gets_healthy_is_told_with_its_last_lines(new_fleet):
    fleet = new_fleet()
    manifest = fleet.folder / "app.toml"
    manifest.write_text(manifest.read_text().replace('"serve"', '"nonsense"'))
    began_s = time.monotonic()
    done = fleet.station("up", check=False)
    assert done.returncode == 17
    assert "KeyError: 'nonsense'" in done.stderr
    assert time.monotonic() - began_s < 60


def test_a_folder_that_cannot_be_made_is_an_operators_problem(new_fleet):
    fleet = new_fleet()
    fleet.manifest.write_text(fleet.manifest.read_text().replace('folder = "', 'folder = "/sys/not-ours/'))
    done = fleet.station("up", check=False)
    assert done.returncode == 1
    assert "error: /sys/not-ours" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_disk_that_is_not_mounted_at_the_start_is_not_taken_for_a_new_store(new_fleet):
    fleet = new_fleet().up()
    fleet.add("on the disk")
    fleet.wait_for_mirror()
    fleet.stop()
    store = fleet.folder / "store"
    store.rename(fleet.folder / "away")
    store.mkdir()  # the mount point
    done = fleet.station("up", check=False)
    assert done.returncode == 16
    assert f"The store disk was at {store}" in done.stderr
    assert list(store.iterdir()) == []
    fleet.up("--new-store")
    assert "on the disk" in fleet.rows()[1]


def with_second_store(fleet, extra=""):
    text = fleet.manifest.read_text().replace('stores = ["disk"]', 'stores = ["disk", "usb"]')
    fleet.manifest.write_text(f'{text}\n[stores.usb]\nkind = "directory"\npath = "usb"\n{extra}')
    return fleet


def test_a_second_disk_that_is_not_mounted_keeps_no_app_from_starting(new_fleet):
    fleet = with_second_store(new_fleet()).up()
    assert "store and 1 other store, mirrored by two" in fleet.said()
    fleet.stop()
    usb = fleet.folder / "usb"
    usb.rename(fleet.folder / "away")
    usb.mkdir()
    fleet.up()
    assert "usb gets no restore points until this is mended: The store usb was at" in fleet.said()
    assert list(usb.iterdir()) == []
    fleet.add("while it is away")


def test_a_key_file_that_is_missing_is_told_at_the_first_start(new_fleet):
    fleet = with_second_store(new_fleet(), 'key = "missing.key"\n')
    done = fleet.station("up", check=False)
    assert done.returncode == 16
    assert f"The keys in {fleet.folder}/missing.key cannot be read" in done.stderr
    assert f"station key new {fleet.folder}/missing.key" in done.stderr
