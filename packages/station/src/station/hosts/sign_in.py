"""The file that tells a person how to sign in for the first time: addresses, names and the generated passwords."""

from pathlib import Path

from station.durable import write_private
from station.fleet import App, Fleet
from station.fleet.addresses import address
from station.hosts.secrets import read_secret

PASSWORD = "first_admin_password"
_OPERATOR = "operator_password"
CONTROL = "station"  # the page keeps its secrets like an app of that name
CONTROL_SECRETS = {"secret_key": "generate", _OPERATOR: "generate"}


def state_root(fleet: Fleet) -> Path:
    """The folder that the host folders share."""
    parents = [host.folder.parent for host in fleet.hosts.values()]
    shared = parents[0]
    while not all(parent.is_relative_to(shared) for parent in parents):
        shared = shared.parent
    return shared


def sign_in_file(fleet: Fleet) -> Path:
    return state_root(fleet) / "sign-in.txt"


def write_sign_in(fleet: Fleet) -> None:
    """Write the file anew, 0600. A password that was changed since still stands here as it was generated."""
    blocks = ["How to sign in for the first time. Change the passwords there; this file keeps the first ones.\n"]
    for app in fleet.apps.values():
        password = read_secret(fleet.hosts[app.primary].paths.credentials(app.name), PASSWORD)
        if password:
            blocks.append(
                _block(app.title, address(app.bind, app.gate.port), _first_admin(app) | {"password": password})
            )
    control = fleet.control
    password = read_secret(fleet.hosts[control.host].paths.credentials(CONTROL), _OPERATOR)
    blocks.append(_block("Control Station", address(control.bind, control.port), {"password": password or ""}))
    write_private(sign_in_file(fleet), "\n".join(blocks))


def _first_admin(app: App) -> dict[str, str]:
    return {"name": app.first_admin} if app.first_admin else {}


def _block(title: str, url: str, told: dict[str, str]) -> str:
    return "\n".join([title, *(f"  {name:<10}{text}" for name, text in ({"address": url} | told).items()), ""])
