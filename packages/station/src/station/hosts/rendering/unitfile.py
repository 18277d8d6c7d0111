"""The text of a unit file: sections, comments, and values quoted the way systemd reads them. Pure."""

import re
from collections.abc import Iterable, Mapping

HEADER = "# Made by Control Station from the fleet's manifest. Changes made here are undone; change the manifest."
Lines = Iterable[str]
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


def unit(sections: Mapping[str, Lines]) -> str:
    """The file, its sections in the given order; a section without lines is left out."""
    blocks = ["\n".join([f"[{name}]", *lines]) for name, given in sections.items() if (lines := list(given))]
    return "\n\n".join([HEADER, *blocks]) + "\n"


def text(value: str) -> str:
    """A value in which nothing is a specifier."""
    return value.replace("%", "%%")


def command(words: Iterable[str]) -> str:
    """A command line: every word as it is, no variables and no specifiers in it."""
    return " ".join(_word(word).replace("$", "$$") for word in words)


def paths(names: Iterable[str]) -> str:
    """A list of paths, as `ReadWritePaths=` takes it; spaces in them are no ends."""
    return " ".join(_word(name) for name in names)


def environment(variables: Mapping[str, str]) -> list[str]:
    """`Environment=` lines, one for each variable."""
    return [f"Environment={_word(f'{name}={value}')}" for name, value in variables.items()]


def environment_file(variables: Mapping[str, str]) -> str:
    """A file for `EnvironmentFile=`, which a shell can read too."""
    lines = [f"{name}={_assigned(value)}" for name, value in sorted(variables.items())]
    return "\n".join([HEADER, *lines]) + "\n"


def escaped_path(path: str) -> str:
    """The path as a unit's name has it, as `systemd-escape --path` prints it."""
    parts = [part for part in path.split("/") if part]
    name = "-".join("".join(_escaped(letter) for letter in part) for part in parts)
    return f"\\x2e{name[1:]}" if name.startswith(".") else name


def _word(word: str) -> str:
    word = word.replace("%", "%%")
    if _PLAIN.fullmatch(word):
        return word
    inner = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{inner}"'


def _assigned(value: str) -> str:
    """In quotes where anything could be special, and such that systemd and a shell read the same."""
    if not value or _PLAIN.fullmatch(value):
        return value
    if "'" not in value:
        return f"'{value}'"
    return '"' + re.sub(r'(["\\$`])', r"\\\1", value) + '"'


def _escaped(letter: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9:_.]", letter):
        return letter
    return "".join(f"\\x{byte:02x}" for byte in letter.encode())
