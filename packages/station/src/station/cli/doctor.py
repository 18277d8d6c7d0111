"""`station doctor`: everything that can be wrong with a host, looked at, with what was seen and what mends it."""

import os
import sys
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from station.cli.console import json_option, show
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.fleet import Host
    from station.hosts.doctor.check import Check
    from station.hosts.doctor.examine import Examined

FAILED, WARNINGS = 1, 3
_ORDER = ("failed", "warning", "unknown", "ok")


def _complete_check(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from station.hosts.doctor.checks import CHECKS  # noqa: PLC0415

    return [CompletionItem(check.name) for check in CHECKS if check.name.startswith(incomplete)]


@click.command()
@click.argument("about", metavar="[HOST|APP]", required=False)
@click.option("--quick", is_flag=True, help="Only what takes no time and needs no other user's rights.")
@click.option("--only", multiple=True, metavar="CHECK", shell_complete=_complete_check, help="Only this check.")
@json_option
@pass_session
@click.pass_context
def doctor(
    ctx: click.Context, session: Session, about: str | None, quick: bool, only: tuple[str, ...], as_json: bool
) -> None:
    """Look at everything that can be wrong with this host, and say what mends it.

    Run it on the machine, as root: it tries what it can as the very users it is about. With an app the others are left
    out. docs/doctor.md has every check, with what it means. What this machine cannot tell is unknown, and counts
    neither as well nor as wrong.

    The exit code is 0 when all is well, 3 when there are warnings, 1 when something failed.
    """
    hosts, app = _asked(session, about)
    checks = _chosen(quick=quick, only=only)
    examined = [_examined(session, host, app, checks) for host in hosts]
    show(examined, lambda many: "\n".join(map(_text, many)), as_json, lambda many: {"hosts": [*map(summary, many)]})
    verdicts = {finding.verdict.value for one in examined for finding in one.findings}
    ctx.exit(FAILED if "failed" in verdicts else WARNINGS if "warning" in verdicts else 0)


def summary(one: "Examined") -> dict[str, object]:
    """What `--json` says of a host."""
    findings = [
        {
            **{"check": each.check, "about": each.about, "verdict": each.verdict.value},
            **{"evidence": each.evidence, "remedy": each.remedy},
        }
        for each in one.findings
    ]
    return {"host": one.host, "took_s": round(one.took_s, 3), "left_out": list(one.left_out), "findings": findings}


def _asked(session: Session, about: str | None) -> "tuple[list[Host], str]":
    """The hosts to look at, and the app that it is about ("" for all). UsageError when there is no such thing."""
    from station.fleet.here import name_here  # noqa: PLC0415

    fleet = session.fleet
    folders = [host for host in fleet.hosts.values() if not host.address]
    if about is not None and about in fleet.hosts:
        return [_reachable(session, fleet.hosts[about])], ""
    app = session.app(about).name if about is not None else ""
    if name_here() or not folders:
        return [session.here()], app
    return [host for host in folders if app == "" or host.name in fleet.apps[app].hosts], app


def _reachable(session: Session, host: "Host") -> "Host":
    """The host, if it is a folder or this very machine. Refused otherwise: only a machine itself can look at itself."""
    from station.fleet.here import name_here  # noqa: PLC0415

    if host.address and (own := name_here()) and own != host.name:
        raise Refused(
            f"{host.name} was not looked at: this machine is {own}", f"Ask it there: station --host {host.name} doctor"
        )
    return host


def _chosen(*, quick: bool, only: "Sequence[str]") -> "Sequence[Check]":
    """The checks to ask. UsageError when one is named that there is not."""
    from station.hosts.doctor.checks import CHECKS, chosen  # noqa: PLC0415

    names = [check.name for check in CHECKS]
    for each in only:
        if each not in names:
            raise click.UsageError(f"There is no check {each!r}; there is {', '.join(names)}.")
    return chosen(quick=quick, only=only)


def _examined(session: Session, host: "Host", app: str, checks: "Sequence[Check]") -> "Examined":
    from station.hosts.doctor.examine import examine  # noqa: PLC0415
    from station.hosts.doctor.here import here  # noqa: PLC0415

    looked_at = here(session.fleet, host, utc_now(), is_root=os.geteuid() == 0, app=app)
    examined = examine(looked_at, checks, _tell if sys.stderr.isatty() else _silent)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    return examined


def _tell(name: str, done: int, total: int) -> None:
    click.echo(f"\r\x1b[K{done} of {total}: {name}", nl=False, err=True)


def _silent(name: str, done: int, total: int) -> None:
    pass


def _text(one: "Examined") -> str:
    by_verdict = sorted(one.findings, key=lambda each: _ORDER.index(each.verdict.value))
    names = [f"{each.check}: {each.about}" if each.about else each.check for each in by_verdict]
    width = min(40, max(map(len, names), default=0))
    lines = []
    for name, each in zip(names, by_verdict, strict=True):
        lines.append(f"{each.verdict.value:8}  {name:{width}}  {each.evidence}")
        if each.remedy:
            lines.append(f"{'':10}{'':{width}}  -> {each.remedy}")
    if one.left_out:
        lines.append(f"left out for a host that is a folder: {', '.join(one.left_out)}")
    return "\n".join([*lines, _sentence(one)])


def _sentence(one: "Examined") -> str:
    counts = {name: sum(each.verdict.value == name for each in one.findings) for name in _ORDER}
    told = [f"{counts['failed']} failed"] if counts["failed"] else []
    told += [f"{_plural(counts['warning'], 'warning')}"] if counts["warning"] else []
    told += [f"{counts['unknown']} unknown"] if counts["unknown"] else []
    well = f"{counts['ok']} well"
    return f"{one.host}: {', '.join([*told, well])}; looked for {one.took_s:.1f} s"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" + ("s" if count != 1 else "")
