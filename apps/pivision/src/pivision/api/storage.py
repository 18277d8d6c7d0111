"""What is kept, and a copy of it to take away."""

import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Literal, TypedDict, cast

from flask import Response, request

from pivision.api.declaring import Api, How, Problem
from pivision.api.shapes import its
from pivision.devices.audit import note
from pivision.ingest import limits
from pivision.pictures import retention
from pivision.pictures.retention import Rule
from pivision.upkeep import backup
from pivision.web import leaving
from pivision.web.context import by, context, database, folder, writing
from pivision.web.roles import ADMIN, SIGNED_IN
from pivision.web.storage import LIMITS
from station_kit.sqlitefile import transaction

api = Api("api_storage", "/api/v1/admin", "Storage")

_GB = 1_000_000_000


class Limits(TypedDict):
    """When pictures of events go: by age, by what they take, by what is left free."""

    days: Annotated[float, its(minimum=LIMITS["days"][0], maximum=LIMITS["days"][1])]
    most_bytes: Annotated[
        int | None,
        its(minimum=LIMITS["most_gb"][0] * _GB, maximum=LIMITS["most_gb"][1] * _GB),
        "null: 80 % of the volume",
    ]
    least_free_bytes: Annotated[int, its(minimum=LIMITS["free_gb"][0] * _GB, maximum=LIMITS["free_gb"][1] * _GB)]
    row_days: Annotated[float, its(minimum=1, maximum=LIMITS["row_days"][1]), "how long what was measured is kept"]


class Retention(TypedDict):
    """The limits in force."""

    ok: Literal[True]
    limits: Limits


class Wish(TypedDict, total=False):
    """What is to be in it."""

    pictures: Annotated[bool, "of events, too, as the cameras sent them"]


@api.on("GET", "/retention", SIGNED_IN)
def limits_in_force() -> Retention:
    """When pictures go."""
    return {"ok": True, "limits": cast(Limits, asdict(retention.rule(database())))}


@api.on("PUT", "/retention", ADMIN)
def put_limits(body: Limits) -> Retention:
    """Other limits, all of them; the next run goes by them."""
    with writing() as db:
        retention.set_rule(db, Rule(**body), by())
    return limits_in_force()


@api.on("GET", "/backup", ADMIN, How(media="application/zip", refuses={409: Problem, 503: Problem}))
def take(asked: Wish) -> Response:
    """A zip of the database, as it is at one moment, and of the pictures of events where that is asked for.

    It is put back with `pivision restore`. The secret key is not in it; digests of keys, tokens and passwords are.
    """
    pictures, who = asked.get("pictures", False), by()
    copy = backup.take(context().settings.database, folder(), who.now, least_free=limits.read(database()).free_bytes)
    try:
        with writing() as db, transaction(db):
            note(db, who, "backup taken", "with pictures" if pictures else "without pictures")
    except BaseException:
        copy.close()
        raise
    name = f"pivision-{who.now:%Y%m%dT%H%M%SZ}.zip"
    answer = Response(
        backup.stream(copy, folder(), context().version, pictures=pictures, given_up=_given_up()),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    answer.call_on_close(copy.close)  # also when nobody began to read
    return answer


def _given_up() -> Callable[[], bool]:
    """Says when nobody waits for the answer any more; a server that cannot tell says never."""
    gone: threading.Event | None = request.environ.get("asgi.scope", {}).get(leaving.NAME)
    return gone.is_set if gone is not None else lambda: False
