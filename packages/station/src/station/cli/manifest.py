"""`station check-manifest`: is what the fleet's files say possible?"""

import click

from station.cli.console import error_json, json_option, show
from station.cli.session import Session, pass_session
from station.errors import ManifestError


@click.command()
@json_option
@pass_session
def check_manifest(session: Session, as_json: bool) -> None:
    """Check the fleet's manifest and name every mistake.

    Reads fleet.toml and every app.toml that it names; changes nothing. With --json the mistakes are in `mistakes`.
    """
    try:
        fleet = session.fleet
    except ManifestError as why:
        if as_json:
            first, *mistakes = why.message.splitlines()
            found = {"ok": False, "mistakes": [line.strip() for line in mistakes] or [first]}
            show(found | error_json(why, why.exit_code), str, as_json=True)
        raise
    counts = {"hosts": len(fleet.hosts), "apps": len(fleet.apps), "stores": len(fleet.stores)}
    result = {"ok": True, "mistakes": [], "fleet": fleet.name, "path": str(fleet.path)} | counts
    told = ", ".join(f"{count} {name if count != 1 else name[:-1]}" for name, count in counts.items())
    show(result, lambda _: f"ok: {fleet.name}, {told} ({fleet.path})", as_json)
