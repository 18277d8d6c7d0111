"""A restore point as a value, its place in a store, and its record as JSON. Pure.

    APP/DATABASE/CHAIN/base.db.zst      the database at the chain's start, an ordinary SQLite file
    APP/DATABASE/CHAIN/000000.json      its record
    APP/DATABASE/CHAIN/000001.wal.zst   what changed since, an ordinary SQLite write-ahead log with one commit
    APP/DATABASE/CHAIN/000001.json      its record; a point exists from the moment its record does
    APP/DATABASE/CHAIN/restore.sh       restores the chain with `unzstd` and `sqlite3` alone

CHAIN is `EPOCH-HOST-STARTED`, for example `000003-pi2-20261121T024507123Z`: it belongs to one epoch of the lease and
to the host that held it, so two hosts never write into one chain.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from station.clock import from_text, to_text
from station.errors import DamagedObject

FORMAT = 1


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
    `object_sha256` is of the stored, compressed bytes.
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

    @property
    def is_base(self) -> bool:
        return self.seq == 0

    @property
    def folder(self) -> str:
        return f"{self.app}/{self.database}/{self.chain}"

    @property
    def object_key(self) -> str:
        return f"{self.folder}/base.db.zst" if self.is_base else f"{self.folder}/{self.seq:06d}.wal.zst"

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
        return Point(**(fields | {"taken_at": from_text(fields["taken_at"])}))
    except (ValueError, TypeError, KeyError, AttributeError) as why:
        why_not = {json.JSONDecodeError: "it is no JSON", KeyError: f"it has no {why}"}.get(type(why), str(why))
        raise DamagedObject(
            f"The record {key} cannot be read: {why_not}", "Run `station db verify` to see what is whole"
        ) from why
