"""`${NAME}` in the words of a command, for programs that take from their words what an app is told by variables. Pure.

No shell reads a command, so nothing else in it means anything: `$NAME` stays as it is, and `$${` is a plain `${`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from station.fleet.mistakes import Key, Mistake, suggestion
from station.fleet.raw import Raw, table, tables, text, texts, whole

ALWAYS = ("DATA_PATH", "BIND", "HOST_NAME", "CREDENTIALS_DIRECTORY")
_MARK = re.compile(r"\$\$\{|\$\{([^}]*)\}")


def filled(words: Iterable[str], variables: Mapping[str, str]) -> tuple[str, ...]:
    """The words, each `${NAME}` replaced by that variable. A value is never split, whatever is in it.

    KeyError for a name that is not among them, which the checks of the manifest rule out.
    """

    def value(found: re.Match[str]) -> str:
        return "${" if found[1] is None else variables[found[1]]

    return tuple(_MARK.sub(value, word) for word in words)


def check_commands(file: str, app: Raw) -> Iterator[Mistake]:
    """Names in the commands of one `app.toml` that no process of that kind is told."""
    known = [text(its, "env") or "DATABASE_PATH" for its in tables(app, "databases").values()] + list(ALWAYS)
    for name, process in tables(app, "processes").items():
        with_port = [*known, "PORT"] if whole(process, "port") is not None else known
        yield from _check(file, ("processes", name, "command"), texts(process, "command"), with_port)
    for name, job in tables(app, "jobs").items():
        yield from _check(file, ("jobs", name, "command"), texts(job, "command"), known)
    commands = table(app, "commands")
    for name in commands:
        yield from _check(file, ("commands", name), texts(commands, name), known)


def _check(file: str, key: Key, words: list[str], known: list[str]) -> Iterator[Mistake]:
    for place, word in enumerate(words):
        for found in _MARK.finditer(word):
            if found[1] is not None and found[1] not in known:
                wrong = f"names ${{{found[1]}}}, which it is not told"
                yield Mistake(file, (*key, place), wrong, suggestion(found[1], known, "there are"))
