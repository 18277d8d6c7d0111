"""Paths as the service takes them: their form, what no name may be, and how names compare. Pure."""

from dropbox_emulator.arguments import Check, WrongArgument, text
from dropbox_emulator.errors import Refusal, Tagged, refused, union

READ_PATTERN = r"(/(.|[\r\n])*|id:.*)|(rev:[0-9a-f]{9,})|(ns:[0-9]+(/.*)?)"
WRITE_PATTERN = r"(/(.|[\r\n])*)|(ns:[0-9]+(/.*)?)|(id:.*)"
FOLDER_PATTERN = r"(/(.|[\r\n])*)?|id:.*|(ns:[0-9]+(/.*)?)"
DISALLOWED = {"desktop.ini", "thumbs.db", ".ds_store", "icon\r", ".dropbox", ".dropbox.attr"}
LONGEST_NAME = 255

read_path: Check = text(READ_PATTERN)
write_path: Check = text(WRITE_PATTERN)


def folder_path(value: object) -> str:
    """The path of a folder to list: the root is the empty text."""
    if value == "/":
        raise WrongArgument('Specify the root folder as an empty string rather than as "/".')
    return str(text(FOLDER_PATTERN)(value))


def lower(path: str) -> str:
    """How a path is compared: case does not count."""
    return path.lower()


def is_malformed(path: str) -> bool:
    """Empty names, `.` and `..`, a slash at the end, names that are too long, characters that no name has."""
    return any(
        name in ("", ".", "..") or len(name) > LONGEST_NAME or "\\" in name or "\0" in name
        for name in path.split("/")[1:]
    )


def check_writable(path: str, error: str) -> None:
    """Refuse a path that nothing can be written to; `error` is the tag that the route puts in front."""
    if path.startswith("ns:"):
        raise Refusal(400, text="this account has no other namespaces")
    if not path.startswith("/") or path == "/" or is_malformed(path):
        raise write_error(error, union("malformed_path"))
    if any(name.lower() in DISALLOWED for name in path.split("/")):
        raise write_error(error, union("disallowed_name"))


def write_error(error: str, reason: Tagged) -> Refusal:
    """A write that was refused; uploads have the reason in a struct."""
    if error == "upload":
        return refused("path", reason=reason, upload_session_id="")
    return refused(error, reason)


def conflict(error: str, what: str) -> Refusal:
    return write_error(error, union("conflict", union(what)))


def ancestors(path: str) -> list[str]:
    """`/a`, `/a/b` of `/a/b/c`."""
    names = path.split("/")[1:-1]
    return ["/" + "/".join(names[: place + 1]) for place in range(len(names))]


def numbered(path: str, number: int) -> str:
    """`/a/file (1).txt` of `/a/file.txt`: what autorename makes of it."""
    folder, _, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    if not stem:
        return f"{folder}/{name} ({number})"
    return f"{folder}/{stem} ({number}){dot}{ending}"
