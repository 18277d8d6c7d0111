"""What must hold between the keys of an app's source and of its deploys. Pure."""

import re
from collections.abc import Iterator

from station.fleet.mistakes import Key, Mistake, must_exist
from station.fleet.raw import Raw, table, tables, text


def check_deploy(file: str, app: Raw) -> Iterator[Mistake]:
    """Mistakes within one `app.toml`: commands that must exist, and a switch that its processes must allow."""
    yield from check_source(file, ("source",), app)
    commands = list(table(app, "commands"))
    deploy = table(app, "deploy")
    named: dict[Key, str | None] = {("deploy", "migrate"): text(deploy, "migrate")}
    hooks = table(deploy, "hooks")
    named |= {("deploy", "hooks", moment): text(hooks, moment) for moment in hooks}
    for key, name in named.items():
        if name is not None:
            yield from must_exist(file, key, name, commands, f"command|in {file}")
    if text(deploy, "switch") == "overlap":
        yield from _check_overlap(file, app, migrates=text(deploy, "migrate") is not None)


def check_source(file: str, key: Key, holder: Raw) -> Iterator[Mistake]:
    """`key` is where the table `source` of `holder` stands."""
    its = table(holder, "source")
    if not its:
        return
    address = text(its, "git") or ""
    if re.match(r"[a-z+]+://[^/@]*:[^/@]*@", address):
        yield Mistake(file, (*key, "git"), "holds a password", "leave it out: the address is for everybody to read")
    if "git" in its and "package" in its:
        yield Mistake(file, (*key, "package"), "git is named as well", "name one of the two")
    elif "git" not in its and "package" not in its:
        yield Mistake(file, key, "names neither git nor package", "name one of the two")
    elif "package" in its:
        for name in ("branch", "folder", "lock"):
            if name in its:
                yield Mistake(file, (*key, name), "a package has none", "leave it out")


def _check_overlap(file: str, app: Raw, *, migrates: bool) -> Iterator[Mistake]:
    key: Key = ("deploy", "switch")
    gate = next((one for one in tables(app, "processes").values() if "health" in one), {})
    if not gate.get("socket"):
        yield Mistake(file, key, "two releases can not have one port", "add socket = true to the process with health")
    if migrates:
        yield Mistake(file, key, "the old release would meet the new schema", 'take "held", which migrates in between')
