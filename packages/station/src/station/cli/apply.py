"""`station apply [HOST]`: make this machine what the manifest says it is."""

import time
from typing import TYPE_CHECKING

import click

from station.cli.asking import ask, yes_option
from station.cli.console import json_option, say, show
from station.cli.here import force_option, host_argument, this_host
from station.cli.plan_text import CHANGES, change_json, change_lines, counted
from station.cli.session import Session, pass_session
from station.clock import utc_now

if TYPE_CHECKING:
    from station.hosts.machine.apply import Applied


@click.command()
@host_argument
@yes_option
@click.option("--plan", "digest", metavar="DIGEST", default="", help="Only what `station plan` showed; asks nobody.")
@force_option
@json_option
@pass_session
def apply(session: Session, host_name: str | None, yes: bool, digest: str, force: bool, as_json: bool) -> int:
    """Make this machine what the manifest says it is.

    Run it on the machine, as root: it shows the plan and asks. What is there and not ours is kept aside, in
    /var/lib/station/aside; units that the manifest retires are stopped, moved away and masked. A running service is
    restarted only when its files change. Done again it changes nothing, and one that was cut is finished by the next.

    The exit code is 0 when nothing is left to do, and 3 when something is: secrets that a person has to write, or a
    unit that does not start.
    """
    from station.hosts.machine.apply import apply as make_it_so  # noqa: PLC0415 - help does without
    from station.hosts.machine.apply import in_the_way, is_for_people, look_at  # noqa: PLC0415
    from station.hosts.machine.here import require_root  # noqa: PLC0415
    from station.hosts.tools import install_missing  # noqa: PLC0415

    began_s = time.monotonic()
    host = this_host(session, host_name, "apply", force=force)
    require_root("apply")
    if digest and len(digest) < 12:
        raise click.UsageError("Name the plan with at least 12 digits, as `station plan` shows them.")
    if not (yes or digest):
        looked = look_at(session.fleet, host)
        if looked.plan.changes and not is_for_people(looked):
            in_the_way(session.fleet, host, looked)
            say("\n".join(change_lines(looked.plan.changes)))
            ask(f"{host.name} needs {counted(len(looked.plan.changes))}. Go ahead?", yes=yes)
        digest = looked.plan.digest
    applied = make_it_so(
        session.fleet, host, digest, install_missing, now=utc_now(), tell=lambda text: say(f"  {text}")
    )
    took_s = time.monotonic() - began_s
    show(applied, lambda it: _text(it, took_s), as_json, lambda it: _summary(it, took_s))
    return 0 if applied.whole else CHANGES


def _summary(applied: "Applied", took_s: float) -> dict[str, object]:
    return {
        "host": applied.host,
        "digest": applied.digest,
        "done": change_json(applied.done),
        "left": change_json(applied.left),
        "waiting": list(applied.waiting),
        "troubles": list(applied.troubles),
        "notes": list(applied.notes),
        "took_s": round(took_s, 3),
    }


def _text(applied: "Applied", took_s: float) -> str:
    lines = change_lines(applied.done, diffs=False)
    lines += [f"note: {note}" for note in applied.notes]
    if applied.left:
        lines += ["left to do:", *(f"  {line}" for line in change_lines(applied.left, diffs=False))]
    lines += [f"left to do: {line}" for line in applied.waiting]
    lines += [f"failed: {line}" for line in applied.troubles]
    did = f"{counted(len(applied.done))} made" if applied.done else "nothing was changed"
    state = "has all that it should have" if applied.whole else "is not whole yet; mend what is left, and apply again"
    return "\n".join([*lines, f"{applied.host} {state}: {did} in {took_s:.1f} s"])
