"""`station failover APP` and `station failback APP`: move an app to another host, after showing what that means."""

from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, ask, complete_host, store_of, yes_option
from station.cli.console import json_option, say, show
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.cluster.lease import Lease
from station.cluster.peer import Peer
from station.cluster.switch import Plan, Switched, make_plan, switch_over
from station.errors import Refused

if TYPE_CHECKING:
    from station.fleet import App

_to = click.option("--to", "to", metavar="HOST", shell_complete=complete_host, help="Which standby.")


@click.command(help="Make a standby the primary; the old one may be dead.")
@app_argument
@_to
@yes_option
@json_option
@pass_session
def failover(session: Session, app_name: str | None, to: str | None, yes: bool, as_json: bool) -> None:
    show(_switch(session, session.app(app_name), to, planned=False, yes=yes), _told, as_json)


@click.command(help="Give the app back to its own primary, without loss.")
@app_argument
@yes_option
@json_option
@pass_session
def failback(session: Session, app_name: str | None, yes: bool, as_json: bool) -> None:
    show(_switch(session, session.app(app_name), None, planned=True, yes=yes), _told, as_json)


def _switch(session: Session, app: "App", to: str | None, *, planned: bool, yes: bool) -> Switched:
    _require_folders(session, app)
    lease = Lease(store_of(session, app), app.name)
    peers = {host: Peer(host, session.fleet.hosts[host].paths) for host in app.hosts}
    plan = make_plan(app, lease, to, planned=planned, peers=peers, now=utc_now())
    if not plan.done:
        say(_planned(plan))
        ask("Go ahead?", yes=yes)
    return switch_over(session.fleet, plan, lease, peers=peers, on_step=lambda text: say(f"  {text}"), now=utc_now)


def _require_folders(session: Session, app: "App") -> None:
    """Refused for machines: nobody could see to it from here that the old primary has stopped."""
    machines = [host for host in app.hosts if session.fleet.hosts[host].address]
    if machines:
        raise Refused(
            f"{app.name} stays where it is: {' and '.join(machines)} are machines, and between machines an app cannot "
            "be moved yet; nothing was changed",
            "`station status` shows who is primary; `station db restore` brings a database back",
        )


def _planned(plan: Plan) -> str:
    """What will happen, and what would be lost."""
    source = f"{plan.source} is primary of {plan.app} (epoch {plan.epoch})"
    copy = f"{plan.target} has " + (
        "no copy yet" if plan.copy_age_s is None else f"a copy of {plan.copy_age_s:.1f} s ago"
    )
    if plan.source_answers:
        loss = "Nothing will be lost: it stops, hands over its last rows, and the copy is proved before it serves."
    elif plan.planned:
        loss = "It does not answer, so nothing can be given back without loss."
    else:
        loss = (
            f"It does not answer. The newest restore point known here was taken {_ago(plan.point_age_s)}; "
            "what was written after it stays on that host and is saved there when it comes back."
        )
    return f"{source}; {copy}.\n{plan.app} goes to {plan.target}. {loss}"


def _told(switched: Switched) -> str:
    """One sentence with the figures."""
    if switched.source == switched.target:
        return f"{switched.target} is primary of {switched.app} already (epoch {switched.epoch}): nothing to do"
    carried = "nothing was lost" if switched.everything_carried else _loss(switched)
    return (
        f"{switched.target} is primary of {switched.app} (epoch {switched.epoch}): the lease moved after "
        f"{switched.lease_moved_s:.1f} s, healthy after {switched.healthy_s:.1f} s; {carried}"
    )


def _loss(switched: Switched) -> str:
    return (
        f"its newest restore point was {_seconds(switched.lost_s)} old when {switched.source} was stopped; "
        "what was written after it is on that host"
    )


def _ago(seconds: float | None) -> str:
    return "at an unknown time" if seconds is None else f"{seconds:.1f} s ago"


def _seconds(seconds: float | None) -> str:
    return "an unknown number of seconds" if seconds is None else f"{seconds:.1f} s"
