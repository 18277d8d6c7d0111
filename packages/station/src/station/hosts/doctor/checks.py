"""Every check, in the order in which a person would want to hear of a failed one."""

from collections.abc import Sequence

from station.hosts.doctor import (
    belongings,
    copies,
    databases,
    doors,
    hardware,
    identity,
    limits,
    machine,
    people,
    releases,
    running,
)
from station.hosts.doctor.check import Check

CHECKS: tuple[Check, ...] = (
    Check("name", identity.name, machine=False, quick=True),
    Check("platform", identity.platform, quick=True),
    Check("answers", doors.answers, machine=False, quick=True),
    Check("units", running.units, quick=True),
    Check("ports", doors.ports, quick=True),
    Check("release", releases.release, root=True, quick=True),
    Check("imports", releases.imports, root=True, limit_s=12.0),
    Check("database opens", databases.opens, machine=False, root=True),
    Check("database whole", databases.whole, machine=False, root=True, limit_s=12.0),
    Check("agent", copies.agent, machine=False, quick=True),
    Check("lease", copies.lease, machine=False, quick=True),
    Check("restore points", copies.restore_points, machine=False, quick=True),
    Check("mirror", copies.mirror, machine=False, quick=True),
    Check("divergence", copies.divergence, machine=False, quick=True),
    Check("jobs", copies.jobs, machine=False, quick=True),
    Check("timers", running.timers, quick=True),
    Check("dev instance", running.dev, root=True),
    Check("retired", running.retired, quick=True),
    Check("secrets", belongings.secrets, root=True, quick=True),
    Check("modes and owners", belongings.rights, root=True),
    Check("data owner", belongings.data_owner, root=True),
    Check("data closed", people.data_is_closed, root=True, limit_s=10.0),
    Check("no sign-in", people.no_login),
    Check("developers", people.developers),
    Check("no venv in code", belongings.no_venv_in_code),
    Check("as rendered", identity.rendered, root=True),
    Check("strangers", doors.strangers, root=True),
    Check("datasette", doors.datasette),
    Check("disk", machine.disk, machine=False, quick=True),
    Check("memory", machine.memory, machine=False, quick=True),
    Check("load", machine.load, machine=False, quick=True),
    Check("clock", machine.clock, quick=True),
    Check("temperature", hardware.temperature, machine=False, quick=True),
    Check("power", hardware.power, quick=True),
    Check("card", hardware.card, quick=True),
    Check("drives", machine.drives, root=True, limit_s=12.0),
    Check("journal", machine.journal),
    Check("restart", identity.reboot),
    Check("limits", limits.limits, root=True, limit_s=13.0),
)


def chosen(*, quick: bool = False, only: Sequence[str] = ()) -> Sequence[Check]:
    """All of them, those that are asked every few minutes, or those of these names."""
    return [check for check in CHECKS if (check.quick or not quick) and (check.name in only or not only)]
