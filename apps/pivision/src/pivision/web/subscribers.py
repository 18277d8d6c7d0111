"""Notices: who is told of events, and whether it arrived."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pivision.telling import subscribers as people
from pivision.telling.subscribers import BadSubscriber, Broker, Form, Mailbox, Webhook, Wishes
from pivision.telling.trying import try_out
from pivision.web.context import by, context, database, folder, now, writing
from pivision.web.layout import KINDS
from pivision.web.roles import ADMIN, only
from pivision.web.statements import SQL
from station_kit.environment import Secret

blueprint = Blueprint("subscribers", __name__)


@blueprint.get("/notices")
@only(ADMIN)
def page() -> str:
    """Everybody who is told, and the last of what was said to each."""
    last = {row["subscriber_id"]: row for row in database().execute(SQL["last_deliveries"])}
    return render_template(
        "subscribers.html",
        people=people.everybody(database()),
        last=last,
        forms=[*Form],
        tried=request.args.get("tried", ""),
        sends_mail=context().settings.mail_server is not None,
    )


@blueprint.post("/notices/webhook")
@only(ADMIN)
def add_webhook() -> ResponseReturnValue:
    """Post every event that is wanted to an address."""
    form = request.form
    hook = Webhook("", Form(form["form"]) if form.get("form") in [*Form] else Form.JSON, _wishes())
    with writing() as db:
        people.add_webhook(db, folder(), form.get("name", ""), Secret(form.get("address", "").strip()), hook, by())
    return redirect(url_for("subscribers.page"))


@blueprint.post("/notices/mqtt")
@only(ADMIN)
def add_broker() -> ResponseReturnValue:
    """Tell an MQTT broker, and let Home Assistant find the cameras."""
    form = request.form
    port = form.get("port", "1883").strip()
    if not port.isascii() or not port.isdigit():
        raise BadSubscriber("Broker not added: its port is no number")
    broker = Broker(
        host=form.get("host", "").strip(),
        port=int(port),
        user=form.get("user", "").strip(),
        tls=form.get("tls") == "1",
        topic=form.get("topic", "").strip() or "pivision",
        discovery=form.get("discovery", "").strip(),
        wishes=_wishes(),
    )
    password = Secret(form["password"]) if form.get("password") else None
    with writing() as db:
        people.add_broker(db, folder(), form.get("name", ""), broker, password, by())
    return redirect(url_for("subscribers.page"))


@blueprint.post("/notices/mail")
@only(ADMIN)
def add_mailbox() -> ResponseReturnValue:
    """Write to addresses, by the machine's mail server."""
    to = tuple(request.form.get("to", "").replace(",", " ").split())
    with writing() as db:
        people.add_mailbox(db, folder(), request.form.get("name", ""), Mailbox(to, _wishes()), by())
    return redirect(url_for("subscribers.page"))


@blueprint.post("/notices/<name>")
@only(ADMIN)
def change(name: str) -> ResponseReturnValue:
    """Told again, told nothing for a while, or never more; or a test."""
    deed = request.form.get("deed", "")
    if deed == "try":
        try_out(database(), folder(), name, context().settings.mail_server, now())
        return redirect(url_for("subscribers.page", tried=name))
    with writing() as db:
        if deed == "remove":
            people.remove(db, folder(), name, by())
        elif deed in ("enable", "disable"):
            people.enable(db, name, deed == "enable", by())
    return redirect(url_for("subscribers.page"))


def _wishes() -> Wishes:
    form = request.form
    kinds = tuple(kind for kind in form.getlist("kinds") if kind in KINDS)
    begin, end = form.get("quiet_from", ""), form.get("quiet_to", "")
    return Wishes(kinds, (), begin, end, with_picture=form.get("with_picture") == "1", ends=form.get("ends") == "1")
