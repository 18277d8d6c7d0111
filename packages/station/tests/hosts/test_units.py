"""From the manifest to what is started: commands, environment, logs."""

import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from station.clock import utc_now
from station.fleet import App, Control, Database, Fleet, Health, Host, Litestream, Points, Process
from station.hosts.foreground import Foreground, UnitSpec
from station.hosts.host_units import HostUnits
from station.hosts.units import Programs, loop_unit, process_units


@pytest.fixture
def app():
    processes = {
        "web": Process("web", ("counter", "serve"), 8000, Health("/health", 200, 10)),
        "traffic": Process("traffic", ("/opt/traffic",)),
    }
    return App(
        name="counter",
        title="Counter",
        bind="127.0.0.1",
        primary="one",
        standby=("two",),
        stores=("disk",),
        points=Points(1),
        first_run=None,
        processes=processes,
        databases={"main": Database("main", "counter.db", "DATABASE_PATH")},
        secrets={},
        commands={},
    )


@pytest.fixture
def host(tmp_path):
    return Host("one", tmp_path / "one")


@pytest.fixture
def programs(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "counter").touch()
    env = {"PATH": "/usr/bin", "HOME": "/home/me", "AWS_SECRET_ACCESS_KEY": "not for apps"}
    return Programs.of(tmp_path / "bin" / "python", env)


def test_a_command_is_told_in_its_words(app, host, programs):
    command = ("counter", "--db=${DATABASE_PATH}", "${BIND}:${PORT}", "$HOME")
    told = replace(app, processes={"web": replace(app.processes["web"], command=command)})
    (web,) = process_units(told, host, programs)
    assert web.command[1:] == (f"--db={host.paths.data('counter') / 'counter.db'}", "127.0.0.1:8000", "$HOME")


def test_a_primary_runs_every_process_with_its_environment(app, host, programs, tmp_path):
    web, traffic = process_units(app, host, programs)
    assert (web.name, web.port, web.log) == ("counter-web", 8000, host.paths.log("counter-web"))
    assert web.command == (str(tmp_path / "bin" / "counter"), "serve")
    assert web.env["PORT"] == "8000"
    assert web.env["DATABASE_PATH"] == str(host.paths.data("counter") / "counter.db")
    assert traffic.command == ("/opt/traffic",)
    assert "PORT" not in traffic.env


def test_nothing_of_the_callers_environment_reaches_an_app_but_what_is_named(app, host, programs, tmp_path):
    web, _ = process_units(app, host, programs)
    assert web.env["PATH"] == f"{tmp_path / 'bin'}:/usr/bin"
    assert web.env["HOME"] == "/home/me"
    assert "AWS_SECRET_ACCESS_KEY" not in web.env


def test_a_program_that_is_not_ours_is_searched_for_as_usual(programs):
    assert programs.command(("sleep", "1")) == ("sleep", "1")


def test_a_loop_is_a_command_of_ours(app, host, programs):
    fleet = Fleet("demo", Path("/fleet.toml"), Control("one", 5001, "127.0.0.1"), {"one": host}, {}, {"counter": app})
    unit = loop_unit(fleet, app, host, "points", programs)
    assert unit.name == "counter-points"
    assert unit.command == ("station", "--fleet", "/fleet.toml", "points", "counter", "--host", "one")
    assert "DATABASE_PATH" not in unit.env


def said(host, unit):
    file = host.paths.log(f"counter-{unit}")
    return file.read_text().split() if file.exists() else []


def test_litestream_runs_beside_a_primary_that_takes_points_and_ends_after_the_app(app, host, programs):
    script = "trap 'date +%s%N; exit' TERM; echo up; while :; do sleep 0.02; done"
    station = programs.folder / "station"
    station.write_text(f"#!/bin/sh\n{script}\n")
    station.chmod(0o755)
    web = Process("web", ("sh", "-c", script), health=Health("/health", 200, 10))
    app = replace(app, processes={"web": web}, litestream=Litestream("disk", "litestream", 1.0, 60.0))
    fleet = Fleet("demo", Path("/fleet.toml"), Control("one", 5001, "127.0.0.1"), {"one": host}, {}, {"counter": app})
    units = HostUnits(fleet, host, programs, utc_now)
    try:
        units.run("counter", processes=False, loop="mirror")
        units.run("counter", processes=True, loop=None)
        assert "litestream" not in units.status("counter")
        units.run("counter", processes=True, loop="points")
        deadline_s = time.monotonic() + 60
        while not all(said(host, unit) for unit in ("web", "points", "litestream")):
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        units.run("counter", processes=False, loop=None)
        assert {each["state"] for each in units.status("counter").values()} == {"stopped"}
        assert int(said(host, "web")[-1]) < int(said(host, "litestream")[-1])
    finally:
        units.end()


def test_a_unit_hears_sigterm_though_its_parent_waits_for_its_own(tmp_path):
    foreground = Foreground(utc_now)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        began_s = time.monotonic()
        foreground.start(UnitSpec("sleeper", ("sleep", "60"), {"PATH": "/usr/bin:/bin"}, tmp_path / "log", stop_s=20))
        foreground.stop(["sleeper"])
        assert time.monotonic() - began_s < 18
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
