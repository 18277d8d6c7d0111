"""When a unit is started or restarted, and when it is left alone."""

from collections.abc import Callable

import pytest

from station.hosts.rendering.files import File, HostFiles, Needed
from station.hosts.rendering.found import Found, FoundFile
from station.hosts.rendering.memory import Memory
from station.hosts.rendering.pending import Pending
from station.hosts.rendering.unit_changes import may_start, restarts, running, standing, waits_for
from station.hosts.systemctl import UnitState

UNIT = "/etc/systemd/system/x.service"
TEXT = "[Service]\nEnvironmentFile=/etc/x/x.env\nLoadCredential=key:/etc/x/key\nExecStart=/bin/x\n"
State = Callable[..., UnitState]


def wanted(text: str = TEXT, **other: object) -> HostFiles:
    files = {UNIT: File(text), "/etc/x/x.env": File("A=1", secret=True)}
    return HostFiles(**({"files": files, "enable": ("x.service",)} | other))  # type: ignore[arg-type]


def found(state: UnitState | None, text: str = TEXT, env: bytes = b"A=1", **other: object) -> Found:
    paths = {
        UNIT: FoundFile(text.encode(), 0o644, "root", "root"),
        "/etc/x/x.env": FoundFile(env, 0o600, "root", "root"),
    }
    states = {"x.service": state} if state else {}
    told: dict[str, object] = {"paths": paths, "states": states, "enabled": frozenset(["x.service"])}
    return Found(**(told | other))  # type: ignore[arg-type]


def test_a_running_unit_is_restarted_when_its_file_or_its_variables_change(state: State) -> None:
    it = state("x.service")
    assert restarts(wanted(), found(it)) == {}
    assert restarts(wanted(), found(it, "[Service]\n")) == {"x.service": f"{UNIT} changes"}
    assert restarts(wanted(), found(it, env=b"A=2")) == {"x.service": "/etc/x/x.env changes"}


def test_what_does_not_run_or_runs_once_is_not_restarted(state: State) -> None:
    assert restarts(wanted(), found(state("x.service", active="inactive"), "[Service]\n")) == {}
    once = f"{TEXT}\nType=oneshot\n"
    assert restarts(wanted(once), found(state("x.service"), "[Service]\n")) == {}


def test_what_an_apply_that_was_cut_had_still_to_restart_is_restarted_once(state: State) -> None:
    cut = Pending(restart={"x.service": "first"})
    assert "was cut" in restarts(wanted(), found(state("x.service"), pending=cut))["x.service"]
    assert restarts(wanted(), found(state("x.service", invocation="second"), pending=cut)) == {}


def test_programs_of_the_platform_are_restarted_when_the_manifest_changes(state: State) -> None:
    ours = "[Service]\nExecStart=/opt/venvs/station/current/bin/station agent pi1\n"
    before = Memory(applied=HostFiles(manifest="old"))
    both = {"state": state("x.service"), "remembered": before}
    assert "manifest" in restarts(wanted(ours, manifest="new"), found(text=ours, **both))["x.service"]
    assert restarts(wanted(ours, manifest="old"), found(text=ours, **both)) == {}
    assert restarts(wanted(manifest="new"), found(**both)) == {}


def test_a_unit_that_does_not_run_is_started_and_one_that_waits_for_a_person_is_not(state: State) -> None:
    stopped = found(state("x.service", active="inactive"))
    assert [(one.name, one.action) for one in running(wanted(), stopped)] == [("x.service", "start")]
    given = wanted(needed=(Needed("/etc/x/key", "given", "a key"),))
    assert waits_for(given, stopped, "x.service") == ["/etc/x/key"]
    assert list(running(given, stopped)) == []
    made = wanted(needed=(Needed("/etc/x/key", "generate", "a key"),))
    assert may_start(made, stopped, "x.service")


def test_a_network_drive_waits_for_the_file_with_its_password(state: State) -> None:
    text = {"/etc/systemd/system/mnt.mount": File("Options=credentials=/etc/station/cifs/k,uid=1\n")}
    files = HostFiles(files=text, needed=(Needed("/etc/station/cifs/k", "given", "the drive"),))
    assert waits_for(files, Found(), "mnt.automount") == ["/etc/station/cifs/k"]


@pytest.mark.parametrize(
    ("other", "starts"),
    [
        ({"active": "inactive", "tried": True}, False),  # the agent stopped it: this host is no primary any more
        ({"active": "inactive", "tried": False}, True),
        ({"active": "inactive", "skipped": True}, False),
        ({"active": "failed", "result": "exit-code"}, True),
        ({"active": "activating", "sub": "auto-restart"}, False),
    ],
)
def test_what_only_a_primary_runs_is_the_agents_to_start(state: State, other: dict[str, object], starts: bool) -> None:
    guarded = f"{TEXT}\nExecCondition=+/bin/guard\n"
    assert may_start(wanted(guarded), found(state("x.service", **other), guarded), "x.service") is starts


def test_what_a_condition_kept_from_starting_is_not_started_again(state: State) -> None:
    skipped = state("x.service", active="inactive", skipped=True)
    assert not may_start(wanted(), found(skipped), "x.service")


def test_a_retired_unit_that_runs_though_it_is_masked_is_retired_again(state: State) -> None:
    files = HostFiles(retire=("old.service",))
    masked = frozenset(["old.service"])
    assert list(standing(files, Found(masked=masked))) == []
    runs = Found(masked=masked, states={"old.service": state("old.service")})
    assert [one.action for one in standing(files, runs)] == ["retire"]


def test_systemd_is_told_of_files_that_it_has_not_read(state: State) -> None:
    [change] = running(wanted(), found(state("x.service", needs_reload=True)))
    assert (change.kind, change.action, change.detail) == ("systemd", "reload", ("x.service",))
