"""What one kind of store needs and another has no use for. Pure."""

from collections.abc import Iterator

from station.fleet.mistakes import Key, Mistake
from station.fleet.raw import Raw, tables, text
from station.fleet.written_store import ALLOWED, EVERYWHERE, NEEDED

TITLES = {"directory": "a directory", "dropbox": "Dropbox", "s3": "S3", "sftp": "SFTP"}
EXAMPLES = {
    "path": '"/station"',
    "credentials": '"/etc/station/store.env"',
    "bucket": '"ctv-backups"',
    "server": '"pi2.tailnet.ts.net"',
    "user": '"backup"',
    "private_key": '"/etc/station/ssh/id_ed25519"',
    "known_hosts": '"/etc/station/ssh/known_hosts"',
}


def check_store_kinds(file: str, raw: Raw) -> Iterator[Mistake]:
    """Keys that are missing for the store's kind, that belong to another one, and paths that cannot be one there."""
    for name, store in tables(raw, "stores").items():
        kind = text(store, "kind")
        if kind not in NEEDED:
            continue
        key: Key = ("stores", name)
        for needed in NEEDED[kind]:
            if needed not in store:
                right = f"{TITLES[kind]} needs it, for example {EXAMPLES[needed]}"
                yield Mistake(file, (*key, needed), "is missing", right)
        for other in store:
            if other in (*NEEDED[kind], *ALLOWED[kind], *EVERYWHERE):
                continue
            owners = [title for one, title in TITLES.items() if other in (*NEEDED[one], *ALLOWED[one])]
            if owners:  # a key that no kind knows is told of by the model
                right = "take it away, or write the right kind"
                yield Mistake(file, (*key, other), f"is for {' and '.join(owners)}", right)
        yield from _check_path(file, (*key, "path"), kind, text(store, "path"))


def _check_path(file: str, key: Key, kind: str, path: str | None) -> Iterator[Mistake]:
    if not path or kind == "directory":
        return
    wrong = f'is "{path}"'
    if kind in ("dropbox", "sftp") and not path.startswith("/"):
        yield Mistake(file, key, wrong, f"a path {'in Dropbox' if kind == 'dropbox' else 'over SFTP'} begins with /")
    elif kind == "s3" and path.startswith("/"):
        yield Mistake(file, key, wrong, "a prefix in a bucket does not begin with /")
    elif any(part in ("", ".", "..") for part in path.strip("/").split("/")):
        yield Mistake(file, key, wrong, "such a path has no empty names, . or .. in it")
