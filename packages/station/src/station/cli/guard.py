"""`station guard APP --host HOST`: the ExecCondition of an app's units. Exit code 0: start it; 1: leave it."""

import threading
from datetime import datetime

import click

from station.cli.asking import complete_app, complete_host, store_of
from station.cli.console import say
from station.cli.session import Session, pass_session
from station.clock import from_text, utc_now
from station.cluster.facts import facts_of
from station.cluster.fence import fence_of
from station.cluster.files import read_json
from station.cluster.guarding import Judgement, NotAsked, by_agent, judge
from station.cluster.lease import Holding, Lease
from station.errors import StationError
from station.fleet import App, Host
from station.hosts.switching.journal import stillness

ASK_S = 15.0  # a store that hangs longer does not answer
AGENT_FRESH_S = 5.0
LEAVE_IT = 1


@click.command(help="Say by the exit code whether this host may run an app's processes now.")
@click.argument("app_name", metavar="APP", shell_complete=complete_app)
@click.option("--host", "host_name", metavar="HOST", shell_complete=complete_host, help="Which; default: this machine.")
@pass_session
@click.pass_context
def guard(ctx: click.Context, session: Session, app_name: str, host_name: str | None) -> None:
    app, host = session.app(app_name), session.here(host_name)
    found = _judged(session, app, host, utc_now())
    if not found.serves or found.unasked:
        say(f"{app.name} {'starts' if found.serves else 'is not started'}: {found.why}")
    ctx.exit(0 if found.serves else LEAVE_IT)


def _judged(session: Session, app: App, host: Host, now: datetime) -> Judgement:
    if why := stillness(host, app.name):
        return Judgement(False, why)
    facts = facts_of(app, host)
    fence = fence_of(host, app.name, now)
    said = _agent_says(app, host, now)
    return by_agent(facts, *said, fence) or judge(facts, _lease(session, app), fence)


def _agent_says(app: App, host: Host, now: datetime) -> tuple[str, int | None]:
    """Role and epoch, when the agent said so just now: then the store need not be asked."""
    said = read_json(host.paths.status_file) or {}
    try:
        is_fresh = said["host"] == host.name and 0 <= (now - from_text(said["at"])).total_seconds() < AGENT_FRESH_S
        its = said["apps"][app.name]
        return (str(its["role"]), its["epoch"]) if is_fresh else ("", None)
    except (KeyError, ValueError, TypeError):
        return "", None


def _lease(session: Session, app: App) -> Holding | NotAsked | None:
    """Who holds it. A store may hang for minutes: it is left behind then."""
    answers: list[Holding | NotAsked | None] = []

    def ask() -> None:
        try:
            answers.append(Lease(store_of(session, app), app.name).current())
        except StationError as why:
            answers.append(NotAsked(why.message))
        except OSError as why:
            answers.append(NotAsked(str(why)))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(ASK_S)
    return answers[0] if answers else NotAsked(f"{app.stores[0]} did not answer within {ASK_S:g} s")
