"""A restore point as a value, its place in a store, and its record as JSON. Pure.

    APP/DATABASE/CHAIN/base.db.zst      the database at the chain's start, an ordinary SQLite file
    APP/DATABASE/CHAIN/000000.json      its record
    APP/DATABASE/CHAIN/000001.wal.zst   what changed since, an ordinary SQLite write-ahead log with one commit
    APP/DATABASE/CHAIN/000001.json      its record; a point exists from the moment its record does
    APP/DATABASE/CHAIN/000002.delta     the same, as the difference to the pages that were there before (`points.delta`)
    APP/DATABASE/CHAIN/restore.sh       restores a chain of logs with `unzstd` and `sqlite3` alone
    APP/DATABASE/CHAIN/restore.py       restores any chain with Python and `zstd` (and `age`, where it is encrypted)

An object that is encrypted has `.age` after its name.

CHAIN is `EPOCH-HOST-STARTED`, for example `000003-pi2-20261121T024507123Z`: it belongs to one epoch of the lease and
to the host that held it, so two hosts never write into one chain.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from station.clock import from_text, to_text
from station.errors import DamagedObject

FORMAT = 1
SUFFIXES = {"plain": ".wal.zst", "delta": ".delta"}  # of a change, by its encoding


@dataclass(frozen=True)
class DatabaseId:
    """Which database of which app; the first two names of every key."""

    app: str
    database: str

    @property
    def prefix(self) -> str:
        return f"{self.app}/{self.database}/"


@dataclass(frozen=True)
class Point:
    """A moment that the database can be brought back to.

    `digest` is the order-independent sum of all page hashes (see `station.sqlite.scan`) as 32 hex digits; it names
    the content: two databases with the same digest, page size and page count hold the same pages.
    `object_sha256` is of the stored bytes, compressed and perhaps encrypted. `encoding` of a change: "plain" (a log) or
    "delta"; `key` is the age recipient that the object is encrypted to, "" when it is not.
    """

    app: str
    database: str
    chain: str
    seq: int
    epoch: int
    host: str
    taken_at: datetime
    page_size: int
    page_count: int
    changed_pages: int
    digest: str
    object_bytes: int
    object_sha256: str
    encoding: str = "plain"
    key: str = ""

    @property
    def is_base(self) -> bool:
        return self.seq == 0

    @property
    def folder(self) -> str:
        return f"{self.app}/{self.database}/{self.chain}"

    @property
    def object_key(self) -> str:
        name = "base.db.zst" if self.is_base else f"{self.seq:06d}{SUFFIXES[self.encoding]}"
        return f"{self.folder}/{name}{'.age' if self.key else ''}"

    @property
    def record_key(self) -> str:
        return f"{self.folder}/{self.seq:06d}.json"

    @property
    def name(self) -> str:
        """How a person names the point on the command line: chain and number."""
        return f"{self.chain}/{self.seq:06d}"


def chain_name(epoch: int, host: str, started_at: datetime) -> str:
    return f"{epoch:06d}-{host}-{to_text(started_at).replace('-', '').replace(':', '').replace('.', '')}"


def to_record(point: Point) -> bytes:
    fields = asdict(point) | {"taken_at": to_text(point.taken_at)}
    return (json.dumps({"format": FORMAT} | fields, indent=1) + "\n").encode()


def from_record(record: bytes, key: str) -> Point:
    """The point that `to_record` wrote. DamagedObject, naming `key`, when the text is no record of ours."""
    try:
        fields = json.loads(record)
        if fields.pop("format", None) != FORMAT:
            raise ValueError(f"it is not of format {FORMAT}")
        if fields.get("encoding", "plain") not in SUFFIXES:
            raise ValueError(f"it has an encoding that is not known here: {fields['encoding']}")
        return Point(**(fields | {"taken_at": from_text(fields["taken_at"])}))
    except (ValueError, TypeError, KeyError, AttributeError) as why:
        why_not = {json.JSONDecodeError: "it is no JSON", KeyError: f"it has no {why}"}.get(type(why), str(why))
        raise DamagedObject(
            f"The record {key} cannot be read: {why_not}", "Run `station db verify` to see what is whole"
        ) from why
