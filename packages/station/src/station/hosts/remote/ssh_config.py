"""The lines of ~/.ssh/config by which ssh and VS Code find the hosts of a fleet. Pure."""

from collections.abc import Iterator

from station.fleet import Fleet, Host


def ssh_config(fleet: Fleet, hosts: list[Host], user: str = "", key: str = "") -> str:
    """A block for each machine, and a second one, HOST-ports, where something listens for the machine alone."""
    blocks = [f"# The fleet {fleet.name}, by `station ssh-config`."]
    for host in hosts:
        blocks.append("\n".join(_block(host, user, key)))
        ports = list(_ports(fleet, host))
        if ports:
            blocks.append("\n".join([*_block(host, user, key, suffix="-ports"), *ports]))
    return "\n\n".join(blocks)


def _block(host: Host, user: str, key: str, suffix: str = "") -> Iterator[str]:
    if suffix:
        yield f"# `ssh -N {host.name}{suffix}` brings these to 127.0.0.1 of this machine."
    yield f"Host {host.name}{suffix}"
    yield f"    HostName {host.address}"
    if user:
        yield f"    User {user}"
    if key:
        yield f"    IdentityFile {key}"
        yield "    IdentitiesOnly yes"
    yield "    ServerAliveInterval 60"
    yield "    ServerAliveCountMax 3"
    if suffix:
        yield "    ExitOnForwardFailure yes"


def _ports(fleet: Fleet, host: Host) -> Iterator[str]:
    """What listens on 127.0.0.1 there: the page, developers' instances, Datasette."""
    if fleet.control.host == host.name:
        yield from _forward(fleet.control.port, "the Control Station page")
    for app in fleet.apps.values():
        if app.dev is not None and app.primary == host.name:
            yield from _forward(app.dev.port, f"{app.title}: the instance of {app.dev.user}")
        if app.datasette is not None and app.datasette.host == host.name:
            yield from _forward(app.datasette.port, f"{app.title}: Datasette")


def _forward(port: int, what: str) -> Iterator[str]:
    yield f"    # {what}"
    yield f"    LocalForward 127.0.0.1:{port} 127.0.0.1:{port}"
