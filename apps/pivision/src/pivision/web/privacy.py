"""How pictures are shown: whole, or the goods alone. Whoever sees a whole one all the same is written down."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape

from pivision.devices import registry
from pivision.devices.audit import note
from pivision.events import stored
from pivision.moments import utc_text
from pivision.pictures import frames
from pivision.pictures.frames import PictureGone
from pivision.pictures.showing import Veil, veil_of
from pivision.web.context import by, database, folder, writing
from pivision.web.roles import ADMIN, only
from station_kit.sqlitefile import transaction

blueprint = Blueprint("privacy", __name__)

_PLACEHOLDER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240"><rect width="320" height="240" fill="#10141a"/>'
    '<text x="160" y="124" fill="#c8d2ce" font-family="sans-serif" font-size="17" text-anchor="middle">{}</text></svg>'
)


@blueprint.post("/cameras/<name>/privacy")
@only(ADMIN)
def change(name: str) -> ResponseReturnValue:
    """From now on, in all pictures of the camera, the old ones, too."""
    with writing() as db:
        registry.blur(db, name, by(), wanted=request.form.get("blur") == "1")
    return redirect(url_for("tuning.page", name=name))


@blueprint.post("/events/<int:event_id>/<role>/original")
@only(ADMIN)
def original(event_id: int, role: str) -> ResponseReturnValue:
    """A picture of an event as the camera sent it; no address leads to it that could be followed by chance."""
    row = stored.picture_row(database(), event_id, role)
    jpeg = _read(row["path"], row["host"])
    _note("original seen", str(event_id), role)
    return _never_kept(jpeg)


@blueprint.post("/cameras/<name>/original")
@only(ADMIN)
def original_of_now(name: str) -> ResponseReturnValue:
    """The camera's newest picture as it sent it, to draw regions on."""
    frame = frames.latest(database(), folder(), registry.device(database(), name).id)
    _note("original seen", name, f"of {utc_text(frame.received_at)}")
    return _never_kept(frame.jpeg)


def event_picture(event_id: int, role: str) -> Response:
    """A picture of an event as people may see it. NoSuchPicture, PictureGone, NotBlurred."""
    row = stored.picture_row(database(), event_id, role)
    return _shown(veil_of(database(), row["device_id"]), _read(row["path"], row["host"]))


def placeholder(words: str) -> Response:
    """A picture that says why there is none: a page shows it in the other's place. Still an error (404)."""
    return Response(_PLACEHOLDER.format(escape(words)), 404, mimetype="image/svg+xml")


def latest_picture(name: str) -> Response:
    """The camera's newest picture as people may see it. PictureGone, NotBlurred."""
    frame = frames.latest(database(), folder(), registry.device(database(), name).id)
    answer = _shown(veil_of(database(), frame.device_id), frame.jpeg)
    answer.headers["X-Received-At"] = utc_text(frame.received_at)
    return answer


def _read(path: str, host: str = "") -> bytes:
    try:
        return folder().file(path).read_bytes()
    except OSError as why:
        if host not in ("", folder().host):
            raise PictureGone(f"It is on {host}") from why
        raise PictureGone(f"Picture not shown: {why.strerror}") from why


def _shown(veil: Veil, jpeg: bytes) -> Response:
    """Asked for again each time, and sent again when it looks different: who switches the blur on means it."""
    answer = Response(veil.over(jpeg), mimetype="image/jpeg", headers={"Cache-Control": "private, no-cache"})
    answer.set_etag(veil.tag(jpeg))
    answer.make_conditional(request)
    return answer


def _never_kept(jpeg: bytes) -> Response:
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def _note(action: str, key: str, what: str) -> None:
    with writing() as db, transaction(db):
        note(db, by(), action, key, new=what)
