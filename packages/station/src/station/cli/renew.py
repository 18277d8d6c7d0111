"""`station renew`: on a host, have all that is ours run the Control Station that counts now, or an earlier one."""

from typing import TYPE_CHECKING

import click

from station.cli.console import json_option, show

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command()
@click.option("--to", "name", default="", metavar="ID", help="An installed Control Station to go to first.")
@json_option
def renew(name: str, as_json: bool) -> None:
    """Restart what still runs an older Control Station than is installed.

    That is the agent, the page, the loops of restore points. `station bootstrap` does it at its end. Apps are
    neither stopped nor restarted. With --to it goes to another one that is installed, for example back to the one
    before.
    """
    from station.hosts.machine.here import require_root  # noqa: PLC0415
    from station.hosts.remote import renewing  # noqa: PLC0415

    require_root("renew")
    if name:
        renewing.choose(name)
    units = renewing.renew()
    current = (renewing.VENVS / "current").resolve().name
    show({"station": current, "installed": renewing.installed(), "restarted": units}, _text, as_json)


def _text(told: "Mapping[str, object]") -> str:
    units, there = told["restarted"], told["installed"]
    assert isinstance(units, list)
    assert isinstance(there, list)
    what = f"restarted {', '.join(units)}" if units else "nothing had to be restarted"
    others = [one for one in there if one != told["station"]]
    also = f"; also installed: {', '.join(others)}" if others else ""
    return f"Control Station {told['station']}: {what}{also}"
