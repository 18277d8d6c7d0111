"""`station check`: the quick part of `station doctor`, every few minutes; it tells somebody of what has changed."""

import os
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_host
from station.cli.session import Session, pass_session
from station.clock import utc_now

if TYPE_CHECKING:
    from datetime import datetime

    from station.fleet import Host
    from station.hosts.doctor.remembering import News, Remembered


@click.command(help="Look whether all is well on this host, and tell somebody of what has changed.")
@click.option("--host", "host_name", metavar="HOST", shell_complete=complete_host, help="Which; default: this machine.")
@pass_session
def check(session: Session, host_name: str | None) -> None:
    """What is bad is no failure of this command: its exit code is 0 whenever it could look."""
    from station.hosts.doctor import remembering  # noqa: PLC0415
    from station.hosts.doctor.checks import chosen  # noqa: PLC0415
    from station.hosts.doctor.examine import examine  # noqa: PLC0415
    from station.hosts.doctor.here import here  # noqa: PLC0415
    from station.points.holding import locked  # noqa: PLC0415

    host, now = session.here(host_name), utc_now()
    file = remembering.check_file(host.paths)
    with locked(host.paths.lock("check"), "Looking whether all is well", host.name):
        looked_at = here(session.fleet, host, now, is_root=os.geteuid() == 0)
        examined = examine(looked_at, chosen(quick=True), lambda name, done, total: None)
        after, news = remembering.remember(remembering.read(file), examined.findings, now)
        remembering.write(file, examined, after, now)
        for each in news:
            _tell(host, each, now)
    click.echo(_line(host.name, after, news))


def _tell(host: "Host", news: "News", now: "datetime") -> None:
    from station.hosts.alerts import alert  # noqa: PLC0415

    one = news.one
    what = f"{one.check}: {one.about}" if one.about else one.check
    if news.bad:
        unit = one.about if one.about.endswith(".service") else ""
        alert(host.paths, host.name, f"{what}: {one.evidence}", now, to_do=one.remedy, unit=unit)
    else:
        alert(host.paths, host.name, f"{what} is well again: {one.evidence}", now)


def _line(host: str, found: "list[Remembered]", news: "list[News]") -> str:
    bad = [each for each in found if each.verdict.value == "failed"]
    named = ", ".join(f"{each.check} {each.about}".strip() for each in bad[:5]) + ("…" if len(bad) > 5 else "")
    count = {name: sum(each.verdict.value == name for each in found) for name in ("warning", "unknown", "ok")}
    told = [f"{len(bad)} failed ({named})" if bad else "nothing failed"]
    told += [f"{number} {name}" for name, number in count.items() if number and name != "ok"] + [f"{count['ok']} well"]
    turned = [f"{'bad' if each.bad else 'well again'}: {each.one.check} {each.one.about}".strip() for each in news]
    return f"{host}: {', '.join(told)}" + (f"; told of {'; '.join(turned)}" if turned else "")
