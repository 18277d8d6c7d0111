"""`pivision doctor` and `pivision export`: parse, call, show."""

import getpass
import json
import os
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from pivision.database import open_durable
from pivision.devices import registry
from pivision.devices.audit import By, note
from pivision.settings import Settings
from pivision.upkeep import doctor as looking
from pivision.upkeep import export as taking
from pivision.upkeep import restoring
from pivision.upkeep.export import Wanted
from station_kit.sqlitefile import open_database, transaction

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_WIDTH = 14


@click.command()
@_json
def doctor(*, as_json: bool) -> None:
    """Is everything in place? Says what to do where not. Exit code 1 when something failed."""
    seen = looking.examine(os.environ, datetime.now(UTC))
    if as_json:
        click.echo(looking.as_json(seen))
    else:
        for each in seen:
            click.echo(f"{each.state:6}  {each.check:{_WIDTH}} {each.text}")
            if each.to_do and each.state is not looking.State.OK:
                click.echo(f"{'':8}{'':{_WIDTH}} {each.to_do}")
        failed = sum(each.state is looking.State.FAILED for each in seen)
        click.echo(f"{len(seen)} checks, {failed} failed.")
    if not looking.is_well(seen):
        sys.exit(1)


@click.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--since", metavar="DAY", help="From this day on (2026-11-20), or a moment with its zone.")
@click.option("--until", metavar="DAY", help="To the end of this day, or before a moment.")
@click.option("--camera", help="Of this camera alone.")
@click.option("--kind", help="Of this kind alone, as events.csv names it.")
@click.option("--no-pictures", is_flag=True, help="Only the tables.")
@click.option("--originals", is_flag=True, help="Pictures as the cameras sent them, never blurred; the audit says so.")
@_json
def export_events(
    target: Path, since: str | None, until: str | None, camera: str | None, *, as_json: bool, **more: object
) -> None:
    """Write events and their pictures to TARGET: a folder, or a zip where it ends so."""
    settings = Settings.from_env(os.environ, pages=False)
    if more["originals"]:
        _note_originals(settings.database, target)
    with closing(open_database(settings.database, read_only=True)) as db:
        if camera is not None:
            registry.device(db, camera)
        row = db.execute("SELECT value FROM setting WHERE name = 'time_zone'").fetchone()
        zone = ZoneInfo(json.loads(row["value"])) if row else UTC
        wanted = Wanted(
            _moment(since, zone, 0),
            _moment(until, zone, 1),
            camera,
            str(more["kind"]) if more["kind"] else None,
            pictures=not more["no_pictures"],
            originals=bool(more["originals"]),
        )
        done = taking.export(db, settings.folder, wanted, target)
    if as_json:
        click.echo(json.dumps({"target": str(target), **asdict(done)}))
        return
    gone = f", {done.missing:,} were gone" if done.missing else ""
    click.echo(f"{done.events:,} events and {done.pictures:,} pictures are in {target}{gone}.")


def _note_originals(database: Path, target: Path) -> None:
    """Before anything is written: whoever takes whole pictures along is known."""
    with closing(open_durable(database)) as db, transaction(db):
        note(db, By(getpass.getuser(), datetime.now(UTC)), "originals exported", target.name)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Set what is there aside, and take its place.")
def restore(file: Path, *, replace: bool) -> None:
    """Put a backup back that was downloaded from the page Storage. Both processes have to be stopped."""
    settings = Settings.from_env(os.environ, pages=False)
    by = By(getpass.getuser(), datetime.now(UTC))
    done = restoring.restore(file, settings.database, settings.folder, by, replace=replace)
    for each in done.aside:
        click.echo(f"aside: {each}", err=True)
    gone = f" {done.missing:,} pictures were not in it." if done.missing else ""
    counts = {"camera": done.cameras, "event": done.events, "picture": done.pictures}
    back = [f"{count:,} {word}{'' if count == 1 else 's'}" for word, count in counts.items()]
    click.echo(f"{back[0]}, {back[1]} and {back[2]} of {done.at} are back.{gone}")


def _moment(text: str | None, zone: tzinfo, days: int) -> datetime | None:
    """The midnight where the appliance stands, `days` later; a moment as it is."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as why:
        raise click.BadParameter(f"{text} is no day: write 2026-11-20") from why
    if found.tzinfo is not None:
        return found
    return found.replace(tzinfo=zone) + timedelta(days=days if len(text) <= len("2026-11-20") else 0)
