"""`station db drill`: a rehearsal of the restore, and how long it takes."""

from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, database_option, one_database, one_store, store_option
from station.cli.console import json_option, show
from station.cli.copies import ended_by_sigterm, source_of
from station.cli.progress import progress
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import DamagedObject

if TYPE_CHECKING:
    from station.fleet import App
    from station.points.drill import Drill


@click.command()
@app_argument
@database_option
@store_option
@json_option
@pass_session
def drill(
    session: Session, app_name: str | None, database_name: str | None, store_name: str | None, as_json: bool
) -> None:
    """Rehearse a restore: bring the newest restore point back beside the live database, check it, and time it.

    The digest is proved, SQLite checks integrity and foreign keys, and every table's rows are counted beside the live
    database's; rows written since the point are told, and are no failure. What was found is kept on the host and in
    the store. Exit code 14 when the point does not restore or is not whole.
    """
    from station.points.drill import fields  # noqa: PLC0415

    app = session.app(app_name)
    found = rehearse(session, app, one_database(app, database_name), one_store(app, store_name))
    show(found, text, as_json, fields)
    if not found.passed:
        raise DamagedObject(
            f"The point {found.point} of {found.app} restores, and SQLite finds fault with it: {found.fault}",
            "The database was damaged before the point was taken; try an earlier one: `station db restore --at`",
        )


def rehearse(session: Session, app: "App", database: str, store_name: str | None = None) -> "Drill":
    """Rehearse the restore of one database on its primary, from that store of the app or from its first."""
    from station.cli.watched import Watched, newest_chain_bytes  # noqa: PLC0415
    from station.points.drill import drill as rehearsed  # noqa: PLC0415

    source = source_of(session, app, database)
    store = session.store(store_name or app.stores[0])
    what = f"{app.name}/{database} from {store.name}"
    with ended_by_sigterm(), progress(f"restoring {what}", newest_chain_bytes(store, source.identity.prefix)) as course:

        def on_read(amount: int) -> None:
            course.by(amount)
            if not amount and course.done == course.total:
                course.step(f"checking {what}")

        return rehearsed(source, Watched(store, on_read), utc_now)


def text(found: "Drill") -> str:
    """What was found, in a few lines."""
    from station.watch.wording import clock_time, size  # noqa: PLC0415

    now = utc_now().astimezone()
    lines = [
        f"  {each.table}: {_rows(each.restored)} restored, {_rows(each.live)} live (written since the point)"
        for each in found.differences
    ]
    if found.broken_references:
        lines.append(f"  {found.broken_references} references lead to rows that do not exist, as in the live database")
    verdict = "passed" if found.passed else f"FAILED: {found.fault}"
    last = (
        f"drill of {found.app}/{found.database} {verdict}: {size(found.bytes)} of {clock_time(found.taken_at, now)} "
        f"back in {found.took_s:.1f} s (restore {found.restore_s:.1f} s, checks {found.check_s:.1f} s), "
        f"{found.rows:,} rows in {found.tables} tables"
    )
    return "\n".join([*lines, last])


def _rows(count: int | None) -> str:
    return "no table" if count is None else f"{count:,} rows"
